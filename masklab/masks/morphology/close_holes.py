"""Small holes in what is hidden, closed."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.morphology._hidden import Flags, by_channel
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.stretches import stretches


class CloseHoles(Rule):
    """Select stretches of at most `longest` shown cells between two hidden ones of their series.

    Stretches count the cells that the file has: one that it lacks neither counts nor ends a
    stretch. What lies between a hidden cell and the border of a series is no hole. Twice does no
    more than once.
    """

    title: ClassVar[str] = "Close small holes"
    explanation: ClassVar[str] = (
        "Hides short stretches that are left between two hidden ones by the layers above."
    )
    family: ClassVar[Family] = "Shape of the mask"

    kind: Literal["close_holes"] = "close_holes"
    longest: int = Field(
        default=3,
        ge=1,
        le=10_000_000,
        title="Up to",
        description="The longest stretch that is closed.",
        json_schema_extra={"unit": "steps"},
    )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells of the holes, in the channels aimed at."""

        def holes(hidden: Flags, native: Flags) -> Flags:
            shown = stretches(~hidden, native, scene.panel.offsets)
            small = (shown.lengths <= self.longest) & ~shown.touches_border
            return shown.cells(small, len(hidden))

        return by_channel(scene, holes)

    def summary(self) -> str:
        """Return the rule in a few words: 'close holes of up to 3 steps'."""
        return f"close holes of up to {self.longest} step{'' if self.longest == 1 else 's'}"
