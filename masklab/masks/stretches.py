"""Stretches of cells as a file's own gaps leave them: what it lacks neither counts nor ends one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64

from masklab.masks.mask import runs


@dataclass(frozen=True, eq=False)
class Stretches:
    """Stretches of flagged cells of one channel, counted in the cells that the file has.

    `rows`: the rows with such a cell. `found`: first and end (exclusive) of each stretch, as
    places in `rows`. `borders`: the places where a series begins, and the last one's end.
    """

    rows: Int64[np.ndarray, "held"]
    found: Int64[np.ndarray, "run 2"]
    borders: Int64[np.ndarray, "border"]

    @property
    def lengths(self) -> Int64[np.ndarray, "run"]:
        """Cells in each stretch."""
        return np.diff(self.found, axis=1)[:, 0]

    @property
    def touches_border(self) -> Bool[np.ndarray, "run"]:
        """True for a stretch at the beginning or the end of its series."""
        is_border = np.zeros(len(self.rows) + 1, dtype=bool)
        is_border[self.borders] = True
        touches: Bool[np.ndarray, "run"] = is_border[self.found].any(axis=1)
        return touches

    def cells(self, which: Bool[np.ndarray, "run"], rows: int) -> Bool[np.ndarray, "row"]:
        """Return True at the cells of the chosen stretches, among `rows` rows."""
        flags = np.zeros(rows, dtype=bool)
        flags[self.rows] = covered(self.found[which], len(self.rows))
        return flags


def stretches(
    flags: Bool[np.ndarray, "row"],
    native: Bool[np.ndarray, "row"],
    offsets: Int64[np.ndarray, "series+1"],
) -> Stretches:
    """Return the stretches of flagged cells among those that the file has, series by series."""
    rows = np.flatnonzero(native)
    borders = np.unique(np.searchsorted(rows, offsets))
    return Stretches(rows, runs(flags[rows], borders), borders)


def covered(found: Int64[np.ndarray, "run 2"], count: int) -> Bool[np.ndarray, "count"]:
    """Return True at the places from first to end (exclusive) of each stretch; they may overlap."""
    change = np.bincount(found[:, 0], minlength=count + 1) - np.bincount(
        found[:, 1], minlength=count + 1
    )
    flags: Bool[np.ndarray, "count"] = np.cumsum(change[:count]) > 0
    return flags
