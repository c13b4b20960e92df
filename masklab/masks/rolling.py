"""Windows that roll over a channel: centred, and cut at the border of a series and at gaps in the clock.

Each window's result depends on its own values alone, whatever stands before it: the same cells,
the same bits.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bottleneck
import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.data.clock import segments
from masklab.data.series import Panel

FEWEST = 3
"""A window with fewer values than this judges nothing."""

CONSISTENT = 1.4826
"""Times the median absolute deviation is the standard deviation of normally distributed values."""

_PIECE = 1 << 15  # cells that the processor's cache holds with what is computed of them

Padded = Float64[np.ndarray, "place"]


@dataclass(frozen=True)
class Layout:
    """Where the rows of some segments go so that no window meets two: `reach` places lie between.

    A place that holds no row is NaN, and so are `reach` places at both ends.
    """

    rows: Int64[np.ndarray, "row"]
    places: Int64[np.ndarray, "row"]
    size: int
    reach: int


def layouts(panel: Panel, reach: int) -> list[Layout]:
    """Return layouts that hold each row once, for windows of `reach` steps on each side.

    Segments of like length share a layout, whose reach is no longer than they are: so the places
    between them stay in proportion, however many segments and however wide the windows.
    """
    first = np.flatnonzero(np.diff(segments(panel), prepend=-1))
    lengths = np.diff(first, append=panel.rows)
    classes = np.frexp(lengths)[1]
    return [
        _layout(first[classes == one], lengths[classes == one], reach) for one in np.unique(classes)
    ]


def _layout(
    first: Int64[np.ndarray, "segment"], lengths: Int64[np.ndarray, "segment"], reach: int
) -> Layout:
    reach = min(reach, int(lengths.max()) - 1)
    packed = np.arange(lengths.sum())
    rows = packed + np.repeat(first - (np.cumsum(lengths) - lengths), lengths)
    places = packed + np.repeat(reach * np.arange(1, len(lengths) + 1), lengths)
    return Layout(rows, places, len(packed) + reach * (len(lengths) + 1), reach)


def rolled(
    values: Float64[np.ndarray, "row"],
    where: list[Layout],
    compute: Callable[[Padded, int], Shaped[np.ndarray, "place"]],
) -> Shaped[np.ndarray, "row"]:
    """Return for each row what `compute` makes of the window around it.

    `compute` takes values laid out with NaN where there is none, and the reach of the windows; it
    returns an entry for each place. Values that must not be read are to be NaN.
    """
    found = []
    for layout in where:
        padded = np.full(layout.size, np.nan)
        padded[layout.places] = values[layout.rows]
        found.append(compute(padded, layout.reach)[layout.places])
    result = np.empty(len(values), dtype=found[0].dtype)
    for layout, one in zip(where, found, strict=True):
        result[layout.rows] = one
    return result


def counts(padded: Padded, reach: int) -> Int64[np.ndarray, "place"]:
    """Return how many values the window of each place holds."""
    upto = np.concatenate([np.zeros(reach + 1, dtype=np.int64), np.cumsum(~np.isnan(padded))])
    upto = np.concatenate([upto, np.full(reach, upto[-1])])
    return np.asarray(upto[2 * reach + 1 :] - upto[: len(padded)])


def medians(padded: Padded, reach: int) -> Padded:
    """Return the median of each window's values; NaN where it holds none."""
    longer = np.concatenate([padded, np.full(reach, np.nan)])
    trailing = bottleneck.move_median(longer, window=2 * reach + 1, min_count=1)
    return np.asarray(trailing[reach:])


def deviations(padded: Padded, reach: int) -> Padded:
    """Return the standard deviation (n - 1) of each window's values; NaN below two values.

    Halves of a window are merged (Chan, Golub and LeVeque 1979), pairs first: exact 0 where all
    values are equal, and no loss on a high level.
    """
    width, result = 2 * reach + 1, np.empty(len(padded))
    longer = np.concatenate([np.full(reach, np.nan), padded, np.full(reach, np.nan)])
    for start in range(0, len(padded), _PIECE):
        end = min(start + _PIECE, len(padded))
        result[start:end] = _trailing(longer[start : end + 2 * reach], width)[2 * reach :]
    return result


