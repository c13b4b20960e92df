"""Cells missing by a cycle in time."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.data.clock import interval, step_numbers
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.draw import Keys, draw, leaning, random_keys
from masklab.masks.generators._settings import Rate, Seed, Strength, Together
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.rules.calendar import local_clock

Unit = Literal["steps", "minutes", "hours", "days", "weeks", "years"]

_SECONDS = {
    "minutes": 60.0,
    "hours": 3_600.0,
    "days": 86_400.0,
    "weeks": 604_800.0,
    "years": 31_556_952.0,  # 365.2425 days
}
_MONDAY = np.datetime64("1969-12-29", "us")
_NEW_YEAR = np.datetime64("1970-01-01", "us")


class MnarTime(Rule):
    """Select exactly round(rate * n) of n cells, likelier at one time of a cycle.

    The chance is 1 / (1 + exp(-(a + strength * cos(2 pi (t / cycle - phase))))), with the
    intercept a that takes exactly so many cells (`leaning`). `phase` is where in the cycle it is
    highest: 0 at its beginning, 0.5 half way through. Cycles of minutes to weeks begin on a Monday
    at midnight, those of years on 1 January, both by the clock on the wall in the data's own zone;
    cycles of steps begin with each series, and count those that a gap in the clock leaves out. A higher rate keeps what a lower one drew.
    """

    title: ClassVar[str] = "Random, led by the time"
    explanation: ClassVar[str] = (
        "Hides cells more often at one time of the day, the week or the year, as a station does "
        "that runs on sunlight."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["mnar_time"] = "mnar_time"
    rate: Rate = 0.1
    cycle: float = Field(
        default=1.0, gt=0, le=10_000_000, description="Length of a cycle.",
        json_schema_extra={"step": 1.0},
    )  # fmt: skip
    unit: Unit = Field(default="days", title="Counted in", description="What the length counts.")
    phase: float = Field(
        default=0.0,
        ge=0,
        le=1,
        title="Most at",
        description="Where in the cycle most goes missing: 0 % at its beginning, 50 % half way.",
        json_schema_extra={"unit": "%"},
    )
    strength: Strength = 2.0
    together: Together = False
    seed: Seed = 0

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return a daily cycle; a yearly one for daily data and slower, of steps without a time."""
        if panel.clock_kind == "step":
            return cls(cycle=float(min(24, max(2, panel.rows // 4))), unit="steps")
        return cls(unit="days" if interval(panel) < np.timedelta64(12, "h") else "years")

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the cycle is one of time and the panel counts steps."""
        if panel.clock_kind == "time" or self.unit == "steps":
            return ()
        return (
            f"Its cycle counts {self.unit}, but this data counts steps; count the cycle in steps, "
            "or choose a time column on the Data page.",
        )

    @property
    def whole_steps(self) -> bool:
        """Whether it draws all channels at once."""
        return self.together

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn.

        Raises `MaskError` if the cycle is one of time and the panel counts steps.
        """
        panel = scene.panel
        for problem in self.misfits(panel):
            raise MaskError(problem)
        lean = self.strength * np.cos(2 * np.pi * (self._turns(panel) - self.phase))

        def keys_of(column: int | None) -> Keys:
            names = () if column is None else (panel.channels[column],)
            return leaning(random_keys(panel.rows, self.seed, self.kind, *names), lean)

        return draw(scene.pool, self.rate, keys_of, whole_steps=self.together)

    def summary(self) -> str:
        """Return the rule in a few words: '10 %, most at 50 % of each day'."""
        cycle = f"each {self.unit[:-1]}" if self.cycle == 1 else f"{self.cycle:g} {self.unit}"
        return f"{100 * self.rate:g} %, most at {100 * self.phase:g} % of {cycle}"

    def _turns(self, panel: Panel) -> Float64[np.ndarray, "row"]:
        """Return how many cycles have gone by at each row."""
        if self.unit == "steps":
            return np.asarray(step_numbers(panel) / self.cycle)
        wall = local_clock(panel).to_numpy().astype("datetime64[us]")
        since = wall - (_NEW_YEAR if self.unit == "years" else _MONDAY)
        return since.astype(np.int64) / (1e6 * self.cycle * _SECONDS[self.unit])
