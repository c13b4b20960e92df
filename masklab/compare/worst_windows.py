"""The validation windows that strategies predict worst, and what stands in one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.compare.errors_by_region import errors
from masklab.compare.validation_cells import ValidationCells

_Values = Float64[np.ndarray, "cell"]


@dataclass(frozen=True, eq=False)
class Window:
    """One channel of a window: values in original units, NaN where the file lacks them.

    `rows`: of the panel, -1 where it has none; `clock` is laid out for these too. `observed`: what
    the networks could read. `predicted`: by strategy the mean over its seeds, NaN where it is not
    scored. `inputs`: how many of the steps are the window's input. `error`: scaled RMSE over its
    scored cells of all channels, of the strategy that was asked for.
    """

    series: str
    channel: str
    rows: Int64[np.ndarray, "step"]
    clock: Shaped[np.ndarray, "step"]
    values: Float64[np.ndarray, "step"]
    observed: Bool[np.ndarray, "step"]
    predicted: Mapping[str, Float64[np.ndarray, "step"]]
    inputs: int
    error: float


def window_errors(
    cells: ValidationCells, seeds: Sequence[_Values]
) -> Float64[np.ndarray, "window"]:
    """Return each window's scaled RMSE over its scored cells, the mean over seeds; NaN without any."""
    count = np.bincount(cells.window, minlength=len(cells.start))
    found = []
    for predicted in seeds:
        squares = errors(cells, predicted) ** 2
        total = np.bincount(cells.window, weights=squares, minlength=len(cells.start))
        found.append(np.sqrt(total / np.where(count, count, np.nan)))
    mean: Float64[np.ndarray, "window"] = np.mean(found, axis=0)
    return mean


def worst(cells: ValidationCells, seeds: Sequence[_Values], most: int = 4) -> list[int]:
    """Return the windows with the largest error, the worst first, none of which overlap."""
    found = window_errors(cells, seeds)
    steps = cells.length + cells.horizon
    chosen: list[int] = []
    for window in np.argsort(-np.nan_to_num(found, nan=-1.0), kind="stable"):
        if len(chosen) == most or np.isnan(found[window]):
            break
        if all(abs(cells.start[window] - cells.start[other]) >= steps for other in chosen):
            chosen.append(int(window))
    return chosen


def window_of(
    cells: ValidationCells, predicted: Mapping[str, Sequence[_Values]], window: int, strategy: str
) -> Window:
    """Return a window in the channel in which `strategy` errs most there."""
    mine = np.flatnonzero(cells.window == window)
    square = np.mean([errors(cells, one)[mine] ** 2 for one in predicted[strategy]], axis=0)
    target = int(np.argmax(np.bincount(cells.target[mine], weights=square)))
    column = cells.panel.channel_index(cells.mask.targets[target])
    steps = cells.start[window] + np.arange(cells.length + cells.horizon)
    rows = cells.mask.source[steps]
    there = np.where(rows >= 0, rows, 0)
    values = np.where(rows >= 0, cells.panel.values[there, column], np.nan)
    own = mine[cells.target[mine] == target]
    lines = {}
    for name, seeds in predicted.items():
        line = np.full(len(steps), np.nan)
        line[cells.row[own] - steps[0]] = np.mean([one[own] for one in seeds], axis=0)
        lines[name] = line
    first = int(rows[rows >= 0][0])
    return Window(
        series=cells.panel.names[int(cells.panel.series_of_row[first])],
        channel=cells.mask.targets[target],
        rows=rows,
        clock=_clock(cells, rows),
        values=values,
        observed=cells.mask.observed[steps, column],
        predicted=lines,
        inputs=cells.length,
        error=float(window_errors(cells, predicted[strategy])[window]),
    )


def _clock(cells: ValidationCells, rows: Int64[np.ndarray, "step"]) -> Shaped[np.ndarray, "step"]:
    """Return the time of each step; evenly between its neighbours where the panel has no row."""
    clock = cells.panel.clock.astype("datetime64[us]").astype(np.int64)
    there = np.flatnonzero(rows >= 0)
    filled = np.interp(np.arange(len(rows)), there, clock[rows[there]])
    times: Shaped[np.ndarray, "step"] = filled.astype(np.int64).astype("datetime64[us]")
    return times