@dataclass(frozen=True)
class _Moments:
    """Number, mean and sum of squared deviations of the values in the window that ends at each place."""

    count: Float64[np.ndarray, "place"]
    mean: Float64[np.ndarray, "place"]
    squares: Float64[np.ndarray, "place"]

    def after(self, earlier: _Moments, steps: int) -> _Moments:
        """Return these windows joined with those of `earlier` that end `steps` places before."""
        left = [_moved(one, steps) for one in (earlier.count, earlier.mean, earlier.squares)]
        count = left[0] + self.count
        share, apart = self.count / np.maximum(count, 1), self.mean - left[1]
        squares = left[2] + self.squares + apart * apart * left[0] * share
        return _Moments(count, left[1] + apart * share, squares)


def _trailing(values: Padded, width: int) -> Padded:
    """Return the standard deviation of each value and the `width - 1` before it, by doubling."""
    held = ~np.isnan(values)
    block = _Moments(held.astype(float), np.where(held, values, 0.0), np.zeros(len(values)))
    window, covered, size = block, 1, 1  # a centred window's width is odd
    while 2 * size <= width:
        block, size = block.after(block, size), 2 * size
        if width & size:
            window, covered = window.after(block, covered), covered + size
    enough = window.count > 1
    variance = np.divide(
        window.squares, window.count - 1, where=enough, out=np.full(len(values), np.nan)
    )
    return np.asarray(np.sqrt(variance))


def _moved(values: Padded, steps: int) -> Padded:
    moved = np.zeros_like(values)
    moved[steps:] = values[: len(values) - steps]
    return moved


def outlying(
    padded: Padded, reach: int, threshold: float, least: float
) -> Bool[np.ndarray, "place"]:
    """Return True where a value is further than `threshold` deviations and `least` from its median.

    The deviation is 1.4826 times the window's median absolute deviation from the window's median
    (Hampel 1974). It is smaller than the distance exactly if more than half of the window's
    values lie nearer to the median than the distance over the factor; so these are counted, all
    places at once, and the deviation itself is computed only for a draw of an even window.
    """
    centre, held = medians(padded, reach), counts(padded, reach)
    distance = np.abs(padded - centre)
    able = (held >= FEWEST) & (distance > least)
    near = _nearer(padded, reach, centre, distance, threshold * CONSISTENT)
    found: Bool[np.ndarray, "place"] = able & (2 * near > held)
    drawn = np.flatnonzero(able & (2 * near == held))
    windows, piece = _windows(padded, reach), max(_PIECE // (2 * reach + 1), 1)
    for start in range(0, len(drawn), piece):
        places = drawn[start : start + piece]
        apart = np.abs(windows[places] - centre[places, None])
        half = held[places, None] // 2
        ranked = np.take_along_axis(np.sort(apart, axis=1), np.hstack([half - 1, half]), axis=1)
        middle = (ranked[:, 0] + ranked[:, 1]) / 2
        found[places] = middle * (threshold * CONSISTENT) < distance[places]
    return found


def _windows(padded: Padded, reach: int) -> Float64[np.ndarray, "place window"]:
    longer = np.concatenate([np.full(reach, np.nan), padded, np.full(reach, np.nan)])
    return np.lib.stride_tricks.sliding_window_view(longer, 2 * reach + 1)


def _nearer(
    padded: Padded, reach: int, centre: Padded, distance: Padded, factor: float
) -> Int64[np.ndarray, "place"]:
    """Return how many values of each window lie nearer to its centre than the distance / factor."""
    longer = np.concatenate([np.full(reach, np.nan), padded, np.full(reach, np.nan)])
    near = np.zeros(len(padded), dtype=np.int64)
    for start in range(0, len(padded), _PIECE):
        here = slice(start, min(start + _PIECE, len(padded)))
        middle, limit, found = centre[here], distance[here], near[here]
        apart, is_near = np.empty(len(middle)), np.empty(len(middle), dtype=bool)
        for step in range(2 * reach + 1):
            np.subtract(longer[start + step : here.stop + step], middle, out=apart)
            np.abs(apart, out=apart)
            np.multiply(apart, factor, out=apart)
            np.less(apart, limit, out=is_near)
            np.add(found, is_near, out=found)
    return near
