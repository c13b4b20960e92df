"""How long hidden stretches are: of the open layer, beside its rate, and of the whole mask."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping

import numpy as np
import streamlit as st
from jaxtyping import Int8

from masklab.charts.run_lengths import Lengths, run_length_chart
from masklab.data.clock import interval, is_regular
from masklab.data.series import Panel
from masklab.masks.coverage import LayerCount, run_lengths, selected_lengths
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.layers import Layer, MaskRecipe, Step
from masklab.masks.mask import Mask
from masklab.masks.native_gaps import native_gaps
from masklab.ui import words
from masklab.ui.theme import ink


def layer_numbers(
    panel: Panel,
    parts: Int8[np.ndarray, "row"],
    recipe: MaskRecipe,
    place: int,
    count: LayerCount,
) -> None:
    """Show what the open layer drew beside what was asked, and how long its stretches are."""
    if not count.enabled or count.problem:
        return
    layer = recipe.layers[place]
    if told := realised(layer, count):
        st.caption(told)
    upto = _without_misfits(recipe, place, panel)
    split = hashlib.sha256(parts.tobytes()).hexdigest()
    found, native = _selected(panel, parts, panel.content_hash, split, upto.model_dump_json())
    shown = {"This layer": found, **({} if native is None else {"The file's gaps": native})}
    _lengths(panel, shown, key=f"masklab.run_lengths.{place}")


def mask_lengths(panel: Panel, mask: Mask, revision: str) -> None:
    """Show how long the stretches are that a model may not use; `revision` names the mask."""
    content = panel.content_hash
    native = _masked(panel, Mask(panel.native, panel.channels), content)
    masked = _masked(panel, mask, f"{content}:{revision}")
    shown = {"Masked": masked, "Missing in the file": native}
    held = {name: one for name, one in shown.items() if one.count}
    if held:
        st.markdown("**How long the masked stretches are**")
    _lengths(panel, held, key="masklab.run_lengths")


def realised(layer: Layer, count: LayerCount) -> str:
    """Return the realised rate of a random rule beside the one that was asked; empty for others."""
    drawn = words.of(count.selected, count.pool, f"{count.unit} that it can change")
    if isinstance(layer.rule, LikeNative):
        amount = "as much" if layer.rule.amount == 1 else f"{layer.rule.amount:g} times as much"
        return f"Asked: {amount} as the file lacks of each channel. Drawn: {drawn}."
    rate = getattr(layer.rule, "rate", None)
    return "" if rate is None else f"Asked: {100 * rate:g} %. Drawn: {drawn}."


def in_words(lengths: Lengths, panel: Panel) -> str:
    """Return how many stretches there are, their mean and their longest, in steps and time."""
    count = lengths.count
    if not count:
        return "no stretch."
    mean, longest = f"{lengths.mean:.3g}", words.steps(lengths.longest, panel)
    return (
        f"{count:,} stretch{'' if count == 1 else 'es'}, "
        f"{mean} step{'' if mean == '1' else 's'} on average; "
        f"the longest: {longest}."
    )


def _lengths(panel: Panel, shown: Mapping[str, Lengths], key: str) -> None:
    if not any(one.count for one in shown.values()):
        return
    step = None
    if panel.clock_kind == "time" and panel.rows > 1:
        step = float(interval(panel) / np.timedelta64(1, "s"))
    figure = run_length_chart(
        shown, step_seconds=step, about=step is not None and not is_regular(panel), ink=ink()
    )
    st.plotly_chart(figure, key=key, width="stretch", config={"displayModeBar": False})
    for name, one in shown.items():
        st.caption(f"{name}: {in_words(one, panel)}")


def _without_misfits(recipe: MaskRecipe, place: int, panel: Panel) -> MaskRecipe:
    """Return the layers up to a place, those that don't fit the data switched off."""
    kept = tuple(
        layer.model_copy(update={"enabled": layer.enabled and not layer.misfits(panel)})
        for layer in recipe.layers[: place + 1]
    )
    return recipe.model_copy(update={"layers": kept})


@st.cache_resource(show_spinner=False, max_entries=32)
def _selected(
    _panel: Panel, _parts: Int8[np.ndarray, "row"], content: str, split: str, recipe: str
) -> tuple[Lengths, Lengths | None]:
    """Return what the last layer selects, and the file's gaps if it imitates them."""
    (last,) = deque(MaskRecipe.model_validate_json(recipe).steps(_panel, _parts), maxlen=1)
    native = _imitated(_panel, last) if isinstance(last.layer.rule, LikeNative) else None
    return Lengths.of(selected_lengths(_panel, last)), native


def _imitated(panel: Panel, step: Step) -> Lengths:
    """Return the file's gaps, those of each channel counting for as much as is drawn by them."""
    found = native_gaps(panel)
    drawn = dict(zip(panel.channels, step.selected.sum(axis=0).tolist(), strict=True))
    lengths = [one.lengths for one in found.values()]
    weights = [
        np.full(len(one.lengths), drawn[name] / one.lengths.sum()) for name, one in found.items()
    ]
    return Lengths.of(np.concatenate(lengths), np.concatenate(weights))


@st.cache_resource(show_spinner=False, max_entries=16)
def _masked(_panel: Panel, _mask: Mask, revision: str) -> Lengths:
    return Lengths.of(run_lengths(_panel, _mask))
