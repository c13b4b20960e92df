"""A store with a tiny experiment whose runs were trained for real."""

from __future__ import annotations

import contextlib
import math
from pathlib import Path
from typing import Any

import numpy as np

from masklab.runs import facts
from masklab.runs.course import follow
from masklab.runs.desk import StoreDesk
from masklab.runs.halving import rungs_of
from masklab.runs.ledger import Ledger
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store
from masklab.training.prepare import prepare

LAYER = {"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}
FORECAST = {"kind": "forecast", "window": 8, "horizon": 2}
RECONSTRUCT = {"kind": "reconstruct", "window": 8, "rate": 0.3}


def csv(folder: Path, rows: int = 300) -> Path:
    """Write hours of two noisy channels, of which the file lacks some cells."""
    rng = np.random.default_rng(3)
    lines = ["time,a,b"]
    for hour in range(rows):
        cells = [math.sin(hour / 4), 5 + 2 * math.cos(hour / 7)] + rng.normal(size=2) / 10
        told = ["" if rng.random() < 0.05 else f"{cell:.4f}" for cell in cells]
        lines.append(f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00,{','.join(told)}")
    path = folder / "tiny.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def tiny(folder: Path, **changes: Any) -> Experiment:
    """Return an experiment of two strategies that trains in a fraction of a second."""
    return parse_experiment(
        {
            "name": "tiny",
            "data": {"path": str(csv(folder))},
            "recipe": {"layers": [LAYER]},
            "task": FORECAST,
            "strategies": [{"kind": "indicator"}, {"kind": "carry"}],
            "seeds": [0, 1],
            "model": {"hidden_size": 4},
            "training": {"epochs": 2, "training_windows": 64, "patience": None},
        }
        | changes
    )


def train(store: Store, experiment: Experiment) -> str:
    """Train every run in this process and keep what its worker keeps; return the experiment's id."""
    identity = store.add_experiment(experiment, ".")
    ledger, prepared = Ledger(store), None
    for run in store.runs(identity):
        claim = ledger.claim(run.id)
        if claim is None:
            continue
        prepared = prepared or prepare(experiment, store.panel(identity))
        facts.keep(store, identity, prepared)
        strategy = next(one for one in experiment.strategies if one.label == run.strategy)
        desk = StoreDesk(ledger, claim, rungs_of(experiment))
        assert follow(prepared, experiment, strategy, run.seed, desk, contextlib.nullcontext)
    return identity
