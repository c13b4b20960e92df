"""The visible window of a series as the painter draws it: min and max for each pixel column.

Never every n-th point: a column holds the smallest and the largest value of all its rows, so a
spike of one row is seen at any zoom. Where fewer rows than columns are visible, each row is a
column of its own, with its time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt8

from masklab.ui.painter.summary import BLOCK, Flags, Origins, Summary

COLUMNS_LEAST, COLUMNS_MOST = 16, 4096
_BLOCKS_IN_COLUMN = 8
"""Blocks are used where a column holds this many: its border is then off by an eighth at most."""

Edges = Int64[np.ndarray, "column+1"]


@dataclass(frozen=True)
class Window:
    """What to show: rows of one series from `start` to `end` (µs of the clock), in `columns`."""

    series: int
    start: int
    end: int
    columns: int


@dataclass(frozen=True, eq=False)
class Grid:
    """The columns of one window: `edges` are their first rows, and the row after the last.

    `times` is where each column begins, in µs after the window's start; in an `exact` grid a
    column is one row and `times` its time.
    """

    window: Window
    exact: bool
    edges: Edges
    times: Float64[np.ndarray, "column"]


@dataclass(frozen=True, eq=False)
class Lines:
    """What the data looks like in the columns of a grid; no mask changes it.

    `low` and `high` are NaN where a column has no value. `missing` is the share of a column's rows
    that the file lacks, in 255ths: 0 only for none, 255 only for all. `breaks` marks columns that
    follow a gap of the clock; `gaps` holds start and end of each gap that is at least one column
    wide, in µs after the window's start.
    """

    low: Float64[np.ndarray, "channel column"]
    high: Float64[np.ndarray, "channel column"]
    missing: UInt8[np.ndarray, "channel column"]
    breaks: UInt8[np.ndarray, "column"]
    gaps: Float64[np.ndarray, "gap 2"]


@dataclass(frozen=True, eq=False)
class Cover:
    """What the mask does in the columns of a grid.

    `hidden` is the share of a column's rows that it hides, in 255ths as in `Lines`. `layer` is the
    last of the layers that hide a row of the column, by number, 0 where none does.
    """

    hidden: UInt8[np.ndarray, "channel column"]
    layer: UInt8[np.ndarray, "channel column"]


def fitted(window: Window, summary: Summary) -> Window:
    """Return a window that lies on the series and is not empty, whatever was asked for."""
    first, last = summary.span(window.series)
    start, end = max(window.start, first), min(window.end, last)
    if end <= start:
        start, end = first, max(last, first + 1)
    return replace(window, start=start, end=end, columns=_bounded(window.columns))


def widened(window: Window, summary: Summary) -> Window:
    """Return the window with half its width more on each side: panning then shows data at once."""
    first, last = summary.span(window.series)
    span = window.end - window.start
    start, end = max(window.start - span // 2, first), min(window.end + span // 2, last)
    end = max(end, start + 1)
    return replace(
        window, start=start, end=end, columns=_bounded(window.columns * (end - start) // span)
    )


def grid(summary: Summary, window: Window) -> Grid:
    """Return the columns of a window: exact rows where they fit, else stretches of equal time.

    The row before and the row after the window belong to it, so that lines run to its border.
    """
    first, stop = _rows(summary, window)
    exact = stop - first <= window.columns
    edges, times = _rows_as_columns(summary, first, stop) if exact else _columns(summary, window)
    return Grid(window, exact, edges, (times - window.start).astype(np.float64))


def whole_grid(summary: Summary, series: int, columns: int) -> Grid:
    """Return a whole series in columns of equal time, however few rows it has."""
    first, last = summary.span(series)
    window = Window(series, first, max(last, first + 1), columns)
    edges, times = _columns(summary, window)
    return Grid(window, False, edges, (times - window.start).astype(np.float64))


def lines(summary: Summary, grid: Grid, channels: Sequence[int]) -> Lines:
    """Return what the data looks like in the columns of a grid."""
    drawn = [_extremes(summary, channel, grid.edges) for channel in channels]
    return Lines(
        low=np.array([low for low, _ in drawn]),
        high=np.array([high for _, high in drawn]),
        missing=np.array([_shares(summary.missing, channel, grid.edges) for channel in channels]),
        breaks=_breaks(summary, grid.edges),
        gaps=_wide_gaps(summary, grid),
    )


def cover(hidden: Origins, grid: Grid, channels: Sequence[int]) -> Cover:
    """Return what the mask hides in the columns of a grid."""
    return Cover(
        hidden=np.array([_shares(hidden, channel, grid.edges) for channel in channels]),
        layer=np.array([_layers(hidden, channel, grid.edges) for channel in channels]),
    )


def normalised(
    values: Float64[np.ndarray, "channel column"], ranges: Sequence[tuple[float, float]]
) -> Float32[np.ndarray, "channel column"]:
    """Return values as shares of their axis, 0 at its lower end and 1 at its upper."""
    low = np.array([ends[0] for ends in ranges])[:, None]
    width = np.array([ends[1] - ends[0] for ends in ranges])[:, None]
    with np.errstate(over="ignore"):
        shares: Float32[np.ndarray, "channel column"] = ((values - low) / width).astype(np.float32)
    return shares


def _bounded(columns: int) -> int:
    return min(max(columns, COLUMNS_LEAST), COLUMNS_MOST)


def _rows(summary: Summary, window: Window) -> tuple[int, int]:
    rows = summary.panel.rows_of(window.series)
    clock = summary.clock[rows]
    first = int(np.searchsorted(clock, window.start, "left")) - 1
    stop = int(np.searchsorted(clock, window.end, "right")) + 1
    return max(first, 0) + rows.start, min(stop, len(clock)) + rows.start


def _rows_as_columns(
    summary: Summary, first: int, stop: int
) -> tuple[Edges, Int64[np.ndarray, "column"]]:
    return np.arange(first, stop + 1), summary.clock[first:stop]


def _columns(summary: Summary, window: Window) -> tuple[Edges, Int64[np.ndarray, "column"]]:
    """Return the row at which each column begins, with the end of the last, and their times."""
    first, stop = _rows(summary, window)
    step = (window.end - window.start) / window.columns
    times = window.start + np.floor(np.arange(window.columns) * step).astype(np.int64)
    inner = np.searchsorted(summary.clock[first:stop], times[1:], "left") + first
    return np.concatenate(([first], inner, [stop])), times


def _extremes(
    summary: Summary, channel: int, edges: Edges
) -> tuple[Float64[np.ndarray, "column"], Float64[np.ndarray, "column"]]:
    values = summary.values(channel)
    if not _coarse(edges):
        return _reduce(np.fmin, values, edges), _reduce(np.fmax, values, edges)
    blocks, head, tail = _whole_blocks(edges)
    ends = []
    for reduce, extremes in zip((np.fmin, np.fmax), summary.block_extremes(channel), strict=True):
        result = _reduce(reduce, extremes, blocks)
        for at, rows in ((0, head), (-1, tail)):
            if rows.start < rows.stop:
                result[at] = reduce(result[at], reduce.reduce(values[rows]))
        ends.append(result)
    return ends[0], ends[1]


def _shares(flags: Flags, channel: int, edges: Edges) -> UInt8[np.ndarray, "column"]:
    cells = flags.cells(channel)
    sizes = np.diff(edges)
    if not _coarse(edges):
        return _byte_shares(_count(cells.view(np.uint8), edges), sizes)
    blocks, head, tail = _whole_blocks(edges)
    found = _count(flags.blocks(channel), blocks)
    found[0] += np.count_nonzero(cells[head])
    found[-1] += np.count_nonzero(cells[tail])
    sizes = np.diff(blocks) * BLOCK
    sizes[0] += head.stop - head.start
    sizes[-1] += tail.stop - tail.start
    return _byte_shares(found, sizes)


def _layers(origins: Origins, channel: int, edges: Edges) -> UInt8[np.ndarray, "column"]:
    layers = origins.layers(channel)
    if not _coarse(edges):
        return _last(layers, edges)
    blocks, head, tail = _whole_blocks(edges)
    found = _last(origins.last(channel), blocks)
    found[0] = max(found[0], layers[head].max(initial=0))
    found[-1] = max(found[-1], layers[tail].max(initial=0))
    return found


def _last(layers: UInt8[np.ndarray, "row"], edges: Edges) -> UInt8[np.ndarray, "column"]:
    found = np.zeros(len(edges) - 1, dtype=np.uint8)
    filled = np.flatnonzero(np.diff(edges))
    if len(filled):
        found[filled] = np.maximum.reduceat(layers[: edges[-1]], edges[filled])
    return found


def _coarse(edges: Edges) -> bool:
    return bool(edges[-1] - edges[0] >= _BLOCKS_IN_COLUMN * BLOCK * (len(edges) - 1))


def _whole_blocks(edges: Edges) -> tuple[Edges, slice, slice]:
    """Return the columns' borders in whole blocks, and the rows left over at both ends."""
    first, stop = int(edges[0]), int(edges[-1])
    first_block, last_block = -(-first // BLOCK), stop // BLOCK
    blocks = np.clip(edges // BLOCK, first_block, last_block)
    return blocks, slice(first, first_block * BLOCK), slice(last_block * BLOCK, stop)


def _reduce(
    reduce: np.ufunc, values: Float64[np.ndarray, "row"], edges: Edges
) -> Float64[np.ndarray, "column"]:
    result = np.full(len(edges) - 1, np.nan)
    filled = np.flatnonzero(np.diff(edges))
    if len(filled):
        result[filled] = reduce.reduceat(values[: edges[-1]], edges[filled])
    return result


def _count(flags: UInt8[np.ndarray, "row"], edges: Edges) -> Int64[np.ndarray, "column"]:
    found = np.zeros(len(edges) - 1, dtype=np.int64)
    filled = np.flatnonzero(np.diff(edges))
    if len(filled):
        found[filled] = np.add.reduceat(flags[: edges[-1]], edges[filled], dtype=np.int64)
    return found


def _byte_shares(
    found: Int64[np.ndarray, "column"], sizes: Int64[np.ndarray, "column"]
) -> UInt8[np.ndarray, "column"]:
    rounded = np.clip(np.round(255 * found / np.maximum(sizes, 1)), 1, 254)
    shares: UInt8[np.ndarray, "column"] = rounded.astype(np.uint8)
    shares[found == 0] = 0
    shares[(found >= sizes) & (sizes > 0)] = 255
    return shares


def _breaks(summary: Summary, edges: Edges) -> UInt8[np.ndarray, "column"]:
    breaks = np.zeros(len(edges) - 1, dtype=np.uint8)
    inside = summary.gap_rows[(summary.gap_rows > edges[0]) & (summary.gap_rows < edges[-1])]
    breaks[np.searchsorted(edges, inside, "right") - 1] = 1
    return breaks


def _wide_gaps(summary: Summary, grid: Grid) -> Float64[np.ndarray, "gap 2"]:
    first, stop, window = grid.edges[0], grid.edges[-1], grid.window
    rows = summary.gap_rows[(summary.gap_rows > first) & (summary.gap_rows < stop)]
    starts, ends = summary.clock[rows - 1], summary.clock[rows]
    wide = ends - starts >= (window.end - window.start) / window.columns
    offsets: Float64[np.ndarray, "gap 2"] = (
        np.stack([starts[wide], ends[wide]], axis=1) - window.start
    ).astype(np.float64)
    return offsets
