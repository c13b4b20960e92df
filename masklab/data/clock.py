"""The clock of a panel: its interval, whether it is regular, and where it has gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from masklab.data.series import Panel

REGULAR_SHARE, ON_GRID_SHARE = 0.9, 0.995
"""A regular clock has at least these shares of steps of one, and of any whole number of, median steps."""
GAP_REGULAR, GAP_IRREGULAR = 1.5, 5.0
"""A step longer than this many median steps is a gap."""


@dataclass(frozen=True)
class Gap:
    """A stretch of a series without rows: `start` is the last time before it, `end` the first after.

    `steps` is how many rows of the median interval would fit in it.
    """

    series: str
    start: np.datetime64
    end: np.datetime64
    steps: int


def interval(panel: Panel) -> np.timedelta64:
    """Return the median step within series; 1 second if no series has two rows."""
    steps = _steps(panel)[1]
    return np.timedelta64(_median(steps), "us")


def is_regular(panel: Panel) -> bool:
    """Return whether the steps keep to one interval, to within a tenth of it.

    Nine in ten steps must be of one interval and nearly all of a whole number of intervals: rows
    left out here and there leave a clock regular, and so do months of unequal length; weekdays
    without weekends are irregular, and so is a sensor whose clock was set anew now and then.
    """
    steps = _steps(panel)[1]
    return _regular(steps, _median(steps))


def gap_limit(panel: Panel) -> np.timedelta64:
    """Return the longest step that is no gap: 1.5 median steps on a regular clock, else 5."""
    steps = _steps(panel)[1]
    return np.timedelta64(_limit(steps), "us")


def gap_ends(panel: Panel, max_gap: np.timedelta64 | None = None) -> Int64[np.ndarray, "gap"]:
    """Return the rows that follow a gap, within series; `max_gap` replaces the rule's limit."""
    rows, steps = _steps(panel)
    limit = _limit(steps) if max_gap is None else max_gap.astype("timedelta64[us]").astype(int)
    return rows[steps > limit]


def gaps(panel: Panel, max_gap: np.timedelta64 | None = None) -> list[Gap]:
    """Return the gaps of every series in order; none for a series of one row."""
    rows, missing = missing_steps(panel, max_gap)
    series = panel.series_of_row[rows].tolist()
    return [
        Gap(panel.names[index], panel.clock[row - 1], panel.clock[row], steps)
        for index, row, steps in zip(series, rows.tolist(), missing.tolist(), strict=True)
    ]


def missing_steps(
    panel: Panel, max_gap: np.timedelta64 | None = None
) -> tuple[Int64[np.ndarray, "gap"], Int64[np.ndarray, "gap"]]:
    """Return the rows that follow a gap, and how many rows of the median interval each gap lacks.

    A gap that is no whole number of intervals is rounded to the nearest.
    """
    rows = gap_ends(panel, max_gap)
    clock = panel.clock.astype(np.int64)
    intervals = np.rint((clock[rows] - clock[rows - 1]) / _median(_steps(panel)[1]))
    return rows, np.maximum(intervals.astype(np.int64) - 1, 0)


def step_numbers(panel: Panel) -> Int64[np.ndarray, "row"]:
    """Return for each row its step in its series, from 0; steps that a gap lacks are counted too."""
    rows, missing = missing_steps(panel)
    stride = np.ones(panel.rows, dtype=np.int64)
    stride[rows] += missing
    numbers = np.cumsum(stride)
    return np.asarray(numbers - np.repeat(numbers[panel.offsets[:-1]], np.diff(panel.offsets)))


def segments(panel: Panel, max_gap: np.timedelta64 | None = None) -> Int64[np.ndarray, "row"]:
    """Return for each row the number of its segment, from 0, rising at each series border and gap."""
    starts: Bool[np.ndarray, "row"] = np.zeros(panel.rows, dtype=bool)
    starts[panel.offsets[1:-1]] = True
    starts[gap_ends(panel, max_gap)] = True
    return np.cumsum(starts, dtype=np.int64)


def _steps(panel: Panel) -> tuple[Int64[np.ndarray, "step"], Int64[np.ndarray, "step"]]:
    """Return the rows that have a predecessor in their series, and the µs since it."""
    inside = np.ones(panel.rows - 1, dtype=bool)
    inside[panel.offsets[1:-1] - 1] = False
    steps = np.diff(panel.clock.view(np.int64))[inside]
    return np.flatnonzero(inside) + 1, steps


def _median(steps: Int64[np.ndarray, "step"]) -> int:
    """Return a step that occurs (the upper median), so that a half-and-half clock keeps its unit."""
    if not len(steps):
        return 1_000_000
    middle = len(steps) // 2
    return int(np.partition(steps, middle)[middle])


def _regular(steps: Int64[np.ndarray, "step"], median: int) -> bool:
    if not len(steps):
        return True
    whole = np.maximum(np.rint(steps / median), 1)
    on_grid = np.abs(steps - whole * median) <= 0.1 * median
    return bool(
        (on_grid & (whole == 1)).mean() >= REGULAR_SHARE and on_grid.mean() >= ON_GRID_SHARE
    )


def _limit(steps: Int64[np.ndarray, "step"]) -> int:
    median = _median(steps)
    return int(median * (GAP_REGULAR if _regular(steps, median) else GAP_IRREGULAR))
