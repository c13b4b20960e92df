"""A run as trackers know one: settings, tags, state, and metrics by epoch with their times."""

from __future__ import annotations

import json
import math
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from masklab.errors import StoreError
from masklab.runs.archive.tables import scrubber
from masklab.runs.rows import RunRow, Status
from masklab.runs.store import Store

_NOT_METRICS = ["run_id", "strategy", "seed", "epoch", "is_best"]
_OF_TRAINING = {
    "training_loss": "training/loss",
    "learning_rate": "training/learning_rate",
    "seconds": "training/seconds",
}


@dataclass(frozen=True)
class Epoch:
    """An epoch: its number from 1, when it ended, its metrics by name; none that is not defined."""

    number: int
    time: float
    metrics: dict[str, float]


@dataclass(frozen=True)
class TrackedRun:
    """One run. Times are seconds since 1970 (UTC); `end` is None where it hasn't ended.

    `settings`: by dotted name, JSON values. `best`: the epoch whose weights were kept, None before
    the first.
    """

    id: str
    name: str
    experiment: str
    experiment_id: str
    status: Status
    start: float
    end: float | None
    settings: dict[str, object]
    tags: tuple[str, ...]
    environment: dict[str, str]
    epochs: tuple[Epoch, ...]
    best: Epoch | None

    @property
    def at_best(self) -> dict[str, float]:
        """The scores at the best epoch, named as such; empty before the first."""
        return {
            f"best/{name.replace('/', '_')}": one
            for name, one in (self.best.metrics if self.best else {}).items()
            if not name.startswith("training/")
        }


def _name(column: str) -> str:
    """Return a metric's name in groups, as trackers fold them: common_rmse is common/rmse."""
    return _OF_TRAINING.get(column) or "/".join(column.rsplit("_", 1))


def tracked(
    store: Store, experiment_id: str, only: Collection[str] | None = None
) -> list[TrackedRun]:
    """Return the runs of an experiment that have begun, or those of them in `only`.

    Texts name no folder, host or user. Raises `StoreError` if there is none.
    """
    runs = [run for run in store.runs(experiment_id) if only is None or run.id in only]
    begun = [run for run in runs if run.epoch]
    if not begun:
        raise StoreError(
            f"Of {len(runs)} runs of the experiment {experiment_id} none has ended an epoch yet, so "
            "there is nothing to export. Export again when one has."
        )
    with store.database.read() as db:
        scrub = scrubber(db, store.directory)
    reports = store.reports(experiment_id)
    settings, tags = store.parameters(experiment_id), store.tags(experiment_id)
    (row,) = (one for one in store.experiments() if one.id == experiment_id)
    of_run = dict(tuple(reports.groupby("run_id", sort=False)))
    return [
        _tracked(
            run,
            scrub.text(row.name),
            {name: json.loads(value) for name, value in settings.get(run.id, {}).items()},
            tuple(scrub.text(tag) for tag in (*tags.get(None, ()), *tags.get(run.id, ()))),
            {name: scrub.text(value) for name, value in store.environment(run.id).items()},
            of_run[run.id],
        )
        for run in begun
    ]


def _tracked(  # noqa: PLR0913, PLR0917 - a run is these facts
    run: RunRow,
    experiment: str,
    settings: dict[str, object],
    tags: tuple[str, ...],
    environment: dict[str, str],
    reports: pd.DataFrame,
) -> TrackedRun:
    elapsed = reports["seconds"].cumsum().tolist()
    start = _start(run, elapsed[-1])
    scores = reports.drop(columns=_NOT_METRICS).to_dict("list")
    epochs = tuple(
        Epoch(
            number,
            start + passed,
            {
                _name(str(column)): float(values[place])
                for column, values in scores.items()
                if not math.isnan(values[place])
            },
        )
        for place, (number, passed) in enumerate(zip(reports["epoch"], elapsed, strict=True))
    )
    kept = [one for one, is_best in zip(epochs, reports["is_best"], strict=True) if is_best]
    return TrackedRun(
        id=run.id,
        name=f"{run.strategy} seed {run.seed}",
        experiment=experiment,
        experiment_id=run.experiment_id,
        status=run.status,
        start=start,
        end=run.ended,
        settings=settings,
        tags=tuple(dict.fromkeys(tags)),
        environment=environment,
        epochs=epochs,
        best=kept[-1] if kept else None,
    )


def _start(run: RunRow, trained: float) -> float:
    """Return when a run's first epoch began, so that none ends after the run did.

    The store knows when its last process began; one that went on from a checkpoint trained before.
    """
    began = run.started or run.created
    return began if run.ended is None else min(began, run.ended - trained)
