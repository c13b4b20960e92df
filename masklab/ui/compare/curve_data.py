"""What the picture of curves shows: the runs' epochs, as grouped, smoothed, frozen and placed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from masklab.compare.curves import means, placed
from masklab.compare.groups import of_runs
from masklab.compare.scores import best_epochs, column, columns
from masklab.compare.smoothing import smoothed
from masklab.errors import MaskLabError
from masklab.runs.rows import RunRow
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.curve_choice import CurveChoice
from masklab.ui.preflight import preflight

Standing = Mapping[str, tuple[int, str]]
"""Epochs done and status of each run by its id."""

Marks = tuple[tuple[str, int, int], ...]
"""Of each experiment: its id, and its newest report."""

_FROZEN = "compare.frozen"
_STEPS = "steps_per_epoch"
_WORDS = {
    "running": "going on", "stopped": "stopped", "failed": "failed", "queued": "waiting", "paused": "paused",
}  # fmt: skip


@dataclass(frozen=True)
class CurveData:
    """Frames for `charts.validation_curves`."""

    curves: pd.DataFrame
    best: pd.DataFrame
    others: pd.DataFrame
    members: pd.DataFrame | None
    raw: pd.DataFrame | None


def reports(experiment_ids: Sequence[str], names: Sequence[str]) -> pd.DataFrame:
    """Return the epochs of several experiments in one frame, which is not to be changed.

    Its run_id is of categories: what is known by run is found for a hundred thousand rows at once.
    """
    return _reports(*marks(experiment_ids), tuple(names))


def marks(experiment_ids: Sequence[str]) -> tuple[str, Marks]:
    """Return the store's directory, and how far the reports of experiments go."""
    store = state.store()
    return str(store.directory), tuple((one, *store.newest_report(one)) for one in experiment_ids)


@st.cache_resource(show_spinner=False, max_entries=16)
def _reports(directory: str, those: Marks, names: tuple[str, ...]) -> pd.DataFrame:
    store = state.store()
    found = [store.reports(experiment_id, names) for experiment_id, _, _ in those]
    whole = found[0] if len(found) == 1 else pd.concat(found, ignore_index=True)
    return whole.astype({"run_id": "category", "strategy": "category"})


def snapshot(frozen: bool, runs: Sequence[RunRow]) -> Standing:
    """Return epoch and status of each run: as they are, or as they were when the picture froze."""
    now = {run.id: (run.epoch, run.status) for run in runs}
    if not frozen:
        st.session_state.pop(_FROZEN, None)
        return now
    kept: dict[str, tuple[int, str]] = st.session_state.setdefault(_FROZEN, now)
    kept |= {run_id: known for run_id, known in now.items() if run_id not in kept}
    return kept


def curve_data(context: Context, how: CurveChoice, known: Standing) -> CurveData:
    """Return what to draw of the runs on screen, up to the epoch that `known` says of each."""
    score = context.choice
    names = [*columns(score.cells, score.metric, score.units), "seconds"]
    found = reports([row.id for row in context.experiments], names)
    last = of_runs(found["run_id"], {run.id: known[run.id][0] for run in context.on_screen()})
    # Nothing of a run that isn't on screen, nothing of after a picture froze.
    found = found[found["epoch"] <= last.astype("float64").fillna(0)]
    found = found.assign(
        strategy=of_runs(found["run_id"], context.groups),
        x=placed(found, how.across, _steps(context) if how.across == "step" else None),
        score=found[column(score.cells, score.metric, score.units)],
    )
    status = of_runs(found["run_id"], {one: status for one, (_, status) in known.items()})
    finished = status == "finished"
    drawn = found.assign(score=smoothed(found["score"], found["run_id"], how.smoothing))
    done, exact = drawn[finished], found[finished]
    going = drawn[~finished]
    going = going.assign(status=status[~finished].astype("str").map(_WORDS))
    return CurveData(
        curves=means(done, how.band),
        best=_best(exact, context) if how.best else exact.iloc[:0],
        others=going.dropna(subset="score"),
        members=done if how.band == "members" else None,
        raw=means(exact) if how.smoothing else None,
    )


def _best(exact: pd.DataFrame, context: Context) -> pd.DataFrame:
    score = context.choice
    best = best_epochs(exact, score.cells, score.metric, score.units).dropna(subset="score")
    at = exact[["run_id", "epoch", "x"]]
    return best.merge(at, on=["run_id", "epoch"], how="left")


def _steps(context: Context) -> dict[str, int]:
    """Return how many training steps an epoch of each run takes; 1 where that can't be told."""
    each = {row.id: steps_per_epoch(row.id) for row in context.experiments}
    return {run.id: each[run.experiment_id] for run in context.runs}


def steps_per_epoch(experiment_id: str) -> int:
    """Return the batches of an epoch; reads the data once, then the store knows.

    1 where the data can't be prepared any more.
    """
    store = state.store()
    known = store.fact(experiment_id, _STEPS)
    if known is None:
        try:
            experiment = store.experiment(experiment_id)
            ready = preflight(experiment, store.panel(experiment_id))
        except MaskLabError:
            return 1
        known = max(1, math.ceil(ready.per_epoch / experiment.training.batch_size))
        store.set_fact(experiment_id, _STEPS, known)
    return int(known)
