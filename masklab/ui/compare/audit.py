"""The leakage audit on the Compare page: a badge for each run, and behind it the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from masklab.compare.leakage import results
from masklab.compare.leakage.results import Short
from masklab.errors import MaskLabError
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.ui import state
from masklab.ui.compare.audit_evidence import show_evidence
from masklab.ui.compare.context import Context
from masklab.ui.words import about
from masklab.words import counted, listed, plain

KEY = "compare.audit"
Colour = Literal["red", "green", "gray"]
_START, _EACH = 6.0, 2.0
"""Seconds: of starting a process that computes, and of auditing a small run."""
_SHOWN = 12
"""Strategies whose badges are drawn; of more, the failed ones come first."""


def show(context: Context) -> None:
    """Draw badges, the button that audits, and the evidence of one run."""
    store = state.store()
    runs = [run for run in context.on_screen() if run.status == "finished"]
    st.caption(
        "An audit loads a run's weights and tries out whether hidden values, later values or scored "
        "cells reach its predictions; it looks at scale, windows and scored cells too. A pass says "
        "that none of this was found, not that the data itself is free of hints."
    )
    if not runs:
        st.info(
            "None of the runs on screen has finished. Audits need the weights of a finished run: "
            "let one train to its end, or tick a finished one.",
            icon=":material/hourglass_top:",
        )
        return
    experiments = tuple(dict.fromkeys(run.experiment_id for run in runs))
    known = results.shorts(store, *experiments)
    _start(store, runs, known)
    _badges(runs, known)
    audited = sorted(
        (run for run in runs if run.id in known), key=lambda run: not known[run.id].failed
    )
    if audited:
        _one(store, audited, known, several=len(experiments) > 1)


def _start(store: Store, runs: Sequence[RunRow], known: Mapping[str, Short]) -> None:
    """Offer to audit what was not audited, or show how far that is."""
    groups = _by_experiment(runs)
    if _going_on(store, groups):
        _progress([run.id for run in runs], tuple(groups))
        return
    for experiment, ids in groups.items():
        job = results.job_of(store, experiment, ids)
        if job is not None and job.status == "failed":
            st.warning(plain(job.message), icon=":material/error:")
    missing = [run for run in runs if run.id not in known]
    if not missing:
        return
    seconds = [one.seconds for one in known.values()]
    each = max(_EACH, sum(seconds) / len(seconds)) if seconds else _EACH
    cost = about(_START * len({run.experiment_id for run in missing}) + each * len(missing))
    these = "this run" if len(missing) == 1 else f"these {len(missing)} runs"
    if not st.button(
        f"Audit {these}, about {cost}", key=f"{KEY}.start", icon=":material/fact_check:",
        type="primary", help="Computed beside the app, one run after the other; results are kept.",
    ):  # fmt: skip
        return
    try:
        for experiment, ids in groups.items():
            results.start(store, experiment, ids)
    except (OSError, MaskLabError) as error:
        st.error(f"The audit could not be started: {plain(str(error))}")
        return
    st.rerun()


@st.fragment(run_every=1.0)
def _progress(ids: list[str], experiments: tuple[str, ...]) -> None:
    """Show how many runs are audited; draw the page anew when another one is, or none is going on."""
    store = state.store()
    done = len(set(results.shorts(store, *experiments)) & set(ids))
    st.progress(done / len(ids), f"Auditing: {done} of {counted(len(ids), 'run')}")
    groups = _by_experiment([run for run in store.runs() if run.id in ids])
    running = _going_on(store, groups)
    before = st.session_state.get(f"{KEY}.done", done)
    st.session_state[f"{KEY}.done"] = done
    if not running or done != before:
        st.rerun()


def _going_on(store: Store, groups: Mapping[str, Sequence[str]]) -> bool:
    """Whether audits of these runs, or others of their experiments, are computed or about to be."""
    for experiment, ids in groups.items():
        job = results.job_of(store, experiment, ids)
        if (job is not None and job.status == "running") or results.is_going_on(store, experiment):
            return True
    return False


def _by_experiment(runs: Sequence[RunRow]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for run in runs:
        groups.setdefault(run.experiment_id, []).append(run.id)
    return groups


def _badges(runs: Sequence[RunRow], known: Mapping[str, Short]) -> None:
    """Draw a badge for each strategy, the failed ones first: colour, icon and words."""
    groups: dict[str, list[RunRow]] = {}
    for run in runs:
        groups.setdefault(run.strategy, []).append(run)
    rows = [(label, mine, [known[run.id] for run in mine if run.id in known]) for label, mine in groups.items()]  # fmt: skip
    rows.sort(key=lambda row: (-max((one.failed for one in row[2]), default=-1), not row[2]))
    with st.container(horizontal=True, gap="small"):
        for label, mine, found in rows[:_SHOWN]:
            words, colour, icon = badge_look(len(mine), found)
            st.badge(f"{plain(label)}: {words}", color=colour, icon=icon)
    if len(rows) > _SHOWN:
        st.caption(
            f"And {counted(len(rows) - _SHOWN, 'more strategy').replace('strategys', 'strategies')}."
        )


def badge_look(runs: int, found: Sequence[Short]) -> tuple[str, Colour, str]:
    """Return words, colour and icon of the badge of a strategy's runs, from the audits there are."""
    if not found:
        return "not audited", "gray", ":material/pending:"
    of = "" if len(found) == runs == 1 else f", {len(found)} of {counted(runs, 'run')}"
    worst = max(found, key=lambda one: one.failed)
    if worst.failed:
        bad = sum(bool(one.failed) for one in found)
        of = f", in {bad} of {counted(runs, 'run')}" if runs > 1 else ""
        return f"{worst.failed} of {worst.counted} checks failed{of}", "red", ":material/error:"
    return (
        f"passed {worst.counted} of {worst.counted} checks{of}",
        "green",
        ":material/check_circle:",
    )


def _one(
    store: Store, audited: Sequence[RunRow], known: Mapping[str, Short], *, several: bool
) -> None:
    """Let the user choose a run, and draw what its audit found."""
    names = {row.id: row.name for row in store.experiments()} if several else {}
    runs = {run.id: run for run in audited}
    chosen = st.session_state.get(f"{KEY}.run")
    if chosen not in runs:
        st.session_state[f"{KEY}.run"] = audited[0].id
    picked = st.selectbox(
        "Evidence of",
        list(runs),
        format_func=lambda identity: _label(runs[identity], known, names),
        key=f"{KEY}.run",
        help=f"Runs with failed checks come first. {listed(['Colour', 'icon', 'words'])} say the same.",
    )
    found = results.audit_of(store, runs[picked].experiment_id, picked)
    if found is not None:
        task = "reconstruct" if _reconstructs(store, runs[picked].experiment_id) else "forecast"
        show_evidence(found, task)


def _reconstructs(store: Store, experiment_id: str) -> bool:
    try:
        return store.experiment(experiment_id).task.kind == "reconstruct"
    except MaskLabError:  # of another version
        return False


def _label(run: RunRow, known: Mapping[str, Short], names: Mapping[str, str]) -> str:
    where = f" · {names[run.experiment_id]}" if run.experiment_id in names else ""
    return f"{run.strategy}, seed {run.seed}{where}: {known[run.id]}"
