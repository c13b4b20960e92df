"""The drawer of runs: all that train, wait, pause or broke, what to do with them, one looked into."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from masklab.runs.monitor import progress
from masklab.runs.remedies import what_to_do
from masklab.runs.rows import RunRow
from masklab.ui import guard, state
from masklab.ui.present import going, looked_at, present
from masklab.ui.run_actions import STOP_HELP, UNDO, action_button, turn_controls
from masklab.ui.run_details import run_details
from masklab.ui.run_words import counts_words, time_left
from masklab.ui.runs_table import in_order, runs_table
from masklab.words import counted, plain

REFRESH = 2.0
"""Seconds between two looks at the store while the drawer is open: another tab may change it."""


def runs_panel() -> None:
    """Draw the drawer's content, anew by itself."""
    is_open = any(row.is_open for row in state.store().experiments())
    st.fragment(guard.in_fragment(_panel), run_every=REFRESH)(is_open)


def _panel(was_open: bool) -> None:
    runs = in_order(present())
    if any(run.is_open for run in runs) != was_open:
        st.rerun()  # the page behind looks at runs by itself only while some are open
    looked_at(runs)
    if not runs:
        st.markdown("**Nothing trains, waits or has failed.**")
        st.caption(
            "Runs stand here from their start on the Train page until all of their experiment are "
            "done; what stopped or failed, for a day more."
        )
        return
    _head(runs)
    _failures(runs)
    # The table's own tools hang above it: this line, and no button, is under them.
    st.caption("Tick runs to pause, stop or move them; tick one to see its log and settings.")
    chosen = runs_table(runs, _names(runs))
    if chosen:
        _actions(chosen)
    if len(chosen) == 1:
        run_details(chosen[0])


def _names(runs: Sequence[RunRow]) -> dict[str, str]:
    shown = {run.experiment_id for run in runs}
    return {row.id: row.name for row in state.store().experiments() if row.id in shown}


def _head(runs: Sequence[RunRow]) -> None:
    open_ones = going(runs)
    now = progress(open_ones)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.is_open:
            text = f"{counts_words(progress(runs))}; {time_left(now)}"
            st.progress(min(now.share, 1.0), text=text, width="stretch")
        else:
            st.markdown(_ended_words(runs), width="stretch")
        action_button("pause", runs, "runs.all", " all")
        action_button("resume", runs, "runs.all", " all")
        action_button("stop", runs, "runs.all", " all")
    stopped = [run for run in runs if run.id in set(st.session_state.get(UNDO, ()))]
    if any(run.status == "stopped" or run.stopping for run in stopped):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(STOP_HELP, width="stretch")
            action_button("again", stopped, "runs.undo", f": {counted(len(stopped), 'run')}")


def _ended_words(runs: Sequence[RunRow]) -> str:
    now = progress(runs)
    words = counts_words(now)
    said = [words] if words else []
    said += [f"{now.stopped:,} stopped"] if now.stopped else []
    return f"Nothing trains now: {', '.join(said)}."


def _failures(runs: Sequence[RunRow]) -> None:
    """Say why runs failed and what to do, once for each reason."""
    reasons: dict[str, list[RunRow]] = {}
    for run in runs:
        if run.status == "failed":
            reasons.setdefault(run.message, []).append(run)
    for message, failed in list(reasons.items())[:2]:
        who = f"{plain(failed[0].strategy)}, seed {failed[0].seed}"
        more = f" and {counted(len(failed) - 1, 'run')} more" if len(failed) > 1 else ""
        why = plain(message) or "No reason is known."
        st.error(
            f"**{who}{more} failed.** {why}  \n{what_to_do(failed[0])}", icon=":material/error:"
        )
    if len(reasons) > 2:
        st.caption(
            f"{counted(len(reasons) - 2, 'reason')} more: choose a failed run to see its own."
        )


def _actions(chosen: Sequence[RunRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        st.markdown(f"**{counted(len(chosen), 'run')}**")
        for name in ("pause", "resume", "stop", "again"):
            action_button(name, chosen, "runs.chosen")
    if any(run.is_open or run.status == "paused" for run in chosen):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            turn_controls(chosen)
