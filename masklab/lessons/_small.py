"""Small data and small trainings that lessons share: a second or two on one core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Bool, Float

from masklab.data.series import Panel

if TYPE_CHECKING:
    from masklab.training.loop import Run
    from masklab.training.predictions import Predictions
    from masklab.training.prepare import Prepared

HOUR = np.timedelta64(3_600_000_000, "us")
START = np.datetime64("2024-01-01", "us")
ALL_TRAINED = {"patience": None, "training_windows": 256, "validation_windows": 256}


def daily_wave(
    rows: int, seed: int, *, level: float = 20.0, noise: float = 0.3, channels: int = 1
) -> Float[np.ndarray, "row channel"]:
    """Return hourly days of a wave of amplitude 3 about `level`, each channel with its own phase."""
    rng = np.random.default_rng(seed)
    hours = np.arange(rows)[:, None] / 24 + np.arange(channels) / 7
    slow = np.cumsum(rng.normal(size=(rows, channels)), axis=0) * 0.05
    return level + 3 * np.sin(2 * np.pi * hours) + slow + noise * rng.normal(size=(rows, channels))


def panel_of(
    values: Float[np.ndarray, "row channel"], channels: Sequence[str] = ("temperature",)
) -> Panel:
    """Return one hourly series; NaN is a cell that the file lacks."""
    rows = len(values)
    return Panel(
        names=("series",),
        offsets=np.array([0, rows]),
        clock=START + np.arange(rows) * HOUR,
        values=np.ascontiguousarray(values, dtype=np.float64),
        channels=tuple(channels),
    )


@dataclass(frozen=True, eq=False)
class Trained:
    """One run after its training: its best weights, its scores at the best epoch, and its end.

    `last`: what it predicted after its last epoch, `last_rmse` how well: best weights hide what
    training went towards.
    """

    run: Run
    rmse: float
    own_rmse: float
    count: int
    own_count: int
    last_rmse: float
    last: Predictions


def trained(  # noqa: PLR0913
    panel: Panel,
    strategies: Sequence[Any],
    *,
    recipe: dict[str, Any] | None = None,
    task: dict[str, Any] | None = None,
    seeds: Sequence[int] = (0,),
    hidden: int = 12,
    epochs: int = 4,
    training: dict[str, Any] | None = None,
) -> dict[str, list[Trained]]:
    """Train each strategy with each seed; return the runs by label, in the order of seeds.

    Settings are those of an experiment's file. RMSE is scaled, on common and on own cells.
    """
    from masklab.runs.spec import parse_experiment  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    plan = parse_experiment(
        {
            "data": {"path": "lesson.csv"},
            "recipe": recipe or {"layers": []},
            "task": task or {"kind": "forecast", "window": 24, "horizon": 3},
            "strategies": [{"kind": one} if isinstance(one, str) else one for one in strategies],
            "seeds": list(seeds),
            "model": {"hidden_size": hidden},
            "training": {
                **ALL_TRAINED, "epochs": epochs, "batch_size": 32, "learning_rate": 2e-2,
                **(training or {}),
            },
        }
    )  # fmt: skip
    prepared = prepare(plan, panel)
    found: dict[str, list[Trained]] = {one.label: [] for one in plan.strategies}
    for strategy, seed in plan.runs():
        found[strategy.label].append(train(prepared, plan, strategy, seed))
    return found


def train(prepared: Prepared, plan: Any, strategy: Any, seed: int) -> Trained:
    """Train one run to its end."""
    from masklab.training.loop import Run  # noqa: PLC0415

    run = Run(prepared, strategy, seed, plan.model, plan.training)
    for report in run.reports():
        if report.is_best:
            best = report
        if report.epoch == report.epochs:
            last_rmse, last = report.common.rmse, run.predictions()
    common, own = best.common, best.own
    return Trained(run, common.rmse, own.rmse, common.count, own.count, last_rmse, last)


def masked_steps(observed: Bool[np.ndarray, "time"]) -> tuple[int, ...]:
    """Return the hidden steps, counted from 1, as pictures have them."""
    return tuple(int(step) for step in np.flatnonzero(~observed) + 1)
