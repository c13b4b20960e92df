"""The course of a channel: its readable cells one after the other, never across a border or a gap."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.data.clock import segments
from masklab.data.series import Panel
from masklab.masks.rule import Scene


@dataclass(frozen=True, eq=False)
class Course:
    """The readable cells of one channel in order: their rows, values and segments.

    A segment ends at the border of a series and at a gap in the clock; cells of two segments are
    no neighbours. Cells that can't be read are passed over: the cells on both sides of them are
    neighbours.
    """

    rows: Int64[np.ndarray, "cell"]
    values: Float64[np.ndarray, "cell"]
    segments: Int64[np.ndarray, "cell"]
    total: int

    @cached_property
    def joined(self) -> Bool[np.ndarray, "cell-1"]:
        """True where a cell and the next one are neighbours."""
        return np.asarray(self.segments[1:] == self.segments[:-1])

    def spread(self, cells: Bool[np.ndarray, "cell"]) -> Bool[np.ndarray, "row"]:
        """Return the rows of the cells that are True."""
        rows = np.zeros(self.total, dtype=bool)
        rows[self.rows[cells]] = True
        return rows


@dataclass(frozen=True, eq=False)
class Courses:
    """The courses of all channels of a scene; segments are found once."""

    scene: Scene
    segments: Int64[np.ndarray, "row"]

    @classmethod
    def of(cls, scene: Scene) -> Self:
        """Return the courses of a scene."""
        return cls(scene, segments(scene.panel))

    def __getitem__(self, column: int) -> Course:
        rows = np.flatnonzero(self.scene.readable[:, column])
        values = self.scene.panel.values[:, column]
        if len(rows) == len(values):
            return Course(rows, values, self.segments, len(values))
        return Course(rows, values[rows], self.segments[rows], len(values))


def everything(panel: Panel) -> Scene:
    """Return the scene of a panel before any layer: every native cell is observed and aimed at."""
    return Scene(panel, panel.native, np.ones_like(panel.native))
