"""Which experiments are on screen: the address first, then the project's, then one of its data."""

from __future__ import annotations

import datetime
from pathlib import Path

import streamlit as st

from masklab.errors import MaskLabError
from masklab.runs import labels
from masklab.runs.rows import ExperimentRow
from masklab.ui import guard, state
from masklab.ui.compare.address import keep
from masklab.ui.compare.management import experiment_menu
from masklab.ui.compare.on_screen import archived_shown
from masklab.words import counted, plain

_KEY, _WITH = "compare.experiment", "compare.with"
_LOOKED_THROUGH = 50


def chosen_experiments() -> tuple[ExperimentRow, ...]:
    """Let the user choose among the experiments of the store; empty if there is none.

    The choice is kept in the address as `?experiment=` and in the project; those that it is compared
    with as `?with=`. Deleted experiments are out of sight, archived ones unless they are asked for.
    """
    rows = _in_sight()
    if not rows:
        return ()
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
    first, second, third = st.columns([0.42, 0.42, 0.16], gap="small", vertical_alignment="bottom")
    with first:
        st.selectbox(
            "Experiment",
            list(rows),
            format_func=lambda identity: label(rows[identity]),
            key=_KEY,
            on_change=_choose,
        )
    with second:
        others = _compared_with(rows, current)
    with third:
        experiment_menu(rows[current])
    st.query_params["experiment"] = current
    return (rows[current], *(rows[one] for one in others))


def label(row: ExperimentRow) -> str:
    """Return an experiment in one line: name, runs, when it was made."""
    made = datetime.datetime.fromtimestamp(row.created).astimezone()
    return f"{row.name} · {counted(row.total, 'run')} · {made:%d %b %Y, %H:%M}"


def _in_sight() -> dict[str, ExperimentRow]:
    """Return the experiments that can be chosen; one that the address names though it is archived."""
    store = state.store()
    away = labels.put_away(store)
    gone = away["deleted"]
    if not archived_shown():
        named = {st.query_params.get("experiment"), *st.query_params.get("with", "").split(",")}
        gone |= {one for one in away[labels.ARCHIVED] if one not in named}
    return {row.id: row for row in store.experiments() if row.id not in gone}


def _compared_with(rows: dict[str, ExperimentRow], current: str) -> list[str]:
    others = [one for one in rows if one != current]
    asked = st.query_params.get("with", "").split(",")
    st.session_state.setdefault(_WITH, asked)
    st.session_state[_WITH] = [one for one in st.session_state[_WITH] if one in others]
    chosen = st.multiselect(
        "Compare with",
        others,
        format_func=lambda identity: label(rows[identity]),
        key=_WITH,
        placeholder="Other experiments" if others else "There is no other experiment",
        disabled=not others,
        persist_state="session",
    )
    keep("with", ",".join(chosen))
    return list(chosen)


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
