"""Which experiment is on screen: the address first, then the project's, then the newest."""

from __future__ import annotations

import datetime

import streamlit as st

from masklab.runs.rows import ExperimentRow
from masklab.ui import state
from masklab.ui.words import counted

_KEY = "compare.experiment"


def chosen_experiment() -> ExperimentRow | None:
    """Let the user choose among the experiments of the store; None if there is none.

    The choice is kept in the address as `?experiment=` and in the project.
    """
    rows = {row.id: row for row in state.store().experiments()}
    if not rows:
        return None
    asked = st.query_params.get("experiment")
    wanted = [asked, state.project().experiment_id, next(iter(rows))]
    current = next(one for one in wanted if one in rows)
    if asked and asked != current:
        st.warning(f"There is no experiment {asked!r} in this store; the page shows another one.")
    st.session_state[_KEY] = current
    st.selectbox(
        "Experiment",
        list(rows),
        format_func=lambda identity: label(rows[identity]),
        key=_KEY,
        on_change=_choose,
    )
    st.query_params["experiment"] = current
    return rows[current]


def label(row: ExperimentRow) -> str:
    """Return an experiment in one line: name, runs, when it was made."""
    made = datetime.datetime.fromtimestamp(row.created).astimezone()
    return f"{row.name} · {counted(row.total, 'run')} · {made:%d %b %Y, %H:%M}"


def _choose() -> None:
    chosen = st.session_state[_KEY]
    st.query_params["experiment"] = chosen
    state.update(experiment_id=chosen)
