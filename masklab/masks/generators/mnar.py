"""Cells missing because of the value that they hide."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.masks.draw import Keys, draw_share, leaning, random_keys, standardised
from masklab.masks.generators._settings import Rate, Seed, Strength
from masklab.masks.rule import Family, Rule, Scene


class Mnar(Rule):
    """Select exactly round(rate * n) of n cells, likelier the higher (or lower) their own value.

    MNAR (Rubin 1976), as of a sensor that saturates: the chance is 1 / (1 + exp(-(a + strength *
    z))), z being the value in standard deviations from its channel's mean, both over the cells
    that can change, and a the intercept that takes exactly so many cells (`leaning`). `direction`
    "low" takes -z, "both" takes |z|. A channel that never changes leans nowhere. A higher rate
    keeps what a lower one drew.
    """

    title: ClassVar[str] = "Random, led by its own value"
    explanation: ClassVar[str] = (
        "Hides cells more often the more extreme their own value is, as a sensor does that "
        "saturates: what is left looks tamer than it was."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["mnar"] = "mnar"
    rate: Rate = 0.1
    direction: Literal["high", "low", "both"] = Field(
        default="high", description="Which values go missing more: high ones, low ones, or both."
    )
    strength: Strength = 2.0
    seed: Seed = 0

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn."""
        panel = scene.panel

        def keys_of(column: int) -> Keys:
            keys = random_keys(panel.rows, self.seed, self.kind, panel.channels[column])
            z = standardised(panel.values[:, column], scene.pool[:, column])
            return leaning(keys, self.strength * self._turned(z))

        return draw_share(scene.pool, self.rate, keys_of)

    def summary(self) -> str:
        """Return the rule in a few words: '10 %, more of high values'."""
        which = "high and low" if self.direction == "both" else self.direction
        return f"{100 * self.rate:g} %, more of {which} values"

    def _turned(self, z: Float64[np.ndarray, "row"]) -> Float64[np.ndarray, "row"]:
        turned: Float64[np.ndarray, "row"]
        match self.direction:
            case "high":
                turned = z
            case "low":
                turned = -z
            case "both":
                turned = np.abs(z)
        return turned
