"""Means and standard deviations of trailing windows, in which nothing outside a window counts.

A window is the end of one block of rows and the beginning of the next; both are summed from the
blocks' border (van Herk 1992). A sum that runs on and on would never recover from a value of 1e36,
which some files hold for "missing", nor come back to 0 where a sensor stands still.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64

Values = Float64[np.ndarray, "row"]
Grid = Float64[np.ndarray, "place block"]
"""Blocks of as many rows as a window has, side by side: a row of the grid is a place in all blocks."""

PIECE = 2**15
"""Rows taken at once, so that they stay in the processor's cache."""


def window_mean(values: Values, window: int, least: int) -> Values:
    """Return the mean of the last `window` rows; NaN where fewer than `least` have a value."""
    return _in_pieces(_mean, values, window, least)


def window_std(values: Values, window: int, least: int) -> Values:
    """Return the standard deviation (over n) of the last `window` rows, NaN as for the mean.

    Exactly 0 where all values are the same.
    """
    return _in_pieces(_std, values, window, least)


def _in_pieces(
    function: Callable[[Grid, int], Grid], values: Values, window: int, least: int
) -> Values:
    blocks = -(-len(values) // window)
    laid = np.full((blocks + 1) * window, np.nan)  # an empty block stands before the first
    laid[window : window + len(values)] = values
    rows = laid.reshape(blocks + 1, window)
    result = np.empty((blocks, window))
    step = max(PIECE // window, 4)
    for first in range(0, blocks, step):
        grid = np.ascontiguousarray(rows[first : first + step + 1].T)
        result[first : first + step] = function(grid, least).T
    return result.reshape(-1)[: len(values)]


def _mean(grid: Grid, least: int) -> Grid:
    there = ~np.isnan(grid)
    total = _both_parts(np.where(there, grid, 0.0))
    count = _both_parts(there.astype(np.float64))
    return np.where(count >= least, total / np.maximum(count, 1), np.nan)


def _both_parts(grid: Grid) -> Grid:
    """Return the sums over each window of all blocks but the first."""
    sums = np.cumsum(grid[:, 1:], axis=0)
    sums[:-1] += np.cumsum(grid[:0:-1, :-1], axis=0)[::-1]
    return sums


def _std(grid: Grid, least: int) -> Grid:
    ending = [one[::-1, :-1] for one in _moments(grid[::-1])]
    mean, count, squares = (one[:, 1:] for one in _moments(grid))
    # The window that ends at a place of a block begins one place further in the block before.
    other, more, rest = (np.vstack([one[1:], np.zeros_like(one[:1])]) for one in ending)
    total = count + more
    apart = np.where((count > 0) & (more > 0), other - mean, 0.0)
    squares = squares + rest + apart * apart * count * (more / np.maximum(total, 1))
    return np.where(total >= least, np.sqrt(squares / np.maximum(total, 1)), np.nan)


def _moments(grid: Grid) -> tuple[Grid, Grid, Grid]:
    """Return mean, count and sum of squared distances of the places up to each one (Welford 1962).

    Two parts are joined as Chan, Golub and LeVeque (1979) do.
    """
    mean, count, squares = (np.empty_like(grid) for _ in range(3))
    now, many, spread = (np.zeros(grid.shape[1]) for _ in range(3))
    for place, row in enumerate(grid):
        there = ~np.isnan(row)
        many = many + there
        distance = np.where(there, row - now, 0.0)
        now = now + distance / np.maximum(many, 1)
        spread = spread + distance * np.where(there, row - now, 0.0)
        mean[place], count[place], squares[place] = now, many, spread
    return mean, count, squares
