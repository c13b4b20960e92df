"""A file before it is accepted: its first rows, what reading says, the guesses to correct."""

from __future__ import annotations

import numpy as np
import streamlit as st

from masklab.charts.lane import local_times
from masklab.data.preview import Preview
from masklab.errors import MaskLabError
from masklab.ui.data_candidate import Candidate, accept, correct, drop
from masklab.ui.data_reading import reading_controls
from masklab.words import counted, plain

_ROLES = {
    "time": "Time",
    "series": "Series",
    "channel": "Channel",
    "variable": "Variable",
    "value": "Value",
}


def look(candidate: Candidate) -> None:
    """Draw the candidate with all that can be corrected; accepting makes it the project's data."""
    seen = candidate.seen()
    top, buttons = st.columns([0.6, 0.4], vertical_alignment="bottom")
    top.subheader(f"Is {plain(candidate.title)} read as you mean it?", anchor=False)
    with buttons.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Back", key="data.back"):
            drop()
            st.rerun()
        if st.button(
            "Use this data",
            type="secondary" if seen.panel is None else "primary",
            key="data.accept",
            disabled=seen.panel is None,
        ):
            _accept()
    main, side = st.columns([0.68, 0.32], gap="medium")
    with side:
        reading_controls(seen)
    with main:
        _problems(seen)
        _summary(seen)
        _table(seen)
        for note in seen.warnings:
            st.caption(f":material/info: {plain(note)}")


def _accept() -> None:
    try:
        st.session_state["data.left_out"] = accept()
    except MaskLabError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    st.session_state["data.choosing"] = st.session_state["data.opening"] = False
    st.rerun()


def _problems(seen: Preview) -> None:
    for number, problem in enumerate(seen.problems):
        with st.container(border=True):
            st.markdown(f":red[:material/error:] {plain(problem.text)}")
            with st.container(horizontal=True):
                for fix in problem.fixes:
                    key = f"data.fix.{number}.{fix.label}"
                    if st.button(plain(fix.label), key=key):
                        correct(**fix.change)
                        st.rerun()


def _summary(seen: Preview) -> None:
    if seen.panel is None:
        if seen.rows:
            st.caption(f"{counted(seen.rows, 'row')} and {counted(len(seen.columns), 'column')}.")
        return
    panel = seen.panel
    first, last = local_times(panel, np.array([panel.clock.min(), panel.clock.max()]))
    series = f"{len(panel)} series, " if len(panel) > 1 else ""
    times = (
        f"{counted(panel.rows, 'step')}"
        if panel.clock_kind == "step"
        else f"{_minute(first)} to {_minute(last)} {plain(panel.timezone or '')}".strip()
    )
    st.markdown(
        f"**{series}{counted(panel.rows, 'row')}, {counted(len(panel.channels), 'channel')}**, {times}"
    )


def _minute(time: object) -> str:
    return str(time)[:16].replace("T", " ")


def _table(seen: Preview) -> None:
    if seen.head.empty:
        return
    names = {}
    for column in seen.columns:
        role = _ROLES.get(column.role)
        names[column.name] = f"{column.name} · {role}" if role else f"{column.name} · left out"
    shown = seen.head.iloc[:, :60].rename(columns=names)
    st.dataframe(
        shown, hide_index=True, height=min(420, 37 + 35 * len(shown)), placeholder="missing"
    )
    st.caption(f"The first {len(shown):,} of {seen.rows:,} rows, as the file has them.")
