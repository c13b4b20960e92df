"""Scores from sums: errors are pooled over an epoch as Σ error / Σ scored, in both units."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.training.report import Scores

if TYPE_CHECKING:
    from masklab.scaling import Scaler
    from masklab.training.prepare import Prepared

Sums = Float64[np.ndarray, "sum target"]
"""For each target channel Σ|e|, Σe² and the number of scored cells, then Σ|e|u, Σ(eu)² and Σ|e|q.

Errors e are in scaled units; u is the unit of a cell's series, `units(scaler)`, and q its
`NaiveStep.weight`.
"""


def units(scaler: Scaler) -> Float64[np.ndarray, "group channel"]:
    """Return each group's original units per scaled unit, relative to the group with most.

    At most 1, and just that where all series share their statistics: sums of errors in these units
    overflow no sooner than those of the scaled ones.
    """
    relative: Float64[np.ndarray, "group channel"] = scaler.scale / scaler.scale.max(axis=0)
    return relative


@dataclass(frozen=True, eq=False)
class Truth:
    """What scores of a set of cells need of the truth: Σ|y| per target, and the channels' scales.

    `size`: Σ|y| in scaled units; `original`: in original units; `scale`: original per scaled unit,
    of the group with most.
    """

    size: Float64[np.ndarray, "target"]
    original: Float64[np.ndarray, "target"]
    scale: Float64[np.ndarray, "target"]

    @classmethod
    def of(cls, prepared: Prepared, part: int, cells: Bool[np.ndarray, "row target"]) -> Truth:
        """Sum the truth over the scored cells of all windows of a part."""
        task, targets = prepared.task, list(prepared.targets)
        first, length = (task.window, prepared.horizon) if prepared.horizon else (0, task.window)
        times = _multiplicity(prepared.starts(part) + first, length, len(cells))
        rows = np.flatnonzero(times)
        weight = times[rows, None] * cells[rows]
        scaled = prepared.values[rows][:, targets].astype(np.float64)
        scaler, group = prepared.scaler, prepared.scaler.group(rows)
        scale, shift = scaler.scale[:, targets], scaler.shift[:, targets]
        return cls(
            size=(np.abs(scaled) * weight).sum(axis=0),
            original=(np.abs(scaled * scale[group] + shift[group]) * weight).sum(axis=0),
            scale=scale.max(axis=0),
        )

    def scores(self, sums: Sums) -> tuple[Scores, Scores]:
        """Return scores in scaled and in original units; 0 with count 0 where nothing is scored.

        MRE is NaN where every scored true value is 0: an error relative to nothing. MASE is NaN
        where a scored target has no naive step; it has no unit, so both hold the same.
        """
        absolute, squared, count, absolute_original, squared_original, relative = sums
        factor = self.scale
        steps = float(np.where(count > 0, relative, 0.0).sum())
        return (
            _pooled(absolute, squared, self.size, count, steps),
            _pooled(
                absolute_original * factor,
                squared_original * factor**2,
                self.original,
                count,
                steps,
            ),
        )


def _pooled(
    absolute: Float64[np.ndarray, "target"],
    squared: Float64[np.ndarray, "target"],
    size: Float64[np.ndarray, "target"],
    count: Float64[np.ndarray, "target"],
    steps: float,
) -> Scores:
    cells, whole = int(count.sum()), float(size.sum())
    if not cells:
        return Scores(mse=0.0, mae=0.0, rmse=0.0, mre=0.0, mase=0.0, count=0)
    mse, error = float(squared.sum()) / cells, float(absolute.sum())
    return Scores(
        mse=mse,
        mae=error / cells,
        rmse=float(np.sqrt(mse)),
        mre=error / whole if whole else math.nan,
        mase=steps / cells,
        count=cells,
    )


def _multiplicity(
    first: Int64[np.ndarray, "window"], length: int, rows: int
) -> Int64[np.ndarray, "row"]:
    """Return how many stretches of `length` rows, starting at `first`, each row lies in."""
    change = np.bincount(first, minlength=rows + 1)
    change -= np.bincount(first + length, minlength=rows + 1)
    return np.cumsum(change, out=change)[:rows]
