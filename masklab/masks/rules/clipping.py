"""Clipping: a sensor at the end of its range repeats its highest or lowest value."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64, Int64
from pydantic import Field

from masklab.data.series import Panel
from masklab.masks.course import everything
from masklab.masks.rule import Family, Rule, Scene

_ORDINARY = 0.2


class Clipping(Rule):
    """Select cells at a channel's highest or lowest value, where at least `repeats` of them lie.

    Highest and lowest are those of the cells aimed at that can be read, in each series for
    itself: devices differ. At: within `tolerance` of the range between the two. A series whose
    values are all equal has no range, and nothing of it is selected.
    """

    title: ClassVar[str] = "Clipping"
    explanation: ClassVar[str] = (
        "Hides values at the highest or lowest that a channel shows in a series, if they repeat, "
        "as of a saturated sensor. Highest and lowest are those of the cells that earlier layers "
        "left."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["clipping"] = "clipping"
    side: Literal["highest", "lowest", "both"] = Field(
        default="both", description="Which end of the range is looked at."
    )
    repeats: int = Field(
        default=5,
        ge=2,
        le=1_000_000_000,
        title="At least",
        description="An end that fewer cells of a series lie at is an ordinary extreme.",
        json_schema_extra={"unit": "cells"},
    )
    tolerance: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="How near to the end counts as at it, as a share of the channel's range.",
        json_schema_extra={"unit": "%"},
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return both ends, but the highest alone where a channel often rests at its lowest value.

        No rain and no sun are no clipping.
        """
        scene = everything(panel)
        held = np.maximum(panel.native.sum(axis=0), 1)
        resting = cls(side="lowest").select(scene).sum(axis=0) > _ORDINARY * held
        return cls(side="highest") if resting.any() else cls()

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells at an end of the range that repeats."""
        offsets = scene.panel.offsets

        def find(column: int) -> Bool[np.ndarray, "row"]:
            held = scene.readable[:, column] & scene.domain[:, column]
            values = scene.panel.values[:, column]
            found = np.zeros(len(values), dtype=bool)
            if self.side != "lowest":
                found |= self._at_top(np.where(held, values, -np.inf), held, offsets)
            if self.side != "highest":
                found |= self._at_top(np.where(held, -values, -np.inf), held, offsets)
            return found

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'at the highest value, 5 times or more'."""
        where = "highest or lowest" if self.side == "both" else self.side
        within = f" within {100 * self.tolerance:g} %" if self.tolerance else ""
        return f"at the {where} value{within}, {self.repeats} times or more"

    def _at_top(
        self,
        values: Float64[np.ndarray, "row"],
        held: Bool[np.ndarray, "row"],
        offsets: Int64[np.ndarray, "series+1"],
    ) -> Bool[np.ndarray, "row"]:
        """Return the held cells at their series' highest value; cells not held are -inf."""
        first, lengths = offsets[:-1], np.diff(offsets)
        high = np.maximum.reduceat(values, first)
        low = np.minimum.reduceat(np.where(held, values, np.inf), first)
        within = self.tolerance * (high - low) if self.tolerance else 0.0
        at: Bool[np.ndarray, "row"] = held & (values >= np.repeat(high - within, lengths))
        often = np.add.reduceat(at, first, dtype=np.int64) >= self.repeats
        return at & np.repeat(often & (low < high), lengths)
