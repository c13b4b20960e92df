"""Flat lines: a stuck sensor repeats its last value."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.data.series import Panel
from masklab.masks.course import Course, Courses, everything
from masklab.masks.mask import runs
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.suggesting import FLAT, equal_stretches, lively

_RARE, _LONGEST = 0.05, 192


class FlatLine(Rule):
    """Select stretches of at least `length` cells that stay within `tolerance` of each other.

    The highest and the lowest of `length` cells in a row differ by `tolerance` at most; every cell
    that stands in such a stretch is selected. Cells that can't be read are passed over; a stretch
    ends at the border of a series and at gaps in the clock.
    """

    title: ClassVar[str] = "Flat line"
    explanation: ClassVar[str] = (
        "Hides stretches in which a value hardly moves, as of a stuck sensor. Missing cells, and "
        "those that earlier layers hid, don't interrupt a stretch; a gap in the clock does."
    )
    family: ClassVar[Family] = "By change"

    kind: Literal["flat_line"] = "flat_line"
    length: int = Field(
        default=12,
        ge=2,
        le=1_000_000,
        description="The shortest stretch, in samples.",
        json_schema_extra={"unit": "samples"},
    )
    tolerance: float = Field(
        default=0.0,
        ge=0,
        description="Most that the values of a stretch may differ, in the channel's units.",
        json_schema_extra={"step": 0.1},
    )

    @classmethod
    def aimed(cls, panel: Panel) -> tuple[str, ...]:
        """Return the channels that don't rest by nature, as rain does at 0."""
        return lively(panel)

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return 6 samples, doubled until 5 % of no channel aimed at stand in such stretches."""
        courses = Courses.of(everything(panel))
        length = FLAT
        for channel in cls.aimed(panel):
            lengths = equal_stretches(courses[panel.channel_index(channel)])
            while length < _LONGEST and lengths[lengths >= length].sum() > _RARE * lengths.sum():
                length *= 2
        return cls(length=length)

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that can be read and stand in a flat stretch."""
        courses = Courses.of(scene)

        def find(column: int) -> Bool[np.ndarray, "row"]:
            course = courses[column]
            return course.spread(self._flat(course))

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: '12 samples within 0.5'."""
        if self.tolerance == 0:
            return f"{self.length} equal samples"
        return f"{self.length} samples within {self.tolerance:g}"

    def _flat(self, course: Course) -> Bool[np.ndarray, "cell"]:
        count = len(course.values) - self.length + 1
        if count <= 0:
            return np.zeros(len(course.values), dtype=bool)
        highest, lowest = (
            _over_windows(course.values, self.length, one) for one in (np.maximum, np.minimum)
        )
        starts = highest - lowest <= self.tolerance
        starts &= course.segments[self.length - 1 :] == course.segments[:count]
        edges = np.zeros(len(course.values) + 1, dtype=np.int8)
        first, end = runs(starts).T
        edges[first] += 1
        edges[end + self.length - 1] -= 1
        return np.cumsum(edges[:-1], dtype=np.int64) > 0


def _over_windows(
    values: Float64[np.ndarray, "cell"], width: int, take: np.ufunc
) -> Float64[np.ndarray, "window"]:
    """Return the maximum or minimum of each `width` values in a row, by doubling."""
    found, have = values, 1
    while have < width:
        step = min(have, width - have)
        found = take(found[:-step], found[step:])
        have += step
    return found
