"""Small panels and experiments that the tests of training share."""

from __future__ import annotations

from typing import Any

import numpy as np

from masklab.data.series import Panel
from masklab.runs.spec import Experiment, parse_experiment
from masklab.training.prepare import Prepared, prepare

HOUR = np.timedelta64(3600, "s")
FOUR = ["ignore", "mean_fill", "indicator", "carry"]


def panel_of(
    *series: np.ndarray, channels: str = "abcdefgh", skip: dict[int, int] | None = None
) -> Panel:
    """A panel of hourly series (time, channel); `skip` leaves out so many hours before a row."""
    rows = sum(len(one) for one in series)
    hours = np.arange(rows)
    for row, gap in (skip or {}).items():
        hours[row:] += gap
    return Panel(
        names=tuple(f"s{index}" for index in range(len(series))),
        offsets=np.cumsum([0, *map(len, series)]),
        clock=np.datetime64("2024-01-01", "us") + hours * HOUR,
        values=np.concatenate(series),
        channels=tuple(channels[: series[0].shape[1]]),
    )


def waves(rows: int = 600, channels: int = 2, missing: float = 0.0, seed: int = 0) -> Panel:
    """Noisy daily sines, of which a share is missing."""
    rng = np.random.default_rng(seed)
    time = np.arange(rows)[:, None]
    values = 10 + 3 * np.sin(2 * np.pi * (time / 24 + np.arange(channels) / 5))
    values = values + 0.2 * rng.normal(size=values.shape)
    values[rng.random(values.shape) < missing] = np.nan
    return panel_of(values)


def experiment(strategies: list[Any] | None = None, **settings: Any) -> Experiment:
    """A small experiment; settings as in a YAML file."""
    kinds = strategies or FOUR
    settings.setdefault("task", {"kind": "forecast", "window": 24, "horizon": 3})
    small = {"epochs": 3, "training_windows": 128, "batch_size": 32}
    settings["training"] = {**small, **settings.get("training", {})}
    settings.setdefault("model", {"hidden_size": 8})
    return parse_experiment(
        {
            "data": {"path": "none.csv"},
            "strategies": [{"kind": one} if isinstance(one, str) else one for one in kinds],
            **settings,
        }
    )


def prepared(
    panel: Panel | None = None, strategies: list[str] | None = None, **settings: Any
) -> Prepared:
    """Prepare a small experiment on a panel."""
    return prepare(experiment(strategies, **settings), panel or waves())


def layer(
    kind: str, scope: str = "both", channels: list[str] | None = None, **options: Any
) -> dict[str, Any]:
    """A layer of a recipe."""
    return {"rule": {"kind": kind, **options}, "scope": scope, "channels": channels}


def recipe(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"layers": list(layers)}


def hide_all(scope: str = "both", channels: list[str] | None = None) -> dict[str, Any]:
    """A recipe that hides everything in its reach."""
    return recipe(layer("value_range", scope, channels, low=-1e12, side="inside"))
