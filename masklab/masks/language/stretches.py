"""Rows that stand side by side: windows and lags that never reach over a series border or a gap."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.data.clock import segments
from masklab.data.series import Panel

MAX_WINDOW = 10_000
"""The widest window, in rows."""

Values = Float64[np.ndarray, "row"]
Kernel = Callable[[Values, int, int], Values]
"""Takes values, the window, and how many of its values must be there; NaN where fewer are."""


class Stretches:
    """The rows of a panel, in stretches without a series border or a gap of the clock.

    A window holds the last n rows of its stretch; its result is missing unless at least half of
    the n are there.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self._known: dict[tuple[int, int, int], tuple[Values, Values]] = {}

    @cached_property
    def bounds(self) -> Int64[np.ndarray, "stretch+1"]:
        """First row of each stretch, and the number of rows."""
        of_row = segments(self.panel)
        starts = np.flatnonzero(np.diff(of_row, prepend=-1))
        return np.append(starts, self.panel.rows).astype(np.int64)

    def rolling(self, values: Values, window: int, kernel: Kernel) -> Values:
        """Return the kernel's result over the trailing window of each row."""
        values = self.spread(values)
        key = (id(values), window, id(kernel))
        if key not in self._known:
            # The values are kept with the result: an id is theirs as long as they live.
            self._known[key] = (values, self._rolled(values, window, kernel))
        return self._known[key][1]

    def lag(self, values: Values, steps: int) -> Values:
        """Return the value `steps` rows before, of the same stretch; NaN where there is none."""
        values = self.spread(values)
        if steps == 0:
            return values
        shifted = np.full(len(values), np.nan)
        count = min(abs(steps), len(values))
        if steps > 0:
            shifted[count:] = values[: len(values) - count]
        else:
            shifted[: len(values) - count] = values[count:]
        if len(self.bounds) > 2:  # the edge of a single stretch is missing as shifted
            shifted[self._near_edge(count, after=steps > 0)] = np.nan
        return shifted

    def spread(self, values: Values | np.float64) -> Values:
        """Return one value for each row; a number that holds for all rows is repeated."""
        if np.ndim(values):
            return np.asarray(values)
        return np.full(self.panel.rows, float(values))

    def forget(self) -> None:
        """Drop the results kept for the case that they are asked for again."""
        self._known.clear()

    def _near_edge(self, count: int, *, after: bool) -> Bool[np.ndarray, "row"]:
        """Return the first `count` rows of each stretch, or the last ones."""
        lengths, counted = np.diff(self.bounds), np.arange(self.panel.rows)
        if after:
            return np.asarray(counted - np.repeat(self.bounds[:-1], lengths) < count)
        return np.asarray(np.repeat(self.bounds[1:], lengths) - counted <= count)

    def _rolled(self, values: Values, window: int, kernel: Kernel) -> Values:
        least = (window + 1) // 2
        starts, lengths = self.bounds[:-1], np.diff(self.bounds)
        if len(starts) == 1 and len(values) >= window:
            return kernel(values, window, least)
        # Stretches too short to fill half a window have no result at all. Empty rows between the
        # others keep windows apart: at most twice as many as rows, as each stretch is half a window.
        kept = lengths >= least
        result = np.full(len(values), np.nan)
        if not kept.any():
            return result
        rows = np.repeat(kept, lengths)
        places = np.flatnonzero(rows) - np.repeat(
            starts[kept] - np.cumsum(np.append(0, lengths[kept][:-1])), lengths[kept]
        )
        places += np.repeat(np.arange(1, kept.sum() + 1) * (window - 1), lengths[kept])
        apart = np.full(int(places[-1]) + 1, np.nan)
        apart[places] = values[rows]
        result[rows] = kernel(apart, window, least)[places]
        return result
