"""The table of runs in the drawer: a row each, chosen by their boxes and known by their id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from masklab.runs.rows import RunRow
from masklab.ui.run_words import pace, place, size, status_words
from masklab.ui.words import about

KEY = "runs.table"
_CHOSEN = "runs.chosen"
_SHOWN = "runs.shown"
_ORDER = ("running", "queued", "paused", "failed", "stopped", "finished")
_MOST_ROWS = 8
_PRIORITIES = {1: "high", 0: "", -1: "low"}


def in_order(runs: Sequence[RunRow]) -> list[RunRow]:
    """Return runs as the table has them: training, waiting in their turns, then what has ended."""
    return sorted(runs, key=lambda run: (_ORDER.index(run.status), run.turn or 0))


def runs_frame(runs: Sequence[RunRow], names: Mapping[str, str]) -> pd.DataFrame:
    """Return the table; `names` of the experiments, a column of its own where there are several."""
    frame = pd.DataFrame(
        {
            "Experiment": [names.get(run.experiment_id, "") for run in runs],
            "Strategy": [run.strategy for run in runs],
            "Seed": [run.seed for run in runs],
            "Progress": [
                1.0 if run.status == "finished" else run.epoch / run.epochs for run in runs
            ],
            "Status": [status_words(run) for run in runs],
            "Time left": [about(run.seconds_left) if run.seconds_left else "" for run in runs],
            "Epoch": [pace(run) for run in runs],
            "Device": [place(run) for run in runs],
            "Memory": [size(run.memory) if run.memory else "" for run in runs],
            "Priority": [_PRIORITIES.get(run.priority, f"{run.priority:+d}") for run in runs],
        }
    )
    # Empty columns stay: a table whose columns change loses the click that comes with it.
    return frame if len(names) > 1 else frame.drop(columns="Experiment")


def runs_table(runs: Sequence[RunRow], names: Mapping[str, str]) -> list[RunRow]:
    """Draw the table of runs in their order; return those that are chosen."""
    ids = [run.id for run in runs]
    chosen = set(st.session_state.get(_CHOSEN, ())) & set(ids)
    rows = [row for row, run_id in enumerate(ids) if run_id in chosen]
    # A run's row moves when another one ends: its tick must move along.
    if ids != st.session_state.get(_SHOWN):
        st.session_state[KEY] = {"selection": {"rows": rows, "columns": [], "cells": []}}
        st.session_state[_SHOWN] = ids
    st.dataframe(
        runs_frame(runs, names),
        key=KEY,
        hide_index=True,
        placeholder="",
        on_select=_chosen,
        selection_mode="multi-row",
        height=38 + 35 * min(max(len(runs), 1), _MOST_ROWS),
        column_config={
            "Experiment": st.column_config.TextColumn(width=110),
            "Strategy": st.column_config.TextColumn(width=100),
            "Seed": st.column_config.NumberColumn(width=45),
            "Progress": st.column_config.ProgressColumn(format=" ", width=70),
            "Status": st.column_config.TextColumn(width=190),
            "Time left": st.column_config.TextColumn(
                width=90, help="Until the run ends, its time in the queue included."
            ),
            "Epoch": st.column_config.TextColumn(width=65, help="Seconds that an epoch takes."),
            "Device": st.column_config.TextColumn(width=65),
            "Memory": st.column_config.TextColumn(
                width=70, help="What its process held at most beside what all processes share."
            ),
            "Priority": st.column_config.TextColumn(width=65),
        },
    )
    return [run for run in runs if run.id in chosen]


def _chosen() -> None:
    shown, rows = st.session_state.get(_SHOWN, ()), st.session_state[KEY]["selection"]["rows"]
    st.session_state[_CHOSEN] = [shown[row] for row in rows if row < len(shown)]
