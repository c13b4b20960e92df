"""Hidden stretches made shorter."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.morphology._hidden import by_channel, reached
from masklab.masks.rule import Combine, Family, Rule, Scene


class Shrink(Rule):
    """Select what is left of the cells hidden so far without the ends of each stretch.

    A stretch loses `before` steps at its beginning and `after` steps at its end: exactly what
    `Grow` with the same numbers adds. Steps are rows. The border of a series takes nothing off,
    nor does a gap of the file: only a cell that is shown does. With the layer's `and`, those cells
    alone stay hidden. An erosion (Serra 1982): after `Grow`, it closes small holes and leaves
    hidden all that was.
    """

    title: ClassVar[str] = "Shrink"
    explanation: ClassVar[str] = (
        "Shows again the first and last steps of everything hidden by the layers above; stretches "
        "too short for it vanish."
    )
    family: ClassVar[Family] = "Shape of the mask"
    combines: ClassVar[Combine] = "and"

    kind: Literal["shrink"] = "shrink"
    before: int = Field(
        default=1, ge=0, le=10_000_000, description="Steps off the beginning of each stretch.",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    after: int = Field(
        default=1, ge=0, le=10_000_000, description="Steps off the end of each stretch.",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the hidden cells of the channels aimed at that are far enough from shown ones."""
        offsets = scene.panel.offsets
        return by_channel(
            scene,
            lambda hidden, native: (
                hidden & ~reached(native & ~hidden, offsets, self.after, self.before)
            ),
        )

    def summary(self) -> str:
        """Return the rule in a few words: 'shrink by 3 and 1 steps'."""
        sides = f"{self.before} and {self.after}" if self.before != self.after else f"{self.before}"
        return f"shrink by {sides} step{'' if sides == '1' else 's'}"
