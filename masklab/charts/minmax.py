"""A channel thinned to what a screen can show: lowest and highest value per pixel, broken at gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.data.clock import gap_limit
from masklab.data.series import Panel


@dataclass(frozen=True, eq=False)
class Thinned:
    """Points of a line, NaN where it breaks, and the stretches without a value.

    `clock` (point) datetime64[us] and `values` (point); `empty` (stretch, 2) datetime64[us]: last
    time before and first time after each stretch without a value that is wider than a pixel.
    `shown` counts the values behind the line. A value alone between two breaks is in `lonely` too.
    """

    clock: Shaped[np.ndarray, "point"]
    values: Float64[np.ndarray, "point"]
    empty: Shaped[np.ndarray, "stretch 2"]
    lonely: Int64[np.ndarray, "lonely"]
    shown: int


def thinned(  # noqa: PLR0913 - which line, how wide, which part of it, what is a gap
    panel: Panel,
    series: int,
    channel: int,
    pixels: int = 1000,
    window: tuple[np.datetime64, np.datetime64] | None = None,
    *,
    longest_step: np.timedelta64 | None = None,
) -> Thinned:
    """Return one channel of one series, within a window of time, for a picture `pixels` wide.

    `longest_step` is the longest that is no gap, `gap_limit(panel)` unless given.

    Nothing that is missing is bridged: a line breaks where a cell is missing and at each gap of
    the clock, as soon as that is as wide as a pixel. No value is left out: each pixel's column goes
    from its lowest to its highest.
    """
    rows = panel.rows_of(series)
    clock = panel.clock[rows].astype(np.int64)
    column = panel.values[rows, channel]
    first, last = (
        (clock[0], clock[-1]) if window is None else (int(w.astype(np.int64)) for w in window)
    )
    inside = slice(int(np.searchsorted(clock, first)), int(np.searchsorted(clock, last, "right")))
    clock, column = clock[inside], column[inside]
    limit = int((longest_step or gap_limit(panel)).astype(np.int64))
    native = np.flatnonzero(np.isfinite(column))
    if not len(native):
        none = np.empty(0)
        edge = np.array([[first, last]]).astype("datetime64[us]")
        return Thinned(none.astype("datetime64[us]"), none, edge, none.astype(np.int64), 0)
    pixel = max((last - first) / pixels, 1.0)
    broken = _broken(native, clock, limit, pixel)
    empty = _empty(native, clock, broken, (first, last), pixel)
    if len(native) > 2 * pixels:
        x, y, broken = _columns(clock[native], column[native], first, pixel, limit)
    else:
        x, y = clock[native], column[native]
    return Thinned(*_with_breaks(x, y, broken), empty, _lonely(broken), len(native))


def _broken(
    native: Int64[np.ndarray, "value"], clock: Int64[np.ndarray, "row"], limit: int, pixel: float
) -> Bool[np.ndarray, "value-1"]:
    """Return where the line between neighbouring values breaks."""
    steps = np.diff(clock[native])
    apart = (np.diff(native) > 1) | (steps > limit)
    broken: Bool[np.ndarray, "value-1"] = apart & (steps > pixel)
    return broken


def _empty(
    native: Int64[np.ndarray, "value"],
    clock: Int64[np.ndarray, "row"],
    broken: Bool[np.ndarray, "value-1"],
    edges: tuple[int, int],
    pixel: float,
) -> Shaped[np.ndarray, "stretch 2"]:
    at = np.flatnonzero(broken)
    times = clock[native]
    stretches = np.stack([times[at], times[at + 1]], axis=1)
    around = [(edges[0], times[0]), (times[-1], edges[1])]
    wide = np.array([pair for pair in around if pair[1] - pair[0] > 2 * pixel]).reshape(-1, 2)
    return np.concatenate([stretches, wide]).astype(np.int64).astype("datetime64[us]")


def _columns(
    clock: Int64[np.ndarray, "value"],
    values: Float64[np.ndarray, "value"],
    first: int,
    pixel: float,
    limit: int,
) -> tuple[Int64[np.ndarray, "point"], Float64[np.ndarray, "point"], Bool[np.ndarray, "point-1"]]:
    """Return lowest and highest value of each pixel's column, in the order in which they occur."""
    column = ((clock - first) / pixel).astype(np.int64)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    ends = np.append(starts[1:], len(column)) - 1
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    rising = values[starts] <= values[ends]
    x = np.stack([clock[starts], clock[ends]], axis=1)
    y = np.where(rising[:, None], np.stack([low, high], axis=1), np.stack([high, low], axis=1))
    between = clock[starts[1:]] - clock[ends[:-1]]
    breaks = np.zeros(2 * len(starts) - 1, dtype=bool)
    breaks[1::2] = between > max(limit, 1.5 * pixel)
    return x.ravel(), y.ravel(), breaks


def _with_breaks(
    x: Int64[np.ndarray, "value"],
    y: Float64[np.ndarray, "value"],
    broken: Bool[np.ndarray, "value-1"],
) -> tuple[Shaped[np.ndarray, "point"], Float64[np.ndarray, "point"]]:
    at = np.flatnonzero(broken) + 1
    return (
        np.insert(x, at, x[at - 1]).astype("datetime64[us]"),
        np.insert(y.astype(np.float64), at, np.nan),
    )


def _lonely(broken: Bool[np.ndarray, "value-1"]) -> Int64[np.ndarray, "lonely"]:
    """Return the points, counted with the breaks, that have a break on both sides."""
    before = np.concatenate([[True], broken])
    after = np.concatenate([broken, [True]])
    alone = np.flatnonzero(before & after)
    shifted: Int64[np.ndarray, "lonely"] = alone + np.concatenate([[0], np.cumsum(broken)])[alone]
    return shifted
