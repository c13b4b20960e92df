"""Values outside, or inside, a range."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.rules._bounds import check_bounds


class ValueRange(Rule):
    """Select values outside or inside [low, high], in the channel's own units.

    A bound left out is open; at least one is needed. The bounds belong to the range. Missing
    cells are never selected.
    """

    title: ClassVar[str] = "Value range"
    explanation: ClassVar[str] = (
        "Hides values outside a plausible range, or inside one that the model must do without."
    )
    family: ClassVar[Family] = "By value"
    in_units: ClassVar[bool] = True

    kind: Literal["value_range"] = "value_range"
    low: float | None = Field(default=None, description="Lower bound; empty means none.")
    high: float | None = Field(default=None, description="Upper bound; empty means none.")
    side: Literal["outside", "inside"] = Field(
        default="outside", description="Which side of the bounds is selected."
    )

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        check_bounds(self.low, self.high, "a value range")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the range that leaves out the lowest and highest 1 % of the first channel."""
        values = panel.values[panel.native[:, 0], 0]
        if not len(values):
            return cls(low=0.0)
        low, high = np.quantile(values, [0.01, 0.99], method="nearest").tolist()
        return cls(low=low, high=high)

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells on the chosen side of the bounds."""
        values = scene.panel.values
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high
        # Comparisons with NaN are False: missing cells fall on neither side.
        if self.side == "outside":
            return np.logical_or(values < low, values > high)
        return np.logical_and(values >= low, values <= high)

    def summary(self) -> str:
        """Return the rule in a few words: 'outside 0 to 40'."""
        inside = self.side == "inside"
        if self.low is None:
            return f"{'at most' if inside else 'above'} {self.high:g}"
        if self.high is None:
            return f"{'at least' if inside else 'below'} {self.low:g}"
        return f"{self.side} {self.low:g} to {self.high:g}"
