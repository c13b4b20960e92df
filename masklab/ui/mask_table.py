"""The table of painted intervals: the painter's work without a mouse."""

from __future__ import annotations

import copy
import hashlib
from typing import Any

import streamlit as st

from masklab.data.series import Panel
from masklab.masks.layers import MaskRecipe
from masklab.ui import guard
from masklab.ui.mask_intervals import ALL_CHANNELS, Interval, edited, painted_intervals, table
from masklab.ui.project import Project
from masklab.words import plain

ROWS_MOST = 500


def intervals_table(panel: Panel, recipe: MaskRecipe) -> None:
    """Show the painted intervals as a table that can be edited; edits paint and erase."""
    intervals = painted_intervals(recipe, panel)
    shown = intervals[:ROWS_MOST]
    if len(intervals) > ROWS_MOST:
        st.caption(f"The first {ROWS_MOST:,} of {len(intervals):,} painted intervals.")
    key = f"intervals.{_revision(panel, shown)}"
    st.data_editor(
        table(shown, panel),
        key=key,
        num_rows="dynamic",
        hide_index=True,
        width="stretch",
        column_config=_columns(panel),
        on_change=_apply,
        args=(key, shown, panel),
    )
    st.caption(
        "Add a row to hide a stretch, change or delete rows; start and end are included. "
        f"{_clock_words(panel)}"
    )


def _apply(key: str, intervals: list[Interval], panel: Panel) -> None:
    edits = copy.deepcopy(dict(st.session_state[key]))

    def step(project: Project) -> Project:
        return project.with_recipe(edited(project.recipe, intervals, edits, panel))

    guard.save(step)


def _columns(panel: Panel) -> dict[str, Any]:
    several = len(panel) > 1
    series = st.column_config.SelectboxColumn(
        "Series", options=list(panel.names), default=panel.names[0], required=True
    )
    channel = st.column_config.SelectboxColumn(
        "Channel", options=[ALL_CHANNELS, *panel.channels], default=ALL_CHANNELS, required=True
    )
    return {
        "series": series if several else None,
        "channel": channel,
        "start": _clock_column("Start", panel),
        "end": _clock_column("End", panel),
    }


def _clock_column(title: str, panel: Panel) -> Any:
    if panel.clock_kind == "step":
        return st.column_config.NumberColumn(f"{title} (step)", step=1, format="localized")
    return st.column_config.DatetimeColumn(title, format="YYYY-MM-DD HH:mm:ss", step=1)


def _clock_words(panel: Panel) -> str:
    if panel.clock_kind == "step":
        return "The clock counts steps."
    return (
        f"Times are in {plain(panel.timezone)}."
        if panel.timezone
        else "Times as the file has them."
    )


def _revision(panel: Panel, intervals: list[Interval]) -> str:
    return hashlib.sha256(repr((panel.content_hash, intervals)).encode()).hexdigest()[:16]
