"""Cells missing at random, given a channel that stays observed."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.draw import Keys, draw, leaning, random_keys, standardised
from masklab.masks.generators._settings import Rate, Seed, Strength, Together
from masklab.masks.mask import any_channel
from masklab.masks.rule import Family, Rule, Scene


class Mar(Rule):
    """Select exactly round(rate * n) of n cells, likelier where another channel is high (or low).

    MAR (Rubin 1976): the chance is 1 / (1 + exp(-(a + strength * z))), z being the driver's value
    at the same step in standard deviations from its mean, both over the rows aimed at, and a the
    intercept that takes exactly so many cells (`leaning`). The driver itself stays as it is: n
    counts the other channels. A step at which the driver is missing or hidden has the chance of an
    average one (z = 0): what nobody can see must lead nothing. So has every step if the driver
    never changes. A higher rate keeps what a lower one drew.
    """

    title: ClassVar[str] = "Random, led by another channel"
    explanation: ClassVar[str] = (
        "Hides cells more often where another channel, which stays visible, is high: sensors that "
        "fail when it is hot."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["mar"] = "mar"
    rate: Rate = 0.1
    driver: str = Field(
        min_length=1,
        max_length=500,
        title="Leading channel",
        description="The channel that the chance follows; it is not hidden itself.",
        json_schema_extra={"widget": "channel"},
    )
    direction: Literal["high", "low"] = Field(
        default="high", description="Where more goes missing: at high or at low values of it."
    )
    strength: Strength = 2.0
    together: Together = False
    seed: Seed = 0

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the rule led by the most complete channel; of equal ones the first that changes."""
        counts = panel.native.sum(axis=0)
        full = np.flatnonzero(counts == counts.max()).tolist()
        return cls(
            driver=panel.channels[next((one for one in full if _changes(panel, one)), full[0])]
        )

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the driver is unknown or empty, or is all that there is."""
        if self.driver not in panel.channels:
            return (
                f"It is led by the channel {self.driver!r}, but this data has "
                f"{list(panel.channels)}; choose among those.",
            )
        if len(panel.channels) == 1:
            return (
                f"It hides channels by the values of another, but this data has only "
                f"{self.driver!r}; choose 'Random, led by its own value' instead.",
            )
        if not panel.native[:, panel.channel_index(self.driver)].any():
            return (f"The leading channel {self.driver!r} has no value; choose another one.",)
        return ()

    def pool_of(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that can change, without the driver's."""
        pool = scene.pool.copy(order="F")
        pool[:, scene.panel.channel_index(self.driver)] = False
        return pool

    @property
    def whole_steps(self) -> bool:
        """Whether it draws all other channels at once."""
        return self.together

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn.

        Raises `MaskError` if the driver is unknown or empty, or is the only channel.
        """
        panel = scene.panel
        for problem in self.misfits(panel):
            raise MaskError(problem)
        column = panel.channel_index(self.driver)
        values = np.where(scene.readable[:, column], panel.values[:, column], np.nan)
        slope = self.strength if self.direction == "high" else -self.strength
        lean = slope * np.nan_to_num(standardised(values, any_channel(scene.domain)))

        def keys_of(column: int | None) -> Keys:
            names = () if column is None else (panel.channels[column],)
            return leaning(random_keys(panel.rows, self.seed, self.kind, *names), lean)

        return draw(self.pool_of(scene), self.rate, keys_of, whole_steps=self.together)

    def summary(self) -> str:
        """Return the rule in a few words: '10 %, more where temp is high'."""
        return f"{100 * self.rate:g} %, more where {self.driver} is {self.direction}"


def _changes(panel: Panel, column: int) -> bool:
    values = panel.values[panel.native[:, column], column]
    return len(values) > 0 and bool(values.min() < values.max())
