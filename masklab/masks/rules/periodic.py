"""A part of every period: the duty cycle of a device, or every tenth step."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import Field, model_validator

from masklab.data.clock import interval, step_numbers
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.rules.calendar import local_clock

Unit = Literal["steps", "seconds", "minutes", "hours", "days"]
_MICROSECONDS: dict[Unit, int] = {
    "seconds": 1_000_000,
    "minutes": 60_000_000,
    "hours": 3_600_000_000,
    "days": 86_400_000_000,
}
_MONDAY = np.datetime64("1970-01-05", "us")


class Periodic(Rule):
    """Select the first `width` of every `every` steps or units of time, from `phase` on.

    Steps are counted in each series from its first row; those that a gap in the clock leaves out
    count too. Time is counted on the clock of the panel's own zone, from the midnight that began
    Monday, 5 January 1970, so that days begin at midnight and weeks on Monday.
    """

    title: ClassVar[str] = "Periodic"
    explanation: ClassVar[str] = (
        "Hides a part of every period, such as 10 minutes of each hour, whatever the values are. "
        "Time is the wall clock's; steps are counted from the start of each series."
    )
    family: ClassVar[Family] = "By time"

    kind: Literal["periodic"] = "periodic"
    every: float = Field(default=10.0, gt=0, le=1e9, description="The length of a period.")
    width: float = Field(default=1.0, gt=0, le=1e9, description="How much of it is hidden.")
    phase: float = Field(
        default=0.0, ge=-1e9, le=1e9, description="Where the hidden part begins in a period."
    )
    unit: Unit = Field(default="steps", description="What the three numbers count.")

    @model_validator(mode="after")
    def _check_period(self) -> Self:
        if self.width > self.every:
            raise ValueError(
                f"a part of {self.width:g} {self.unit} is longer than the period of "
                f"{self.every:g}; make it shorter"
            )
        if self.unit == "steps" and any(
            not one.is_integer() for one in (self.every, self.width, self.phase)
        ):
            raise ValueError("steps are counted in whole numbers; round them")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return a quarter of each hour, day or week, whichever the interval can show; or steps."""
        step = interval(panel)
        if panel.clock_kind == "time":
            if step <= np.timedelta64(15, "m"):
                return cls(every=60, width=15, unit="minutes")
            if step <= np.timedelta64(6, "h"):
                return cls(every=24, width=6, unit="hours")
        return cls()

    def sweep(self, name: str, panel: Panel, span: float) -> tuple[float, float, float] | None:
        """Return periods up to some usual length, and parts of the period."""
        finest = 1.0 if self.unit == "steps" else 0.0
        if name == "every":
            longest = max(int(np.diff(panel.offsets).max()) // 2, 2)
            usual = {"seconds": 3600, "minutes": 1440, "hours": 168, "days": 366}
            return self.width, float(max(usual.get(self.unit, longest), self.width + 1)), finest
        least = 0.0 if name == "phase" else finest or self.every / 1000
        return least, self.every, finest

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the period is one of time, and the panel counts steps."""
        if self.unit == "steps" or panel.clock_kind == "time":
            return ()
        return (
            f"The period is in {self.unit}, but this data counts steps; choose steps, or a time "
            "column on the Data page.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return all channels of the rows in the hidden part of their period.

        Raises `MaskError` if the period is one of time, and the panel's clock counts steps.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        unit = _MICROSECONDS.get(self.unit, 1)
        every, width, phase = (round(one * unit) for one in (self.every, self.width, self.phase))
        rows = (self._counted(scene.panel) - phase) % max(every, 1) < width
        return np.asfortranarray(np.broadcast_to(rows[:, None], scene.domain.shape))

    def summary(self) -> str:
        """Return the rule in a few words: '15 of every 60 minutes, from 5 on'."""
        phase = f", from {self.phase:g} on" if self.phase else ""
        return f"{self.width:g} of every {self.every:g} {self.unit}{phase}"

    def _counted(self, panel: Panel) -> Int64[np.ndarray, "row"]:
        """Return the time of each row in µs, or its step in its series."""
        if self.unit != "steps":
            return (local_clock(panel).to_numpy() - _MONDAY).astype("timedelta64[us]").astype(int)
        return step_numbers(panel)
