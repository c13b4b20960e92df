"""Series that end early, so that their lengths differ."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.draw import random_keys, smallest
from masklab.masks.generators._ends import from_end
from masklab.masks.generators._settings import Rate, Seed
from masklab.masks.mask import any_channel
from masklab.masks.rule import Family, Rule, Scene


class Tail(Rule):
    """Select the last steps of each series, of unequal numbers: round(rate * n) of n steps in all.

    Each series has a random number w between 0 and 1, and loses the share min(1, t w) of its steps
    from its end backwards, all channels at once; t is the number that takes exactly the steps
    asked for. n counts the steps with at least one cell that the layer can change, in the rows it
    is aimed at. A single series just ends early. A higher rate keeps what a lower one drew.
    """

    title: ClassVar[str] = "Early ends"
    explanation: ClassVar[str] = (
        "Hides the end of each series, of one more than of another, so that lengths differ."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["tail"] = "tail"
    rate: Rate = Field(default=0.1, description="Share of the steps that are cut off, in all.")
    seed: Seed = 0

    @property
    def whole_steps(self) -> bool:
        """True: an end is cut off all channels."""
        return True

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that are cut off; none where none can change."""
        panel = scene.panel
        rows, series, place = from_end(panel, any_channel(scene.pool))
        lengths = np.bincount(series, minlength=len(panel))
        weight = (random_keys(len(panel), self.seed, self.kind) + 0.5) / 2.0**32
        turns = place / (lengths * weight)[series]
        # Turned round, so that of equal turns the later step goes first.
        cut = smallest(turns[::-1], round(self.rate * len(rows)))[::-1]
        selected = np.zeros(panel.rows, dtype=bool)
        selected[rows[cut]] = True
        whole: Bool[np.ndarray, "row channel"] = scene.pool & selected[:, None]
        return whole

    def summary(self) -> str:
        """Return the rule in a few words: '10 % of steps off the ends'."""
        return f"{100 * self.rate:g} % of steps off the ends"
