"""Stretches that vary too little, or too much."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.masks.course import everything
from masklab.masks.rolling import FEWEST, Layout, counts, deviations, layouts, rolled
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.rules._bounds import check_bounds
from masklab.masks.suggesting import exceeded_by


class RollingVariance(Rule):
    """Select cells around which the values vary less than `low`, or more than `high`.

    Compared is the standard deviation (n - 1), the variance's root, in the channel's units, of the
    steps around the cell. The window is centred, holds the cell itself, and ends at the border of
    a series and at gaps in the clock; it judges nothing with fewer than three values.
    """

    title: ClassVar[str] = "Rolling variance"
    explanation: ClassVar[str] = (
        "Hides cells around which the values vary too little, as of a dying sensor, or too much, "
        "as of a loose one. The values are those that earlier layers left."
    )
    family: ClassVar[Family] = "By change"
    in_units: ClassVar[bool] = True

    kind: Literal["rolling_variance"] = "rolling_variance"
    reach: int = Field(
        default=15,
        ge=1,
        le=5000,
        title="On each side",
        description="The window is twice as many steps and one; it ends at gaps in the clock.",
        json_schema_extra={"unit": "steps"},
    )
    low: float | None = Field(
        default=None,
        ge=0,
        title="Below",
        description="Standard deviations below this are too low; empty means none is.",
    )
    high: float | None = Field(
        default=None,
        ge=0,
        title="Above",
        description="Standard deviations above this are too high; empty means none is.",
    )

    @model_validator(mode="after")
    def _check_bounds(self) -> Self:
        check_bounds(self.low, self.high, "rolling variance")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the bound that the first channel's liveliest hundredth lies above."""
        reach = min(max(int(np.diff(panel.offsets).max()) // 20, 3), 15)
        with np.errstate(all="ignore"):
            found = _deviations(everything(panel), 0, layouts(panel, reach))
        return cls(reach=reach, high=exceeded_by(0.01, found))

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that can be read whose window varies too little or too much."""
        where = layouts(scene.panel, self.reach)
        low = -np.inf if self.low is None else self.low
        high = np.inf if self.high is None else self.high

        def find(column: int) -> Bool[np.ndarray, "row"]:
            found = _deviations(scene, column, where)
            return np.logical_or(found < low, found > high)

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'deviation of 31 steps above 2'."""
        bounds = [f"below {self.low:g}"] if self.low is not None else []
        bounds += [f"above {self.high:g}"] if self.high is not None else []
        return f"deviation of {2 * self.reach + 1} steps {' or '.join(bounds)}"


def _deviations(scene: Scene, column: int, where: list[Layout]) -> Float64[np.ndarray, "row"]:
    """Return the standard deviation around each cell that can be read; NaN elsewhere."""
    values = scene.values(column)
    found = np.asarray(rolled(values, where, _judging))
    return np.where(np.isnan(values), np.nan, found)


def _judging(padded: Float64[np.ndarray, "place"], reach: int) -> Float64[np.ndarray, "place"]:
    return np.where(counts(padded, reach) >= FEWEST, deviations(padded, reach), np.nan)
