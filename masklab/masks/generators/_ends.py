"""Rows counted from the end of their series."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int64

from masklab.data.series import Panel

Rows = Int64[np.ndarray, "chosen"]


def from_end(panel: Panel, flags: Bool[np.ndarray, "row"]) -> tuple[Rows, Rows, Rows]:
    """Return the rows where `flags` is True, the series of each, and its place from that one's end.

    The last such row of a series has the place 1.
    """
    rows = np.flatnonzero(flags)
    series = panel.series_of_row[rows]
    ends = np.cumsum(np.bincount(series, minlength=len(panel)))
    return rows, series, ends[series] - np.arange(len(rows))
