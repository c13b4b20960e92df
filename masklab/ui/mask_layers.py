"""The panel of layers beside the picture: their list, and the settings of the one that is open."""

from __future__ import annotations

from functools import partial
from typing import get_args

import numpy as np
import streamlit as st
from jaxtyping import Int8

from masklab.charts.palette import layer_colour
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.coverage import LayerCount
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.recipe_file import fitted
from masklab.masks.rule import Family
from masklab.ui import guard, state
from masklab.ui.layer_edits import Change, added, changed
from masklab.ui.layer_effects import count_words, effects
from masklab.ui.layer_form import Ways, layer_form
from masklab.ui.layer_list import Row, layer_list, layer_names, receive
from masklab.ui.layer_list.wishes import GONE
from masklab.ui.layer_names import named
from masklab.ui.layer_preview import would_do
from masklab.ui.live_slider import Preview
from masklab.ui.mask_page import preview, series_on_screen
from masklab.ui.project import Project
from masklab.ui.run_lengths import layer_numbers
from masklab.ui.seen_warnings import of_findings
from masklab.ui.ways_out import warnings

_KEY = "masklab.layers"
_ICONS: dict[Family, str] = {
    "By value": ":material/straighten:",
    "By change": ":material/show_chart:",
    "By time": ":material/schedule:",
    "By gaps and events": ":material/arrow_range:",
    "At random": ":material/casino:",
    "Shape of the mask": ":material/format_shapes:",
    "By hand": ":material/brush:",
}
_LIST, _OPEN = f"{_KEY}.list", f"{_KEY}.open"


def layers_panel(panel: Panel, parts: Int8[np.ndarray, "row"]) -> None:
    """Draw the layers of the recipe in use. Edits are saved in callbacks, before the page is drawn."""
    recipe = state.recipe()
    _head(panel)
    if not recipe.layers:
        st.caption("No layers yet. Paint on the picture, or add a rule: nights, a value range.")
    effect = effects(panel, parts, recipe)
    warnings(of_findings(effect.findings, recipe, panel.channels), f"{_KEY}.warned")
    names = layer_names(recipe.layers)
    opened = st.session_state.get(_OPEN)
    rows = [
        _row(number, place, layer, count)
        for place, (number, layer, count) in enumerate(
            zip(names.numbers, recipe.layers, effect.counts, strict=True)
        )
    ]
    layer_list(rows, opened, key=_list_key(), choose=_choose)
    place = names.place(opened) if opened else None
    if opened and place is not None:
        with st.container(border=True, gap="small", key=f"{_KEY}.{opened}"):
            _settings(opened, recipe.layers[place], panel, parts)
            layer_numbers(panel, parts, recipe, place, effect.counts[place])


def receive_layers() -> None:
    """Carry out what the list of layers sent, before the page looks at the recipe."""
    receive(_list_key())


def _list_key() -> str:
    return f"{_LIST}.{state.work_id()}"


def _head(panel: Panel) -> None:
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


def _row(number: int, place: int, layer: Layer, count: LayerCount) -> Row:
    return Row(
        layer=number,
        label=layer.label or layer.rule.title,
        name=layer.name,
        summary=layer.rule.summary() or layer.rule.title,
        enabled=layer.enabled,
        locked=layer.locked,
        colour=layer.colour,
        swatch=layer_colour(layer.colour, place),
        opacity=layer.opacity,
        told=count_words(count),
        aim="".join(f" · {one}" for one in _aim(layer)),
        about=f"{layer.rule.title}: {layer.rule.summary()}",
        problem=bool(count.problem),
    )


def _aim(layer: Layer) -> list[str]:
    """Return where a layer acts, in the few words of its row."""
    told = [_some(names) for names in (layer.channels, layer.series) if names is not None]
    return told if layer.scope == "both" else [*told, f"{layer.scope} only"]


def _some(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _settings(number: int, layer: Layer, panel: Panel, parts: Int8[np.ndarray, "row"]) -> None:
    ways = Ways(
            number, partial(_change, number), partial(_would, number, panel, parts),
            partial(series_on_screen, panel),
        )  # fmt: skip
    layer_form(layer, panel, ways, key=f"{_KEY}.{number}")


def _change(number: int, change: Change) -> None:
    """Save a change of a layer, done to what it is by then, wherever it stands by then."""
    known = layer_names(state.recipe().layers)

    def step(project: Project) -> Project:
        place = named(known, project.recipe.layers).place(number)
        if place is None:
            raise MaskError(GONE)
        return project.with_recipe(changed(project.recipe, place, change))

    guard.save(step)


def _would(number: int, panel: Panel, parts: Int8[np.ndarray, "row"], change: Change) -> Preview:
    """Return what a change of a layer would do, done to the newest state of all."""
    layers = state.recipe().layers
    place = layer_names(layers).place(number)
    if place is None:
        return Preview(GONE)
    try:
        changed = change(layers[place])
    except MaskError as error:
        return Preview(str(error))
    layers = (*layers[:place], changed, *layers[place + 1 :])
    return Preview(
        would_do(layers, place, panel, parts),
        preview(panel, parts, fitted(MaskRecipe(layers=layers), panel)),
    )


def _add(key: str, panel: Panel) -> None:
    kind = st.session_state[key]
    guard.save(lambda project: project.with_recipe(added(project.recipe, kind, panel)))
    st.session_state[_OPEN] = layer_names(state.recipe().layers).numbers[-1]


def _choose(number: int | None) -> None:
    st.session_state[_OPEN] = number
