"""Spikes: values that jump away and come back."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.data.series import Panel
from masklab.masks.course import Course, Courses, everything
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.suggesting import exceeded_by


class Spike(Rule):
    """Select up to `width` cells in a row that all stand above, or below, both their neighbours.

    Above: by more than `height` above the last cell before them and above the first one after
    them. Cells that can't be read are passed over; nothing is compared across the border of a
    series or a gap in the clock, so the first and last cell of a stretch is no spike.
    """

    title: ClassVar[str] = "Spikes"
    explanation: ClassVar[str] = (
        "Hides values that jump away by more than a height and come back within a few samples. "
        "Neighbours are the cells that earlier layers left; none lies across a gap in the clock."
    )
    family: ClassVar[Family] = "By change"
    in_units: ClassVar[bool] = True

    kind: Literal["spike"] = "spike"
    height: float = Field(
        gt=0, description="A spike is higher than this on both sides, in the channel's units."
    )
    width: int = Field(
        default=2,
        ge=1,
        le=100,
        description="The longest spike, in samples.",
        json_schema_extra={"unit": "samples"},
    )
    direction: Literal["either", "up", "down"] = Field(
        default="either", description="Which spikes count."
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the height that one in a thousand cells of the first channel exceeds."""
        course = Courses.of(everything(panel))[0]
        with np.errstate(all="ignore"):
            heights = np.maximum(
                *(_heights(one, 1, one.values[1:-1]) for one in (course, _mirrored(course)))
            )
        height = exceeded_by(0.001, heights)
        return cls(height=height if height > 0 else 1.0)

    def sweep(self, name: str, panel: Panel, span: float) -> tuple[float, float, float] | None:
        """Return heights up to the whole range; 0 is none."""
        return (span / 1000, span, 0.0) if name == "height" else None

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that can be read and stand in a spike."""
        courses = Courses.of(scene)

        def find(column: int) -> Bool[np.ndarray, "row"]:
            course = courses[column]
            found = np.zeros(len(course.values), dtype=bool)
            if self.direction != "down":
                found |= self._spikes(course)
            if self.direction != "up":
                found |= self._spikes(_mirrored(course))
            return course.spread(found)

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'spikes over 5, up to 2 samples'."""
        way = "" if self.direction == "either" else f" {self.direction}"
        return (
            f"spikes{way} over {self.height:g}, "
            f"up to {self.width} sample{'' if self.width == 1 else 's'}"
        )

    def _spikes(self, course: Course) -> Bool[np.ndarray, "cell"]:
        found = np.zeros(len(course.values), dtype=bool)
        lowest = course.values[1:-1]
        for width in range(1, min(self.width, len(course.values) - 2) + 1):
            if width > 1:
                lowest = np.minimum(lowest[:-1], course.values[width:-1])
            first = np.flatnonzero(_heights(course, width, lowest) > self.height)
            for step in range(1, width + 1):
                found[first + step] = True
        return found


def _heights(
    course: Course, width: int, lowest: Float64[np.ndarray, "stretch"]
) -> Float64[np.ndarray, "stretch"]:
    """Return how far each `width` cells in a row stand above both neighbours; NaN without those.

    The first stretch begins at the second cell. `lowest`: the lowest value of each.
    """
    before, after = slice(len(lowest)), slice(width + 1, None)
    heights = lowest - np.maximum(course.values[before], course.values[after])
    is_inside = course.segments[before] == course.segments[after]
    return np.where(is_inside, heights, np.nan)


def _mirrored(course: Course) -> Course:
    return Course(course.rows, -course.values, course.segments, course.total)
