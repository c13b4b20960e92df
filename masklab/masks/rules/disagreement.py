"""Channels that measure the same thing, and disagree."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

import bottleneck
import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.course import everything
from masklab.masks.rolling import CONSISTENT
from masklab.masks.rule import Family, Rule, Scene

Column = Float64[np.ndarray, "row"]
_ALIKE = 3.0


class Disagreement(Rule):
    """Select cells whose distance from other channels of their row is unusual.

    The distance is that to the median of the other channels the layer is aimed at (of all others,
    if it is aimed at one), or to one `channel`. Unusual: it differs from the median distance of
    the series by more than `threshold` times 1.4826 times its median absolute deviation; so a
    lasting offset between two sensors is no disagreement. Medians are over the cells aimed at that
    can be read. With `scaled`, each channel is first brought to its own median and spread in each
    series, for channels of different units. A row without another channel is never selected, and
    a channel that never varies has no spread.
    """

    title: ClassVar[str] = "Disagreement between channels"
    explanation: ClassVar[str] = (
        "Hides values that stray from the other channels of the same moment further than they "
        "usually do. What is usual is taken from the cells that earlier layers left."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["disagreement"] = "disagreement"
    against: Literal["others", "channel"] = Field(
        default="others",
        title="Compared with",
        description="The median of the other channels aimed at, or one channel.",
        json_schema_extra={"words": {"others": "the others' median", "channel": "one channel"}},
    )
    channel: str | None = Field(
        default=None,
        min_length=1,
        description="The channel that the others are compared with.",
        json_schema_extra={"widget": "channel", "when": {"against": ["channel"]}},
    )
    threshold: float = Field(
        default=6.0,
        ge=0.5,
        le=1000,
        description="How many robust standard deviations (1.4826 MAD) of the distance are too many.",
        json_schema_extra={"step": 0.5},
    )
    scaled: bool = Field(
        default=False,
        title="Bring channels to one scale",
        description="For channels of different units that rise and fall together.",
    )

    @model_validator(mode="after")
    def _check_channel(self) -> Self:
        if self.against == "channel" and self.channel is None:
            raise ValueError("comparing with one channel needs its name; choose one")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the others' median; channels are scaled if their medians or spreads are far apart."""
        scene = everything(panel)
        measures = [
            _centre_and_spread(scene.values(column)) for column in range(len(panel.channels))
        ]
        known = np.array([one for one in measures if np.isfinite(one).all() and one[1] > 0])
        if not len(known):
            return cls()
        centres, spreads = known.T
        with np.errstate(over="ignore"):
            is_near = np.ptp(centres) <= _ALIKE * spreads.max()
            is_alike = is_near and spreads.max() <= _ALIKE * spreads.min()
        return cls(scaled=not is_alike)

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the panel lacks the channel that is compared with."""
        if self.against == "others" or self.channel in panel.channels:
            return ()
        return (
            f"It compares with the channel {self.channel!r}, but this data has "
            f"{list(panel.channels)}; choose among those.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells that disagree; none where there is no other channel.

        Raises `MaskError` if the panel lacks the channel that is compared with.
        """
        panel = scene.panel
        for problem in self.misfits(panel):
            raise MaskError(problem)
        with np.errstate(all="ignore"):
            values = np.stack([self._values(scene, one) for one in range(len(panel.channels))])
            reference = self._reference(scene, values)

        def find(column: int) -> Bool[np.ndarray, "row"]:
            distance = values[column] - reference(column)
            aimed = np.where(scene.domain[:, column], distance, np.nan)
            return np.concatenate(
                [self._strays(distance[rows], aimed[rows]) for rows in _series(panel)]
            )

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'beyond 6 deviations from the other channels'."""
        other = "the other channels" if self.against == "others" else self.channel
        return f"beyond {self.threshold:g} deviations from {other}"

    def _values(self, scene: Scene, column: int) -> Column:
        """Return a column's values, scaled if that is asked; NaN where they may not be read."""
        values = scene.values(column)
        if not self.scaled:
            return values
        aimed = np.where(scene.domain.any(axis=1), values, np.nan)
        for rows in _series(scene.panel):
            centre, spread = _centre_and_spread(aimed[rows])
            values[rows] = (values[rows] - centre) / spread if spread > 0 else np.nan
        return values

    def _reference(
        self, scene: Scene, values: Float64[np.ndarray, "channel row"]
    ) -> Callable[[int], Column]:
        """Return what tells for each column what its cells are compared with."""
        if self.against == "channel" and self.channel is not None:
            chosen = scene.panel.channel_index(self.channel)
            return lambda column: np.where(column == chosen, np.nan, values[chosen])
        aimed = np.flatnonzero(scene.domain.any(axis=0))
        group = aimed if len(aimed) > 1 else np.arange(len(values))
        others = _Others.of(values[group])
        return lambda column: others.than(values[column])

    def _strays(self, distance: Column, aimed: Column) -> Bool[np.ndarray, "row"]:
        centre, spread = _centre_and_spread(aimed)
        strays: Bool[np.ndarray, "row"] = np.abs(distance - centre) > self.threshold * spread
        return strays


def _series(panel: Panel) -> list[slice]:
    return [panel.rows_of(series) for series in range(len(panel))]


def _centre_and_spread(values: Column) -> tuple[float, float]:
    """Return the median, and 1.4826 times the median absolute deviation; NaN without values."""
    centre = float(bottleneck.nanmedian(values))
    return centre, CONSISTENT * float(bottleneck.nanmedian(np.abs(values - centre)))


@dataclass(frozen=True)
class _Others:
    """The medians of each row without one of its values: below, at, or above the row's `middle`."""

    middle: Column
    without_lower: Column
    without_middle: Column
    without_higher: Column

    @classmethod
    def of(cls, values: Float64[np.ndarray, "channel row"]) -> Self:
        """Return the medians of rows with values of some channels; NaN where there are none."""
        ordered = np.sort(np.ascontiguousarray(values.T), axis=1)  # NaN last
        held = ordered.shape[1] - np.isnan(values).sum(axis=0)
        rows = np.arange(len(ordered)) * ordered.shape[1]
        ranked = ordered.ravel()
        half = held // 2
        below = np.where(half > 0, ranked[rows + np.maximum(half - 1, 0)], np.nan)
        middle = ranked[rows + np.minimum(half, ordered.shape[1] - 1)]
        above = ranked[rows + np.minimum(half + 1, ordered.shape[1] - 1)]
        is_even = held % 2 == 0
        return cls(
            np.where(is_even, below, middle),
            np.where(is_even, middle, (middle + above) / 2),
            np.where(is_even, middle, (below + above) / 2),
            np.where(is_even, below, (below + middle) / 2),
        )

    def than(self, value: Column) -> Column:
        """Return the median of each row's values without this one; NaN where it is the only one."""
        below = np.where(value == self.middle, self.without_middle, self.without_higher)
        return np.where(value < self.middle, self.without_lower, below)
