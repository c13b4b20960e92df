"""The list of layers beside the picture: on and off, order, settings, and what each one hides."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import numpy as np
import streamlit as st
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.masks.coverage import LayerCount
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Family
from masklab.ui import words
from masklab.ui.layer_edits import added, duplicated, moved, place_of, removed, replaced
from masklab.ui.layer_effects import count_words, effects
from masklab.ui.layer_form import layer_form
from masklab.ui.markdown import plain

Edit = Callable[[MaskRecipe], MaskRecipe]

_KEY = "masklab.layers"
_WAITING, _OPEN, _LOST = f"{_KEY}.waiting", f"{_KEY}.open", f"{_KEY}.lost"
_ICONS: dict[Family, str] = {
    "By value": ":material/straighten:",
    "By change": ":material/show_chart:",
    "By time": ":material/schedule:",
    "By gaps and events": ":material/arrow_range:",
    "At random": ":material/casino:",
    "Shape of the mask": ":material/format_shapes:",
    "By hand": ":material/brush:",
}
_ACTS = ("Move up", "Move down", "Duplicate", "Delete")
GONE = "That layer was changed elsewhere meanwhile; here is its newest state."


def layers_panel(
    panel: Panel, parts: Int8[np.ndarray, "row"], recipe: MaskRecipe
) -> MaskRecipe | None:
    """Draw the layers of a recipe; return the recipe that a user's edit makes of it, else None.

    After an edit nothing is drawn: put the recipe in use and run the page again.
    """
    changed = _after_edits(recipe)
    if changed != recipe:
        return changed
    _head(panel, recipe)
    if st.session_state.pop(_LOST, False):
        st.info(GONE)
    if not recipe.layers:
        st.caption("No layers yet. Paint on the picture, or add a rule: nights, a value range.")
        return None
    effect = effects(panel, parts, recipe)
    for finding in effect.findings:
        st.warning(plain(finding))
    for place, (layer, count) in enumerate(zip(recipe.layers, effect.counts, strict=True)):
        with st.container(border=True, gap="xsmall", key=f"{_KEY}.{place}"):
            _row(place, layer, count, len(recipe.layers))
            if st.session_state.get(_OPEN) == place:
                change = partial(_change, place, layer)
                layer_form(layer, panel, key=f"{_KEY}.{place}", change=change)
                _realised(layer, count)
    return None


def _head(panel: Panel, recipe: MaskRecipe) -> None:
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):
        st.subheader("Layers", anchor=False, width="content", help="They act from top to bottom.")
        key = f"{_KEY}.add"
        st.menu_button(
            "Add layer", menu_kinds(), key=key, icon=":material/add:", type="primary",
            format_func=_entry, on_click=_add, args=(key, panel),
        )  # fmt: skip


def menu_kinds() -> list[str]:
    """Return the kinds that "Add layer" offers, those of one family side by side."""
    order = get_args(Family)
    kinds = [kind for kind, rule in RULES.items() if rule.in_menu]
    return sorted(kinds, key=lambda kind: (order.index(RULES[kind].family), RULES[kind].title))


def _entry(kind: str) -> str:
    return f"{_ICONS[RULES[kind].family]} {RULES[kind].title}"


def _row(place: int, layer: Layer, count: LayerCount, total: int) -> None:
    is_open = st.session_state.get(_OPEN) == place
    row: dict[str, Any] = {
        "horizontal": True,
        "vertical_alignment": "center",
        "gap": "xsmall",
        "wrap": False,
    }
    with st.container(**row, horizontal_alignment="distribute"):
        with st.container(**row):
            on = f"{_KEY}.{place}.on"
            st.session_state[on] = layer.enabled
            st.checkbox(
                f"Layer {place + 1} is on", key=on, label_visibility="collapsed",
                on_change=_switch, args=(place, layer, on),
            )  # fmt: skip
            st.button(
                _headline(layer), key=f"{_KEY}.{place}.open", type="tertiary",
                icon=":material/expand_less:" if is_open else ":material/expand_more:",
                icon_position="right", on_click=_toggle, args=(place,), wrap=True,
                help=plain(f"{layer.rule.title}: {layer.rule.summary()}"),
            )  # fmt: skip
        acts = f"{_KEY}.{place}.act"
        useless = {"Move up"} if place == 0 else set()
        useless |= {"Move down"} if place == total - 1 else set()
        st.menu_button(
            "More", [one for one in _ACTS if one not in useless], key=acts, type="tertiary",
            on_click=_act, args=(place, layer, acts),
            help=f"Move, duplicate or delete layer {place + 1}",
        )  # fmt: skip
    where = [] if layer.channels is None else [plain(", ".join(layer.channels))]
    where += [] if layer.scope == "both" else [f"{layer.scope} only"]
    st.caption(" · ".join([count_words(count), *where]))


def _realised(layer: Layer, count: LayerCount) -> None:
    """Show the realised rate of a random rule beside the one that was asked."""
    rate = getattr(layer.rule, "rate", None)
    if rate is None or not count.enabled or count.problem:
        return
    drawn = words.of(count.selected, count.pool, "cells that it can change")
    st.caption(f"Asked: {100 * rate:g} %. Drawn: {drawn}.")


def _after_edits(recipe: MaskRecipe) -> MaskRecipe:
    edits: list[Edit] = st.session_state.pop(_WAITING, [])
    for edit in edits:
        recipe = edit(recipe)
    return recipe


def _queue(edit: Edit) -> None:
    st.session_state[_WAITING] = [*st.session_state.get(_WAITING, []), edit]


def _on_layer(place: int, layer: Layer, edit: Callable[[MaskRecipe, int], MaskRecipe]) -> None:
    """Queue an edit of a layer as it was drawn, to be done where it stands by then."""

    def do(recipe: MaskRecipe) -> MaskRecipe:
        now = place_of(recipe, place, layer)
        if now is None:
            st.session_state[_LOST] = True
            return recipe
        return edit(recipe, now)

    _queue(do)


def _change(place: int, layer: Layer, changed: Layer) -> None:
    _on_layer(place, layer, lambda recipe, now: replaced(recipe, now, changed))


def _switch(place: int, layer: Layer, key: str) -> None:
    _change(place, layer, layer.model_copy(update={"enabled": st.session_state[key]}))


def _add(key: str, panel: Panel) -> None:
    kind = st.session_state[key]

    def do(recipe: MaskRecipe) -> MaskRecipe:
        st.session_state[_OPEN] = len(recipe.layers)
        return added(recipe, kind, panel)

    _queue(do)


def _act(place: int, layer: Layer, key: str) -> None:
    match st.session_state[key]:
        case "Move up":
            _on_layer(place, layer, lambda recipe, now: moved(recipe, now, -1))
            _follow(place, place - 1)
        case "Move down":
            _on_layer(place, layer, lambda recipe, now: moved(recipe, now, 1))
            _follow(place, place + 1)
        case "Duplicate":
            _on_layer(place, layer, duplicated)
            st.session_state[_OPEN] = place + 1
        case "Delete":
            _on_layer(place, layer, removed)
            st.session_state[_OPEN] = None


def _follow(old: int, new: int) -> None:
    """Keep the same layer open after two neighbours changed places."""
    opened = st.session_state.get(_OPEN)
    if opened in (old, new):
        st.session_state[_OPEN] = new if opened == old else old


def _toggle(place: int) -> None:
    st.session_state[_OPEN] = None if st.session_state.get(_OPEN) == place else place


def _headline(layer: Layer, most: int = 60) -> str:
    """Return the layer's label as a row shows it, safe from Markdown."""
    text = layer.label if len(layer.label) <= most else f"{layer.label[: most - 1]}…"
    return plain(text[:1].upper() + text[1:])
