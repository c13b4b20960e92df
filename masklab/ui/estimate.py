"""How long an experiment will take: from what this machine measured, or a stated rough guess."""

from __future__ import annotations

from dataclasses import dataclass

from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.runs.timing import slots
from masklab.ui.preflight import Preflight

ROUGH_PACE = 2.2e-10
"""Seconds per unit of work on one core of a common laptop, until this machine has its own."""

_FACT = "work"
_STEP_COST = 12_000.0
"""Work of one step of one window besides its matrix products, in multiplications."""
_START = 3.0
"""Seconds until the first worker is at work."""


@dataclass(frozen=True)
class Estimate:
    """Seconds for all runs if none stops early; `measured` on this machine, or a rough guess."""

    seconds: float
    measured: bool


def work(experiment: Experiment, checked: Preflight) -> float:
    """Return what one epoch of one run costs, in multiplications, roughly."""
    model = experiment.model
    cells = (
        4 * model.hidden_size * (model.hidden_size * (2 * model.num_layers - 1) + checked.channels)
    )
    step = (_STEP_COST + cells) * (2 if model.bidirectional else 1)
    windows = 3 * checked.per_epoch + checked.validation  # backward costs twice what forward does
    return windows * experiment.task.window * step


def remember(store: Store, experiment_id: str, amount: float) -> None:
    """Keep what an epoch costs beside an experiment's runs, so that their pace teaches the next."""
    store.set_fact(experiment_id, _FACT, {"work": amount})


def estimate(store: Store, experiment: Experiment, checked: Preflight) -> Estimate:
    """Return how long all runs will take, trained as many at once as there are cores."""
    pace = _measured_pace(store)
    one = work(experiment, checked) * experiment.training.epochs * (pace or ROUGH_PACE)
    rounds = -(-checked.runs // slots())
    return Estimate(_START + one * rounds, pace is not None)


def _measured_pace(store: Store) -> float | None:
    """Return seconds per unit of work over the runs of the newest five experiments with epochs."""
    total, seconds, found = 0.0, 0.0, 0
    for row in store.experiments()[:20]:
        known = store.fact(row.id, _FACT)
        runs = [run for run in store.runs(row.id) if run.epoch] if known else []
        if not runs:
            continue
        total += sum(run.epoch for run in runs) * known["work"]
        seconds += sum(run.seconds for run in runs)
        found += 1
        if found == 5:
            break
    return seconds / total if total and seconds else None
