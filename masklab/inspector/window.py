"""The window that is looked into, and the cells of it that a reader masks or unmasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float32, Float64

from masklab.catalogue import members
from masklab.errors import ExperimentError
from masklab.strategies.strategy import Strategy

SERVED: dict[str, type[Strategy]] = {
    kind: strategy
    for kind, strategy in members("masklab.strategies", Strategy).items()
    if "forecast" in strategy.tasks and not strategy.both_ways
}
"""Strategies that can be looked into: those that read forwards, one state a step."""


def served(kind: str) -> Strategy:
    """Return a strategy with its defaults; raise `ExperimentError` if it can't be looked into."""
    if kind not in SERVED:
        raise ExperimentError(
            f"The inspector can't show {kind!r}: it shows strategies that forecast and read the "
            f"window forwards, one state a step. Choose one of {', '.join(SERVED)}."
        )
    return SERVED[kind](kind=kind)


@dataclass(frozen=True)
class Output:
    """One number of the forecast: the step of the horizon, from 0, and the target's column."""

    step: int = 0
    channel: int = 0


@dataclass(frozen=True, eq=False)
class Window:
    """A stretch of the series as a network reads it, with what comes after.

    `values`: scaled, 0 where the file lacks the cell. `observed`: cells that may be used, a subset
    of `native`. `clock`: time since the first step, in median intervals. `truth`: scaled values of
    the steps to forecast, NaN where the file lacks them. `shift` and `scale` lead back to original
    units: value · scale + shift. `times`: the label of each step, the horizon's after the window's.
    """

    values: Float32[np.ndarray, "time channel"]
    native: Bool[np.ndarray, "time channel"]
    observed: Bool[np.ndarray, "time channel"]
    clock: Float32[np.ndarray, "time"]
    truth: Float32[np.ndarray, "horizon channel"]
    channels: tuple[str, ...]
    units: tuple[str, ...]
    shift: Float64[np.ndarray, "channel"]
    scale: Float64[np.ndarray, "channel"]
    times: tuple[str, ...]

    @property
    def steps(self) -> int:
        """Steps that the network reads."""
        return len(self.values)

    @property
    def horizon(self) -> int:
        """Steps that it forecasts."""
        return len(self.truth)

    def toggled(self, steps: Iterable[int]) -> Window:
        """Return the window with these steps masked, or unmasked where nothing of them is observed.

        An unmasked step shows every cell that the file has. A step given twice is as it was.
        Steps outside the window are passed over.
        """
        observed = self.observed.copy()
        for step in steps:
            if 0 <= step < self.steps:
                observed[step] = False if observed[step].any() else self.native[step]
        return replace(self, observed=observed)

    def original(
        self, scaled: Float32[np.ndarray, "step channel"]
    ) -> Float64[np.ndarray, "step channel"]:
        """Return scaled values in the channels' own units."""
        found: Float64[np.ndarray, "step channel"] = scaled * self.scale + self.shift
        return found
