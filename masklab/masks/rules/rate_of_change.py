"""Changes that are faster than the thing measured can be."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.data.clock import interval
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.course import Course, Courses, everything
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.suggesting import exceeded_by

Per = Literal["step", "second", "minute", "hour", "day"]
_MICROSECONDS: dict[Per, int] = {
    "second": 1_000_000,
    "minute": 60_000_000,
    "hour": 3_600_000_000,
    "day": 86_400_000_000,
}


class RateOfChange(Rule):
    """Select cells that changed by more than `limit` per unit of time since the one before.

    The one before is the last cell of the channel that can be read; the change is divided by the
    time since then, so a missing cell between doubles what is allowed. Nothing is compared across
    the border of a series or a gap in the clock. A step is a row, or one count of a clock that
    counts steps.
    """

    title: ClassVar[str] = "Rate of change"
    explanation: ClassVar[str] = (
        "Hides values that changed faster than a limit since the last cell that earlier layers "
        "left, over the time between them. Gaps in the clock are not compared across."
    )
    family: ClassVar[Family] = "By change"
    in_units: ClassVar[bool] = True

    kind: Literal["rate_of_change"] = "rate_of_change"
    limit: float = Field(
        ge=0, description="The fastest change that stays, in the channel's units per unit of time."
    )
    per: Per = Field(default="step", description="The unit of time.")
    direction: Literal["either", "rise", "fall"] = Field(
        default="either", description="Which changes count."
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the limit that two of a thousand changes of the first channel exceed."""
        rule = cls(limit=0, per=_unit(panel))
        with np.errstate(all="ignore"):
            rates = np.abs(rule._rates(Courses.of(everything(panel))[0], panel))
        return cls(limit=exceeded_by(0.002, rates), per=rule.per)

    def sweep(self, name: str, panel: Panel, span: float) -> tuple[float, float, float] | None:
        """Return rates up to the whole range within one interval."""
        if self.per == "step" or name != "limit":
            return None
        step = interval(panel).astype("timedelta64[us]").astype(int)
        return 0.0, span * _MICROSECONDS[self.per] / int(step), 0.0

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the limit is per unit of time, and the panel counts steps."""
        if self.per == "step" or panel.clock_kind == "time":
            return ()
        return (
            f"The rate is per {self.per}, but this data counts steps; choose a rate per step, or a "
            "time column on the Data page.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells at the end of a change that is too fast.

        Raises `MaskError` if the limit is per unit of time, and the panel's clock counts steps.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        courses = Courses.of(scene)

        def find(column: int) -> Bool[np.ndarray, "row"]:
            course = courses[column]
            rates = self._rates(course, scene.panel)
            rises, falls = rates > self.limit, rates < -self.limit
            chosen = {"either": rises | falls, "rise": rises, "fall": falls}[self.direction]
            return course.spread(np.concatenate([[False], chosen])[: len(course.rows)])

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'rises by more than 2 per hour'."""
        verb = {"either": "changes", "rise": "rises", "fall": "falls"}[self.direction]
        return f"{verb} by more than {self.limit:g} per {self.per}"

    def _rates(self, course: Course, panel: Panel) -> Float64[np.ndarray, "cell-1"]:
        """Return the change from each cell to the next per unit; NaN where they are no neighbours."""
        if len(course.rows) < 2:
            return np.empty(0)
        counted = course.rows
        if self.per != "step" or panel.clock_kind == "step":
            counted = panel.clock.astype(np.int64)[course.rows]
        unit = _MICROSECONDS.get(self.per, 1_000_000 if panel.clock_kind == "step" else 1)
        rates = np.diff(course.values) / (np.diff(counted) / unit)
        rates[~course.joined] = np.nan
        return rates


def _unit(panel: Panel) -> Per:
    """Return the longest unit of time that is no longer than the panel's interval."""
    if panel.clock_kind == "step":
        return "step"
    step = interval(panel).astype("timedelta64[us]").astype(int)
    fitting: list[Per] = [per for per, length in _MICROSECONDS.items() if length <= step]
    return fitting[-1] if fitting else "second"
