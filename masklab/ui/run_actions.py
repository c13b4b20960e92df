"""What can be done with runs: stop, pause, go on, start again, and their turns in the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from masklab.runs.executing import ensure_training
from masklab.runs.queue import Where
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.ui import guard, state

UNDO = "runs.undo"
"""Where a tab keeps the runs that it stopped last, to take that back."""

STOP_HELP = "A stopped run keeps its epochs: started again, it goes on from its last checkpoint."


@dataclass(frozen=True)
class Action:
    """Something to do with runs: its words, which runs it fits, what it does to the store."""

    label: str
    icon: str
    help: str
    fits: Callable[[RunRow], bool]
    do: Callable[[Store, Sequence[str]], None]
    starts: bool = False


def _stop(store: Store, ids: Sequence[str]) -> None:
    store.stop(*ids)
    st.session_state[UNDO] = list(ids)


def _retry(store: Store, ids: Sequence[str]) -> None:
    store.retry(*ids)
    st.session_state.pop(UNDO, None)


ACTIONS: dict[str, Action] = {
    "pause": Action(
        "Pause", "pause", "Let them wait outside the queue until they are resumed.",
        lambda run: run.is_open and not run.pausing and not run.stopping,
        lambda store, ids: store.pause(*ids),
    ),
    "resume": Action(
        "Resume", "play_arrow", "Bring them back into the queue; they go on where they were.",
        lambda run: run.status == "paused" or run.pausing,
        lambda store, ids: store.resume(*ids), starts=True,
    ),
    "stop": Action(
        "Stop", "stop_circle", STOP_HELP,
        lambda run: (run.is_open and not run.stopping) or run.status == "paused", _stop,
    ),
    "again": Action(
        "Start again", "replay", "Queue them again; they go on from their last checkpoint.",
        lambda run: run.status in {"stopped", "failed"} or (run.stopping and not run.again),
        _retry, starts=True,
    ),
}  # fmt: skip

TURNS: dict[Where, tuple[str, str, str]] = {
    "first": ("First", "vertical_align_top", "They start before all others."),
    "up": ("Up", "arrow_upward", "One turn sooner."),
    "down": ("Down", "arrow_downward", "One turn later."),
    "last": ("Last", "vertical_align_bottom", "They start after all others."),
}

PRIORITIES = {1: "High", 0: "Normal", -1: "Low"}


def action_button(name: str, runs: Sequence[RunRow], key: str, suffix: str = "") -> None:
    """Draw an action's button for the runs that it fits; it waits where it fits none."""
    action = ACTIONS[name]
    fitting = [run.id for run in runs if action.fits(run)]
    st.button(
        f"{action.label}{suffix}", icon=f":material/{action.icon}:", help=action.help,
        key=f"{key}.{name}", disabled=not fitting, on_click=act, args=(name, fitting),
    )  # fmt: skip


def act(name: str, run_ids: Sequence[str]) -> None:
    """Do something with runs; what goes wrong is said on the page."""
    with guard.told():
        store = state.store()
        ACTIONS[name].do(store, run_ids)
        if ACTIONS[name].starts:
            ensure_training(store)


def turn_controls(runs: Sequence[RunRow]) -> None:
    """Draw what changes the turns of chosen runs, and their priority."""
    waiting = [run.id for run in runs if run.turn is not None]
    for where, (label, icon, told) in TURNS.items():
        st.button(
            label, icon=f":material/{icon}:", help=told, key=f"runs.turn.{where}",
            disabled=not waiting, on_click=_arrange, args=(waiting, where),
        )  # fmt: skip
    open_ones = [run for run in runs if run.is_open or run.status == "paused"]
    common = {run.priority for run in open_ones}
    key = "runs.priority"
    st.session_state[key] = common.pop() if len(common) == 1 else None
    st.segmented_control(
        "Priority", list(PRIORITIES), format_func=PRIORITIES.__getitem__, key=key,
        label_visibility="collapsed", disabled=not open_ones, on_change=_prioritise,
        args=([run.id for run in open_ones],), help="Higher ones start first, whatever their turn.",
    )  # fmt: skip


def _arrange(run_ids: Sequence[str], where: Where) -> None:
    with guard.told():
        state.store().arrange(run_ids, where)


def _prioritise(run_ids: Sequence[str]) -> None:
    with guard.told():
        state.store().prioritise(run_ids, st.session_state["runs.priority"] or 0)
