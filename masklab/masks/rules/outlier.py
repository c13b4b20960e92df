"""Outliers by a rolling median and its median absolute deviation: the Hampel identifier."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.data.series import Panel
from masklab.masks.rolling import layouts, outlying, rolled
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.suggesting import lively


class Outlier(Rule):
    """Select cells far from the median of the steps around them, by a scale that outliers don't move.

    Far: more than `threshold` times 1.4826 times the median absolute deviation of the window from
    its median, and more than `least` (Hampel 1974; Pearson 2002). The window is centred, holds
    the cell itself, and ends at the border of a series and at gaps in the clock; it judges
    nothing with fewer than three values. Where most values of a window are equal the deviation is
    0, and every other value is far; `least` keeps small ones.
    """

    title: ClassVar[str] = "Robust outliers (Hampel)"
    explanation: ClassVar[str] = (
        "Hides values far from the median of the steps around them. Median and spread are those of "
        "the cells that earlier layers left, and a few outliers don't move them."
    )
    family: ClassVar[Family] = "By change"

    kind: Literal["outlier"] = "outlier"
    reach: int = Field(
        default=15,
        ge=1,
        le=5000,
        title="On each side",
        description="The window is twice as many steps and one; it ends at gaps in the clock.",
        json_schema_extra={"unit": "steps"},
    )
    threshold: float = Field(
        default=5.0,
        ge=0.5,
        le=50,
        description="How many robust standard deviations (1.4826 MAD) are too far.",
        json_schema_extra={"step": 0.5},
    )
    least: float = Field(
        default=0.0,
        ge=0,
        title="At least",
        description="A distance up to this, in the channel's units, is never too far. It helps "
        "where most values of a window are equal.",
    )

    @classmethod
    def aimed(cls, panel: Panel) -> tuple[str, ...]:
        """Return the channels that don't rest at a value: beside one, every other value is far."""
        return lively(panel)

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return windows of a tenth of the longest series, 31 steps at most."""
        longest = int(np.diff(panel.offsets).max())
        return cls(reach=min(max(longest // 20, 3), 15))

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the outliers among the cells that can be read."""
        where = layouts(scene.panel, self.reach)

        def find(column: int) -> Bool[np.ndarray, "row"]:
            values = scene.values(column)
            return rolled(
                values,
                where,
                lambda padded, reach: outlying(padded, reach, self.threshold, self.least),
            )

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'outliers over 5 deviations of 31 steps'."""
        return f"outliers over {self.threshold:g} deviations of {2 * self.reach + 1} steps"
