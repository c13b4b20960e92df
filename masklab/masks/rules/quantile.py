"""The lowest and highest values of a channel, by their share."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field

from masklab.masks.rule import Family, Rule, Scene


class Quantile(Rule):
    """Select the lowest or highest `share` of a channel's cells, or that share at either end.

    Of the n cells aimed at that can be read, round(share * n) at each end; but of equal values
    all or none are selected, none if they are too many. With `each_series`, n is counted in
    each series, which so has bounds of its own.
    """

    title: ClassVar[str] = "Quantile"
    explanation: ClassVar[str] = (
        "Hides the lowest or highest values of each channel, by their share of the cells that "
        "earlier layers left."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["quantile"] = "quantile"
    share: float = Field(
        default=0.01,
        ge=0,
        le=1,
        description="Share of the cells at an end that is selected.",
        json_schema_extra={"unit": "%"},
    )
    side: Literal["lowest", "highest", "both"] = Field(
        default="both", description="Which values are selected."
    )
    each_series: bool = Field(
        default=False,
        title="Each series for itself",
        description="Each series has its own lowest and highest values, not all series together.",
    )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells beyond the quantiles."""
        panel = scene.panel
        parts = [panel.rows_of(index) for index in range(len(panel))] if self.each_series else []

        def find(column: int) -> Bool[np.ndarray, "row"]:
            values = np.where(scene.domain[:, column], scene.values(column), np.nan)
            if not parts:
                return self._beyond(values)
            return np.concatenate([self._beyond(values[rows]) for rows in parts])

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'lowest 1 %'."""
        which = "lowest and highest" if self.side == "both" else self.side
        return f"{which} {100 * self.share:g} %"

    def _beyond(self, values: Float64[np.ndarray, "row"]) -> Bool[np.ndarray, "row"]:
        found = np.zeros(len(values), dtype=bool)
        held = values[~np.isnan(values)]
        count = round(self.share * len(held))
        if self.side != "highest":
            found |= values < _ranked(held, count)
        if self.side != "lowest":
            found |= -values < _ranked(-held, count)
        return found


def _ranked(values: Float64[np.ndarray, "cell"], rank: int) -> float:
    """Return the value that `rank` of the others lie before; infinity if there are no more."""
    return float(np.partition(values, rank)[rank]) if rank < len(values) else np.inf
