"""A panel and its mask prepared for pictures at any zoom: blocks of rows, gaps, axis ranges."""

from __future__ import annotations

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from masklab.data.clock import gap_ends, gap_limit, interval
from masklab.data.series import Panel

BLOCK = 64
"""Rows of one block; a block's counts fit in a byte."""


class Summary:
    """What a picture needs of a panel; each part is computed when it is first looked at."""

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self.clock: Int64[np.ndarray, "row"] = panel.clock.astype(np.int64)
        self.gap_rows: Int64[np.ndarray, "gap"] = gap_ends(panel)
        self.interval, self.gap_limit = (
            _microseconds(interval(panel)),
            _microseconds(gap_limit(panel)),
        )
        self.missing = Missing(panel)
        self._values: dict[int, Float64[np.ndarray, "row"]] = {}
        self._extremes: dict[int, tuple[Float64[np.ndarray, "block"], ...]] = {}
        self._ranges: dict[int, tuple[float, float]] = {}

    def values(self, channel: int) -> Float64[np.ndarray, "row"]:
        """Return a channel's values, NaN where the file has none (infinite counts as none)."""
        if channel not in self._values:
            values = self.panel.values[:, channel]
            native = self.panel.native[:, channel]
            clean = native.all() or not np.isinf(values).any()
            self._values[channel] = values if clean else np.where(native, values, np.nan)
        return self._values[channel]

    def block_extremes(self, channel: int) -> tuple[Float64[np.ndarray, "block"], ...]:
        """Return the smallest and the largest value of every block of rows of a channel."""
        if channel not in self._extremes:
            values, starts = self.values(channel), np.arange(0, self.panel.rows, BLOCK)
            self._extremes[channel] = (
                np.fmin.reduceat(values, starts),
                np.fmax.reduceat(values, starts),
            )
        return self._extremes[channel]

    def span(self, series: int) -> tuple[int, int]:
        """Return first and last time of a series, µs."""
        rows = self.panel.rows_of(series)
        return int(self.clock[rows.start]), int(self.clock[rows.stop - 1])

    def value_range(self, channel: int) -> tuple[float, float]:
        """Return the ends of a channel's axis over all series: from the bulk, not an outlier.

        An extreme is shown whole unless it lies further from the central 99.8 % of the values than
        these are wide; then the axis ends near the bulk, and the painter marks what it cuts off.
        """
        if channel not in self._ranges:
            self._ranges[channel] = value_range(self.values(channel))
        return self._ranges[channel]


class Flags(ABC):
    """Marked cells with counts by block; each channel is computed when it is first looked at."""

    def __init__(self) -> None:
        self._cells: dict[int, Bool[np.ndarray, "row"]] = {}
        self._blocks: dict[int, UInt8[np.ndarray, "block"]] = {}

    @abstractmethod
    def _marked(self, channel: int) -> Bool[np.ndarray, "row"]:
        """Return True for the marked rows of a channel."""

    def cells(self, channel: int) -> Bool[np.ndarray, "row"]:
        """Return True for the marked rows of a channel."""
        if channel not in self._cells:
            self._cells[channel] = self._marked(channel)
        return self._cells[channel]

    def blocks(self, channel: int) -> UInt8[np.ndarray, "block"]:
        """Return the number of marked rows in each block."""
        if channel not in self._blocks:
            self._blocks[channel] = count_blocks(self.cells(channel))
        return self._blocks[channel]


class Missing(Flags):
    """The cells that the file lacks."""

    def __init__(self, panel: Panel) -> None:
        super().__init__()
        self._panel = panel

    def _marked(self, channel: int) -> Bool[np.ndarray, "row"]:
        missing: Bool[np.ndarray, "row"] = ~self._panel.native[:, channel]
        return missing


class Origins(Flags):
    """The cells that a mask hides, each with the number of the layer that hides it.

    `layers` holds for each cell what `masklab.masks.origin.hidden_by` returns.
    """

    def __init__(self, layers: UInt8[np.ndarray, "row channel"]) -> None:
        super().__init__()
        self._layers = layers
        self._last: dict[int, UInt8[np.ndarray, "block"]] = {}

    def _marked(self, channel: int) -> Bool[np.ndarray, "row"]:
        hidden: Bool[np.ndarray, "row"] = self._layers[:, channel] > 0
        return hidden

    def layers(self, channel: int) -> UInt8[np.ndarray, "row"]:
        """Return the layer that hides each row of a channel, 0 for none."""
        return self._layers[:, channel]

    def last(self, channel: int) -> UInt8[np.ndarray, "block"]:
        """Return the last layer that hides a row of each block, 0 for none."""
        if channel not in self._last:
            layers = self.layers(channel)
            starts = np.arange(0, len(layers), BLOCK)
            self._last[channel] = np.maximum.reduceat(layers, starts)
        return self._last[channel]


def _microseconds(duration: np.timedelta64) -> int:
    return int(duration.astype("timedelta64[us]").astype(np.int64))


def count_blocks(flags: Bool[np.ndarray, "row"]) -> UInt8[np.ndarray, "block"]:
    """Return how many flags are set in each block of `BLOCK` rows, the last one perhaps shorter."""
    whole = len(flags) // BLOCK
    counts = np.zeros(-(-len(flags) // BLOCK), dtype=np.uint8)
    words = np.ascontiguousarray(flags[: whole * BLOCK]).view(np.uint64).reshape(whole, BLOCK // 8)
    # Bytes are 0 or 1, so the bits set in eight of them are the flags set.
    counts[:whole] = np.bitwise_count(words).sum(axis=1, dtype=np.uint8)
    if whole < len(counts):
        counts[-1] = flags[whole * BLOCK :].sum()
    return counts


def value_range(values: Float64[np.ndarray, "row"]) -> tuple[float, float]:
    """Return the ends of an axis for these values, with a margin; (0, 1) if there are none."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    tail = len(finite) // 1000
    order = np.partition(finite, [tail, len(finite) - 1 - tail])
    bulk_low, bulk_high = float(order[tail]), float(order[-1 - tail])
    width = bulk_high - bulk_low
    lowest, highest = float(finite.min()), float(finite.max())
    low = lowest if width == 0 or bulk_low - lowest <= width else bulk_low
    high = highest if width == 0 or highest - bulk_high <= width else bulk_high
    if low == high:
        reach = abs(low) * 0.05 or 1.0
        return low - reach, high + reach
    margin = (high - low) * 0.06
    return low - margin, high + margin
