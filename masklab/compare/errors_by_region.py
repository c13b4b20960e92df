"""Where the error sits: scores of strategies by what stands around each predicted cell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64

from masklab.compare.scores import Metric, Units
from masklab.compare.validation_cells import ValidationCells

Factor = Literal["gap", "distance", "nearness", "channel", "hour", "weekday"]
FACTORS: tuple[Factor, ...] = ("gap", "distance", "nearness", "channel", "hour", "weekday")

FEW = 30
"""Levels with fewer cells than this say little."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

_Cell = Int64[np.ndarray, "cell"]
_Values = Float64[np.ndarray, "cell"]
_Rows = Int64[np.ndarray, "row channel"]
_Level = Float64[np.ndarray, "level"]


@dataclass(frozen=True, eq=False)
class Levels:
    """The levels of a factor in their order, and which of them each cell has."""

    names: tuple[str, ...]
    codes: Int64[np.ndarray, "cell"]


def factors_of(cells: ValidationCells) -> tuple[Factor, ...]:
    """Return the factors that the data has: no hour without a clock of times, no single channel."""
    timed = cells.panel.clock_kind == "time"
    left = {"hour": timed, "weekday": timed, "channel": len(cells.mask.targets) > 1}
    return tuple(one for one in FACTORS if left.get(one, True))


def levels(cells: ValidationCells, factor: Factor) -> Levels:
    """Return which level of a factor each cell has.

    `distance`: steps back to the last observed value of its channel that the window holds. `gap`:
    length of the hidden stretch before it: in a forecast the last one in the window's input, in a
    reconstruction the one that the cell lies in. `nearness`: how near the mask is, see `reach`.
    `channel`; `hour` and `weekday` in the data's zone.
    """
    return _FACTORS[factor](cells)


def last_observed(cells: ValidationCells) -> _Cell:
    """Return for each cell the row of the last observed value of its channel; -1: none in the window."""
    last = _running_last(cells.mask.observed)[_read_up_to(cells), cells.column]
    return np.where(last >= cells.start[cells.window], last, -1)


def distances(cells: ValidationCells) -> _Cell:
    """Return the steps from each cell back to its channel's last observed value; -1 if there is none."""
    last = last_observed(cells)
    return np.where(last >= 0, cells.row - last, -1)


def gaps(cells: ValidationCells) -> _Cell:
    """Return the length of the hidden stretch before each cell, within its window; 0 if none is."""
    observed, start = cells.mask.observed, cells.start[cells.window]
    last_seen, last_hidden = _running_last(observed), _running_last(~observed)
    end = last_hidden[_read_up_to(cells), cells.column]
    inside = end >= start
    end = np.where(inside, end, start)
    begin = np.maximum(last_seen[end, cells.column] + 1, start)
    if not cells.horizon:  # the stretch goes on behind the cell
        after = _running_next(observed)[cells.row, cells.column]
        end = np.minimum(after, start + cells.length) - 1
    return np.where(inside, end - begin + 1, 0)


