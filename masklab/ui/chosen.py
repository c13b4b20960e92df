"""Which experiment is on screen: the address first, then the project's, then one of its data."""

from __future__ import annotations

import datetime
from pathlib import Path

import streamlit as st

from masklab.errors import MaskLabError
from masklab.runs.rows import ExperimentRow
from masklab.ui import guard, state
from masklab.ui.markdown import plain
from masklab.ui.words import counted

_KEY = "compare.experiment"
_LOOKED_THROUGH = 50


def chosen_experiment() -> ExperimentRow | None:
    """Let the user choose among the experiments of the store; None if there is none.

    The choice is kept in the address as `?experiment=` and in the project.
    """
    rows = {row.id: row for row in state.store().experiments()}
    if not rows:
        return None
    asked, own = st.query_params.get("experiment"), state.project().experiment_id
    current = next((one for one in (asked, own) if one in rows), None)
    if current is None:
        current, of_this_data = _newest(list(rows))
        if not of_this_data:
            st.info("Nothing was trained on this project's data yet; this is another experiment.")
    if asked and asked != current:
        st.warning(
            f"There is no experiment {plain(repr(asked[:40]))} in this store; the page shows another one."
        )
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


def _newest(identities: list[str]) -> tuple[str, bool]:
    """Return the newest experiment on the project's data and True, else the newest and False."""
    data = state.project().data
    if data is None:
        return identities[0], True
    try:
        content = data.content(Path.cwd())
    except MaskLabError:  # the file is gone: the Data page tells
        return identities[0], False
    for identity in identities[:_LOOKED_THROUGH]:
        try:
            other = state.store().experiment(identity).data
        except MaskLabError:  # of another version: the page tells when it is chosen
            continue
        if other.sha256 == content:
            return identity, True
    return identities[0], False


def _choose() -> None:
    chosen = st.session_state[_KEY]
    st.query_params["experiment"] = chosen
    guard.save(lambda present: present.model_copy(update={"experiment_id": chosen}))
