"""Trained runs to audit: clean ones, and some with a leak planted in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from masklab.compare.leakage.auditing import audit
from masklab.compare.leakage.finding import Audit
from masklab.compare.leakage.subject import Data, Pipeline, Subject
from masklab.data.series import Panel
from masklab.strategies.strategy import Strategy
from masklab.training.predictions import Kept, Predictions
from masklab.training.prepare import Prepared, prepare
from tests.training.training_cases import experiment, layer, recipe, waves

FORECAST = {"kind": "forecast", "window": 12, "horizon": 3}
RECONSTRUCT = {"kind": "reconstruct", "window": 12, "rate": 0.2}
HIDING = recipe(layer("mcar", rate=0.25, seed=3))
ONE_EPOCH = {"epochs": 1, "training_windows": 64, "batch_size": 32}


def plan(kinds: list[Any], task: dict[str, Any] = FORECAST, **settings: Any):
    """Return a small experiment whose mask hides a quarter of the cells."""
    settings = {"recipe": HIDING, "seeds": [0], "training": ONE_EPOCH} | settings
    return experiment(kinds, task=task, **settings)


def kept(found: Predictions) -> Kept:
    """Return what a store keeps of predictions."""
    scored = found.own | found.common
    return Kept(
        rows=found.rows, scored=scored, scaled=found.scaled[scored],
        predicted=found.predicted[scored], common=found.common[scored], own=found.own[scored],
    )  # fmt: skip


def trained(
    given: Any,
    strategy: Strategy | None = None,
    panel: Panel | None = None,
    pipeline: Pipeline | None = None,
) -> Subject:
    """Train a run through a pipeline, and return it as a store would know it."""
    pipeline = pipeline or Pipeline()
    data = Data(given, waves(400, missing=0.02) if panel is None else panel, pipeline)
    chosen = strategy or given.strategies[0]
    run = pipeline.run(data.prepared, chosen, given.seeds[0], given.model, given.training)
    list(run.reports())
    return Subject(data, chosen, given.seeds[0], run.network.state_dict(), kept(run.predictions()))


def audited(given: Any, **how: Any) -> Audit:
    """Train and audit."""
    return audit(trained(given, **how))


def failed(found: Audit) -> set[str]:
    """Return the names of the checks that failed."""
    return {one.name for one in found.failed}


def preparing(change: Callable[[Prepared, Any, Panel], Prepared]) -> Pipeline:
    """Return a pipeline whose preparation goes wrong in one way."""
    return Pipeline(prepare=lambda plan, panel: change(prepare(plan, panel), plan, panel))


def wide(columns: int) -> np.ndarray:
    """Return an hourly wave of so many columns."""
    return waves(400, columns).values.copy()
