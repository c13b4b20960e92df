"""Hidden stretches made longer."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.morphology._hidden import by_channel, reached
from masklab.masks.rule import Family, Rule, Scene


class Grow(Rule):
    """Select cells up to `before` steps before and `after` steps after a cell hidden so far.

    The hidden cells themselves are among them, wherever in the same channel and series they lie;
    the border of a series is never crossed. Steps are rows: a row without a value counts as one.
    A dilation (Serra 1982), of which `Shrink` with the same numbers is the other side: it shrinks
    what is hidden as this would grow what is shown.
    """

    title: ClassVar[str] = "Grow"
    explanation: ClassVar[str] = (
        "Hides some more steps on both sides of everything hidden by the layers above, where an "
        "instrument needs time to settle, say."
    )
    family: ClassVar[Family] = "Shape of the mask"

    kind: Literal["grow"] = "grow"
    before: int = Field(
        default=3, ge=0, le=10_000_000, description="Steps more before each hidden stretch.",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip
    after: int = Field(
        default=3, ge=0, le=10_000_000, description="Steps more after each hidden stretch.",
        json_schema_extra={"unit": "steps"},
    )  # fmt: skip

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the hidden cells of the channels aimed at, and their neighbours."""
        offsets = scene.panel.offsets
        return by_channel(
            scene, lambda hidden, native: native & reached(hidden, offsets, self.before, self.after)
        )

    def summary(self) -> str:
        """Return the rule in a few words: 'grow by 3 and 1 steps'."""
        sides = f"{self.before} and {self.after}" if self.before != self.after else f"{self.before}"
        return f"grow by {sides} step{'' if sides == '1' else 's'}"
