"""One run looked into: why it failed, its log, what happened to it, what it was computed with."""

from __future__ import annotations

import json

import pandas as pd
import streamlit as st

from masklab.runs.remedies import what_to_do
from masklab.runs.rows import RunRow
from masklab.ui import state
from masklab.ui.run_words import moment, pace, place, size, status_words
from masklab.words import plain

_VIEWS = ("Log", "Events", "Computed with", "Settings")
_LINES = 20
_EVENTS = 50


def run_details(run: RunRow) -> None:
    """Draw what is known of a run; of the four views, the one that is chosen."""
    said = "failed" if run.status == "failed" else status_words(run)  # why, stands under it
    st.markdown(f"**{plain(run.strategy)}, seed {run.seed}**: {plain(said)}")
    st.caption(plain(_numbers(run)))
    if run.status == "failed":
        st.error(
            f"{plain(run.message) or 'No reason is known.'}  \n{what_to_do(run)}",
            icon=":material/error:",
        )
    view = st.segmented_control(
        "View", _VIEWS, default="Log", required=True, key="runs.view", label_visibility="collapsed"
    )
    draw = {"Log": _log, "Events": _events, "Computed with": _environment, "Settings": _settings}
    draw[view or "Log"](run)


def _numbers(run: RunRow) -> str:
    said = [f"{run.epoch:,} of {run.epochs:,} epochs done"]
    if run.epoch:
        said.append(f"{pace(run)} an epoch")
    if run.resumed_from:
        said.append(f"went on after epoch {run.resumed_from}")
    if run.best_score is not None:
        said.append(f"best validation RMSE {run.best_score:.4f} (scaled)")
    if run.device:
        said.append(f"on {place(run)}")
    if run.memory:
        said.append(f"{size(run.memory)} of memory")
    return ", ".join(said) + "."


def _log(run: RunRow) -> None:
    lines = state.store().log_tail(run.id, _LINES)
    st.code(
        "\n".join(lines) or "Nothing yet: a run writes from its start.", language=None, height=260
    )


def _events(run: RunRow) -> None:
    events = state.store().events(run_id=run.id, limit=_EVENTS)
    frame = pd.DataFrame(
        {
            "Time": [moment(event.time) for event in events],
            "Event": [event.kind for event in events],
            # A traceback's last line says what was wrong.
            "What": [event.text.strip().rpartition("\n")[2] for event in events],
        }
    )
    _table(frame, "No event yet.")


def _environment(run: RunRow) -> None:
    found = state.store().environment(run.id)
    _table(pd.DataFrame({"What": list(found), "Value": list(found.values())}), "Not started yet.")


def _settings(run: RunRow) -> None:
    found = state.store().parameters(run.experiment_id, run.id).get(run.id, {})
    values = [_shown(json.loads(value)) for value in found.values()]
    _table(pd.DataFrame({"Setting": list(found), "Value": values}), "None is known.")


def _shown(value: object) -> str:
    return "none" if value is None else value if isinstance(value, str) else json.dumps(value)


def _table(frame: pd.DataFrame, empty: str) -> None:
    if frame.empty:
        st.caption(empty)
        return
    st.dataframe(frame, hide_index=True, width="stretch", height=min(38 + 35 * len(frame), 260))
