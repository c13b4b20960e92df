"""Naive baselines on the common cells: what a network has to beat. Numpy only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int, Int32, Int64

from masklab.split import VALIDATION
from masklab.training.metrics import Sums, Truth, units
from masklab.training.predictions import predicted_rows
from masklab.training.prepare import Prepared
from masklab.training.report import Scores

_CHUNK = 4096  # windows at a time, so that memory doesn't grow with the series

Predicted = Float64[np.ndarray, "window step target"]


def baseline_scores(prepared: Prepared, part: int = VALIDATION) -> dict[str, tuple[Scores, Scores]]:
    """Return each naive baseline's scores on the common cells of a part: scaled, original.

    Forecast: `last_value` (the last observed value of the window), `mean` (of the observed training
    cells) and, where a day, week or year fits into the window, `seasonal_naive` (the value one
    season before). Reconstruct: `last_value`, `mean`, and `linear` (in clock time between the
    neighbours in the window; one neighbour alone is repeated). All see what the strategies see; a
    window without such a value gets the mean.
    """
    view = _View.of(prepared)
    truth = Truth.of(prepared, part, prepared.common)
    return {
        name: truth.scores(_sums(view, baseline, part)) for name, baseline in _members(prepared)
    }


@dataclass(frozen=True, eq=False)
class _View:
    """What baselines see: target values, usable cells, and the nearest usable row on each side."""

    prepared: Prepared
    values: Float32[np.ndarray, "row target"]
    visible: Bool[np.ndarray, "row target"]
    before: Int32[np.ndarray, "row target"]
    after: Int32[np.ndarray, "row target"]
    mean: Float64[np.ndarray, "group target"]
    unit: Float64[np.ndarray, "group target"]

    @classmethod
    def of(cls, prepared: Prepared) -> _View:
        columns = list(prepared.targets)
        visible, values = prepared.observed[:, columns], prepared.values[:, columns]
        rows = np.arange(len(visible), dtype=np.int32)
        before, after = (np.empty(visible.shape, dtype=np.int32) for _ in range(2))
        for column in range(len(columns)):
            seen = visible[:, column]
            np.maximum.accumulate(np.where(seen, rows, -1), out=before[:, column])
            later = np.where(seen, rows, np.int32(len(rows)))
            np.minimum.accumulate(later[::-1], out=after[::-1, column])
        mean = prepared.scaler.scaled_mean[:, columns]
        unit = units(prepared.scaler)[:, columns]
        return cls(prepared, values, visible, before, after, mean, unit)

    def at(self, rows: Int[np.ndarray, "window step target"]) -> Predicted:
        """Return the values at rows, one for each target."""
        values: Predicted = self.values[rows, np.arange(self.values.shape[1])].astype(np.float64)
        return values

    def mean_of(self, start: _Start) -> Float64[np.ndarray, "window 1 target"]:
        """Return the training mean of each window's series."""
        mean: Float64[np.ndarray, "window 1 target"] = self.mean[self._group(start)]
        return mean

    def unit_of(self, start: _Start) -> Float64[np.ndarray, "window 1 target"]:
        """Return the relative unit of each window's series, as in `Sums`."""
        unit: Float64[np.ndarray, "window 1 target"] = self.unit[self._group(start)]
        return unit

    def relative_of(self, start: _Start) -> Float64[np.ndarray, "window 1 target"]:
        """Return the weight of errors in MASE, of each window's series."""
        naive = self.prepared.naive
        weight: Float64[np.ndarray, "window 1 target"] = naive.weight[naive.series(start[:, :, 0])]
        return weight

    def _group(self, start: _Start) -> Int64[np.ndarray, "window 1"]:
        return self.prepared.scaler.group(start[:, :, 0])


_Start = Int64[np.ndarray, "window 1 1"]
_Rows = Int64[np.ndarray, "window step"]
_TwoSums = tuple[Float64[np.ndarray, "target"], Float64[np.ndarray, "target"]]
_Baseline = Callable[[_View, _Start, _Rows], Predicted]


def _members(prepared: Prepared) -> list[tuple[str, _Baseline]]:
    if not prepared.horizon:
        return [("last_value", _last_known), ("mean", _mean), ("linear", _linear)]
    seasonal = [("seasonal_naive", _seasonal)] if prepared.season else []
    return [("last_value", _last_of_window), ("mean", _mean), *seasonal]


def _sums(view: _View, baseline: _Baseline, part: int) -> Sums:
    total = np.zeros((6, view.values.shape[1]))
    starts, rows = view.prepared.starts(part), predicted_rows(view.prepared, part)
    for first in range(0, len(starts), _CHUNK):
        some = slice(first, first + _CHUNK)
        scored = view.prepared.common[rows[some]]
        start = starts[some, None, None]
        error = baseline(view, start, rows[some]) - view.values[rows[some]]
        error = np.where(scored, error, 0.0)
        total += (
            *_absolute_and_squared(error),
            scored.sum((0, 1)),
            *_absolute_and_squared(error * view.unit_of(start)),
            (np.abs(error) * view.relative_of(start)).sum((0, 1)),
        )
    return total


def _absolute_and_squared(error: Predicted) -> _TwoSums:
    return np.abs(error).sum((0, 1)), (error**2).sum((0, 1))


def _mean(view: _View, start: _Start, rows: _Rows) -> Predicted:
    return np.broadcast_to(view.mean_of(start), (*rows.shape, view.values.shape[1]))


def _last_of_window(view: _View, start: _Start, rows: _Rows) -> Predicted:
    """Repeat the last usable value of the window's input over the horizon."""
    last = view.before[start[:, :, 0] + view.prepared.task.window - 1]  # (window, 1, target)
    value = np.where(last >= start, view.at(last), view.mean_of(start))
    return np.broadcast_to(value, (*rows.shape, value.shape[2]))


def _seasonal(view: _View, start: _Start, rows: _Rows) -> Predicted:
    """Take the value whole seasons before, the nearest usable one in the window, else the last."""
    season, window = view.prepared.season or 1, view.prepared.task.window
    predicted = _last_of_window(view, start, rows)
    found = np.zeros(predicted.shape, dtype=bool)
    for seasons in range(1, (window + rows.shape[1]) // season + 1):
        source = rows[:, :, None] - seasons * season  # (window, step, 1)
        inside = (source >= start) & (source < start + window)
        reachable = np.broadcast_to(np.where(inside, source, start), predicted.shape)
        usable = inside & view.visible[reachable, np.arange(predicted.shape[2])] & ~found
        predicted = np.where(usable, view.at(reachable), predicted)
        found |= usable
    return predicted


def _last_known(view: _View, start: _Start, rows: _Rows) -> Predicted:
    """Repeat the last usable value before each cell of the window."""
    before = view.before[rows]
    return np.where(before >= start, view.at(before), view.mean_of(start))


def _linear(view: _View, start: _Start, rows: _Rows) -> Predicted:
    """Interpolate in clock time between the usable neighbours of each cell within its window."""
    clock, end = view.prepared.clock, start + view.prepared.task.window
    before, after = view.before[rows], view.after[rows]
    has_before, has_after = before >= start, after < end
    before = np.where(has_before, before, start)
    after = np.where(has_after, after, start)
    both = has_before & has_after
    span = np.where(both & (after > before), clock[after] - clock[before], 1)
    share = np.where(both, (clock[rows][:, :, None] - clock[before]) / span, 0.0)
    left, right = view.at(before), view.at(after)
    between = left + (right - left) * share
    return np.select([both, has_before, has_after], [between, left, right], view.mean_of(start))