def reach(cells: ValidationCells) -> int:
    """Return how many steps from a hidden cell of its channel a cell counts as beside the mask."""
    return max(1, cells.length // 8)


def mask_distances(cells: ValidationCells) -> _Cell:
    """Return the steps from each cell to the nearest masked one of its channel, -1 if none is.

    Masked: hidden by the mask or missing in the file; what a reconstruction asks for is not. Only
    the cell's own window counts, input and horizon; 0: the cell itself is masked.
    """
    masked = ~cells.mask.observed & ~cells.asked
    start = cells.start[cells.window]
    end = start + cells.length + cells.horizon
    before = _running_last(masked)[cells.row, cells.column]
    after = _running_next(masked)[cells.row, cells.column]
    far = cells.length + cells.horizon + 1
    back = np.where(before >= start, cells.row - before, far)
    ahead = np.where(after < end, after - cells.row, far)
    nearest = np.minimum(back, ahead)
    return np.where(nearest < far, nearest, -1)


def by_region(
    cells: ValidationCells,
    predicted: Mapping[str, Sequence[_Values]],
    factor: Factor,
    *,
    metric: Metric = "rmse",
    units: Units = "scaled",
) -> pd.DataFrame:
    """Return strategy, level, score, low, high, n, cells, few; levels in their order, none empty.

    `predicted`: by strategy, the predictions of each seed in original units. `score`: mean over n
    seeds of the score on the level's cells, `low` and `high` the lowest and highest seed's. `few`:
    fewer than `FEW` cells.
    """
    found = levels(cells, factor)
    count = np.bincount(found.codes, minlength=len(found.names))
    rows = []
    for strategy, seeds in predicted.items():
        each = np.array(
            [_scores(cells, one, found.codes, len(count), metric, units) for one in seeds]
        )
        for place in np.flatnonzero(count):
            mine = each[:, place]
            rows.append(
                (
                    strategy, found.names[place], mine.mean(), mine.min(), mine.max(), len(mine),
                    int(count[place]), bool(count[place] < FEW),
                )
            )  # fmt: skip
    columns = ["strategy", "level", "score", "low", "high", "n", "cells", "few"]
    return pd.DataFrame(rows, columns=columns)


def pooled(
    cells: ValidationCells, predicted: _Values, metric: Metric = "rmse", units: Units = "scaled"
) -> float:
    """Return the score of predictions in original units on all cells together."""
    together = np.zeros(len(cells), dtype=np.int64)
    return float(_scores(cells, predicted, together, 1, metric, units)[0])


def errors(cells: ValidationCells, predicted: _Values, units: Units = "scaled") -> _Values:
    """Return the error of each cell."""
    error: _Values = predicted - cells.truth
    return error if units == "original" else error / cells.scale


def _scores(  # noqa: PLR0913, PLR0917 (as above)
    cells: ValidationCells,
    predicted: _Values,
    codes: _Cell,
    count: int,
    metric: Metric,
    units: Units,
) -> _Level:
    """Return the score on the cells of each level; NaN where there are none."""
    error = errors(cells, predicted, "scaled" if metric == "mase" else units)

    def total(values: _Values) -> _Level:
        found: _Level = np.bincount(codes, weights=values, minlength=count)
        return found

    size: _Level = np.bincount(codes, minlength=count).astype(float)
    found: _Level
    with np.errstate(divide="ignore", invalid="ignore"):
        if metric in ("mse", "rmse"):
            found = total(error**2) / size
        elif metric == "mre":
            truth = (
                cells.truth if units == "original" else (cells.truth - cells.shift) / cells.scale
            )
            found = total(np.abs(error)) / total(np.abs(truth))
        else:
            weight = cells.weight if metric == "mase" else 1.0
            found = total(np.abs(error) * weight) / size
    root: _Level = np.sqrt(found)
    return root if metric == "rmse" else found


def _read_up_to(cells: ValidationCells) -> _Cell:
    """Return the last row that may be read before each cell: the input's last, or the cell's own."""
    if not cells.horizon:
        return cells.row
    end: _Cell = cells.start[cells.window] + cells.length - 1
    return end


def _running_last(flags: Bool[np.ndarray, "row channel"]) -> _Rows:
    """Return the last row at or before each one whose flag is True; -1 if there is none."""
    rows = np.arange(len(flags))[:, None]
    last: _Rows = np.maximum.accumulate(np.where(flags, rows, -1), axis=0)
    return last


def _running_next(flags: Bool[np.ndarray, "row channel"]) -> _Rows:
    """Return the first row at or after each one whose flag is True; the number of rows if none is."""
    rows = np.arange(len(flags))[:, None]
    later = np.where(flags, rows, len(flags))[::-1]
    following: _Rows = np.minimum.accumulate(later, axis=0)[::-1]
    return following


def _in_doublings(steps: _Cell, special: str, special_at: int) -> Levels:
    """Return levels 1, 2, 3–4, 5–8 and so on; `special` names those of the value `special_at`."""
    most = max(int(steps.max(initial=1)), 1)
    tops = 2 ** np.arange(int(np.ceil(np.log2(most))) + 1)
    bottoms = np.concatenate(([1], tops[:-1] + 1))
    names = [
        f"{low:,}" if low == top else f"{low:,}–{top:,}"
        for low, top in zip(bottoms.tolist(), tops.tolist(), strict=True)
    ]
    codes = np.searchsorted(tops, np.maximum(steps, 1))
    if special_at == 0:
        return Levels((special, *names), np.where(steps == 0, 0, codes + 1))
    return Levels((*names, special), np.where(steps == special_at, len(names), codes))


def _gap(cells: ValidationCells) -> Levels:
    return _in_doublings(gaps(cells), "none", 0)


def _distance(cells: ValidationCells) -> Levels:
    return _in_doublings(distances(cells), "none seen", -1)


def _nearness(cells: ValidationCells) -> Levels:
    steps, near = mask_distances(cells), reach(cells)
    codes = np.where(steps == 0, 0, np.where((steps > 0) & (steps <= near), 1, 2))
    return Levels(("masked", "beside", "far"), codes)


def _channel(cells: ValidationCells) -> Levels:
    return Levels(cells.mask.targets, cells.target)


def _hour(cells: ValidationCells) -> Levels:
    names = tuple(f"{hour:02d}" for hour in range(24))
    return Levels(names, _local(cells).hour.to_numpy().astype(np.int64))


def _weekday(cells: ValidationCells) -> Levels:
    return Levels(DAYS, _local(cells).day_of_week.to_numpy().astype(np.int64))


def _local(cells: ValidationCells) -> pd.DatetimeIndex:
    """Return the time of each cell in the data's zone."""
    times = pd.DatetimeIndex(cells.panel.clock[cells.source])
    zone = cells.panel.timezone
    return times if zone is None else times.tz_localize("UTC").tz_convert(zone)


_FACTORS: dict[Factor, Callable[[ValidationCells], Levels]] = {
    "gap": _gap,
    "distance": _distance,
    "nearness": _nearness,
    "channel": _channel,
    "hour": _hour,
    "weekday": _weekday,
}
