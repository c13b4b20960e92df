"""Short hidden stretches, shown again."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.morphology._hidden import Flags, by_channel
from masklab.masks.rule import Combine, Family, Rule, Scene
from masklab.masks.stretches import stretches


class DropShort(Rule):
    """Select stretches of fewer than `shortest` hidden cells; with `reveal`, they are shown again.

    Stretches count the cells that the file has: one that it lacks neither counts nor ends a
    stretch. The border of a series ends one. Twice does no more than once.
    """

    title: ClassVar[str] = "Drop short stretches"
    explanation: ClassVar[str] = "Shows again what the layers above hide only for a few steps."
    family: ClassVar[Family] = "Shape of the mask"
    combines: ClassVar[Combine] = "reveal"

    kind: Literal["drop_short"] = "drop_short"
    shortest: int = Field(
        default=3,
        ge=2,
        le=10_000_000,
        title="Shorter than",
        description="Stretches of at least this length stay hidden.",
        json_schema_extra={"unit": "steps"},
    )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells of the short stretches, in the channels aimed at."""

        def short(hidden: Flags, native: Flags) -> Flags:
            found = stretches(hidden, native, scene.panel.offsets)
            return found.cells(found.lengths < self.shortest, len(hidden))

        return by_channel(scene, short)

    def summary(self) -> str:
        """Return the rule in a few words: 'drop stretches under 3 steps'."""
        return f"drop stretches under {self.shortest} steps"
