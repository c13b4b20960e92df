"""The masks of two experiments on the same data: which cells each hides, counted and drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import UInt8

from masklab.charts.difference_picture import View, difference_picture, two_sided
from masklab.charts.ribbon import stretches
from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.masks.difference import Change, cell_changes, change_counts
from masklab.runs.panels import panel_of
from masklab.runs.spec import Experiment
from masklab.ui import state, words
from masklab.ui.zoomed_picture import zoomed_picture
from masklab.words import plain

CHANNELS_SHOWN = 4
_KEY = "compare.masks_apart"
_ONLY_FIRST, _ONLY_SECOND = "hidden in the first only", "hidden in the second only"

_Cells = UInt8[np.ndarray, "row channel"]


def masks_apart(
    first: Experiment, second: Experiment, ids: tuple[str, str], names: tuple[str, str]
) -> None:
    """Draw what only one of the masks hides, with counts for each channel."""
    try:
        panel, changes = _changes(first, second, *ids, str(state.store().directory))
    except MaskLabError as error:
        st.warning(plain(str(error)), icon=":material/block:")
        return
    counts = change_counts(panel, changes)
    apart = counts["now_hidden"] + counts["now_visible"]
    st.markdown(_sentence(counts))
    if not apart.any():
        return
    st.caption(f"First: {plain(names[0])}. Second: {plain(names[1])}. Band: the second's split.")
    _picture(panel, changes, apart, second)
    st.dataframe(_shown_counts(counts), hide_index=True, width="stretch")


def _sentence(counts: pd.DataFrame) -> str:
    cells = int(counts["cells"].sum())
    both, second, first = (
        int(counts[name].sum()) for name in ("hidden", "now_hidden", "now_visible")
    )
    if not first and not second:
        return f"Both masks hide the same cells: {words.of(both, cells, 'cells')}."
    return (
        f"Only the first hides {words.of(first, cells, 'cells')}, only the second "
        f"{words.of(second, cells)}; both hide {words.of(both, cells)}."
    )


def _picture(panel: Panel, changes: _Cells, apart: pd.Series, second: Experiment) -> None:
    series = 0
    if len(panel) > 1:
        many = [_count(changes[panel.rows_of(one)]) for one in range(len(panel))]
        series = st.selectbox(
            "Series", range(len(panel)), index=int(np.argmax(many)), key=f"{_KEY}.series",
            format_func=lambda one: f"{panel.names[one]} ({many[one]:,} cells differ)",
        )  # fmt: skip
    order = apart.sort_values(ascending=False, kind="stable")
    shown = {panel.channels[int(str(at))] for at in order.index[:CHANNELS_SHOWN] if order[at]}
    channels = tuple(name for name in panel.channels if name in shown)
    parts = stretches(panel, second.split, series)
    kinds = two_sided("hidden in both", _ONLY_SECOND, _ONLY_FIRST)
    zoomed_picture(
        panel, series,
        lambda window: difference_picture(panel, changes, View(series, channels, parts, window), kinds),
        key=_KEY, alt=f"{', '.join(channels)} of {panel.names[series]} over time, with both masks",
    )  # fmt: skip
    if len(channels) < int((apart > 0).sum()):
        st.caption(f"The {len(channels)} channels that differ most. The table has all of them.")


def _shown_counts(counts: pd.DataFrame) -> pd.DataFrame:
    columns = {
        "Only the first hides": "now_visible",
        "Only the second hides": "now_hidden",
        "Both hide": "hidden",
    }
    told = {"Channel": counts["channel"]}
    for title, name in columns.items():
        pairs = zip(counts[name], counts["cells"], strict=True)
        told[title] = pd.Series([words.of(part, whole) for part, whole in pairs])
    return pd.DataFrame(told)


def _count(changes: _Cells) -> int:
    return int(np.count_nonzero((changes == Change.NOW_HIDDEN) | (changes == Change.NOW_VISIBLE)))


@st.cache_resource(show_spinner="Applying both masks", max_entries=4)
def _changes(
    _first: Experiment, _second: Experiment, first_id: str, second_id: str, directory: str
) -> tuple[Panel, _Cells]:
    panel = panel_of(Path(directory), _first)
    masks = [one.recipe.apply(panel, one.split.parts(panel)) for one in (_first, _second)]
    return panel, cell_changes(panel, *masks)
