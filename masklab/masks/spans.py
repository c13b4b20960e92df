"""The stretches of a mask: rows in which one channel of a series keeps one value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int16, Int64

from masklab.data.series import Panel

Found = Int64[np.ndarray, "stretch"]


@dataclass(frozen=True, eq=False)
class Spans:
    """Places of series and channel, first and last row (both included), and the value."""

    series: Found
    channel: Found
    first: Found
    last: Found
    value: Found


def spans(values: Int16[np.ndarray, "row channel"], panel: Panel) -> Spans:
    """Return the stretches of values that are not 0, by series, channel and row.

    A stretch goes on over cells that the file lacks if it has the same value after them: they are
    hidden anyway.
    """
    border = np.zeros(panel.rows, dtype=bool)
    border[panel.offsets[:-1]] = True
    columns = []
    for channel in range(len(panel.channels)):
        cells = _carried(values[:, channel], panel.native[:, channel], panel)
        starts = np.flatnonzero(border | np.concatenate([[True], cells[1:] != cells[:-1]]))
        ends = np.append(starts[1:], len(cells)) - 1
        kept = cells[starts] != 0
        first, last = starts[kept], ends[kept]
        columns.append(
            np.stack(
                [
                    panel.series_of_row[first],
                    np.full(len(first), channel),
                    first,
                    last,
                    cells[first].astype(np.int64),
                ]
            )
        )
    joined = np.concatenate(columns, axis=1)
    order = np.lexsort((joined[2], joined[1], joined[0]))
    return Spans(*joined[:, order])


def _carried(
    cells: Int16[np.ndarray, "row"], native: np.ndarray, panel: Panel
) -> Int16[np.ndarray, "row"]:
    """Give runs of cells that the file lacks the value around them, if both sides have the same."""
    places = np.flatnonzero(native)
    if not len(places) or len(places) == len(native):
        return cells
    rows = np.arange(len(cells))
    before = np.searchsorted(places, rows, side="right") - 1
    after = np.minimum(before + 1, len(places) - 1)
    left, right = places[np.maximum(before, 0)], places[after]
    series = panel.series_of_row
    same = (before >= 0) & (right >= rows) & (cells[left] == cells[right])
    same &= (series[left] == series[rows]) & (series[right] == series[rows])
    found: Int16[np.ndarray, "row"] = np.where(~native & same, cells[left], cells)
    return found
