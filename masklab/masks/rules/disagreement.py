"""Channels that measure the same thing, and disagree."""

from __future__ import annotations

from collections.abc import Callable
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
    """Select cells that stray from what the channels of their row have in common.

    Each channel is first taken from its own median in the series, so that a lasting offset between
    two sensors is no disagreement; with `scaled` it is divided by its robust deviation too, for
    channels of different units. What a row's channels have in common is their median (of those
    that the layer is aimed at; of all, if it is aimed at one), or the value of one `channel`. A
    cell strays if its distance from that differs from the usual, the series' median distance, by
    more than `threshold` times 1.4826 times the distances' median absolute deviation. Medians over
    time are of the cells aimed at that can be read. A row with one such cell tells nothing; of two
    that differ, both stray, for nothing tells which is wrong.
    """

    title: ClassVar[str] = "Disagreement between channels"
    explanation: ClassVar[str] = (
        "Hides values that stray from the other channels of the same moment further than they "
        "usually do. What is usual is taken from the cells that earlier layers left."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["disagreement"] = "disagreement"
    against: Literal["median", "channel"] = Field(
        default="median",
        title="Compared with",
        description="The median of the channels aimed at, or one channel.",
        json_schema_extra={"words": {"median": "the median", "channel": "one channel"}},
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
        le=50,
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
    def aimed(cls, panel: Panel) -> tuple[str, ...]:
        """Return the most channels that look like measures of one thing; all if no two do."""
        alike = _alike(panel)
        return alike if len(alike) > 1 else panel.channels

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the channels' median; on one scale unless some are alike in unit and size."""
        return cls(scaled=len(panel.channels) > 1 and len(_alike(panel)) < 2)

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the panel lacks the channel that is compared with."""
        if self.against == "median" or self.channel in panel.channels:
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
            # What is usual is asked of the cells aimed at; the others need no answer.
            aimed = scene.domain[:, column]
            distance = distance if aimed.all() else np.where(aimed, distance, np.nan)
            return np.concatenate([self._strays(distance[rows]) for rows in _series(panel)])

        return scene.by_channel(find)

    def summary(self) -> str:
        """Return the rule in a few words: 'over 6 deviations from wind'."""
        other = "the channels' median" if self.against == "median" else self.channel
        return f"over {self.threshold:g} deviations from {other}"

    def _values(self, scene: Scene, column: int) -> Column:
        """Return a column's values from their median, scaled if asked; NaN where not readable."""
        values = scene.values(column)
        rows_aimed = scene.domain.any(axis=1)
        aimed = values if rows_aimed.all() else np.where(rows_aimed, values, np.nan)
        for rows in _series(scene.panel):
            centre = _centre(aimed[rows])
            spread = _spread(aimed[rows], centre) if self.scaled else 1.0
            values[rows] -= centre
            if self.scaled:
                values[rows] /= spread if spread > 0 else np.nan
        return values

    def _reference(
        self, scene: Scene, values: Float64[np.ndarray, "channel row"]
    ) -> Callable[[int], Column]:
        """Return what tells for each column what its cells are compared with."""
        if self.against == "channel" and self.channel is not None:
            chosen = scene.panel.channel_index(self.channel)
            return lambda column: np.where(column == chosen, np.nan, values[chosen])
        aimed = np.flatnonzero(scene.domain.any(axis=0))
        common = _common(values[aimed] if len(aimed) > 1 else values)
        return lambda _: common

    def _strays(self, distance: Column) -> Bool[np.ndarray, "row"]:
        apart = np.abs(distance - _centre(distance))
        limit = self.threshold * (CONSISTENT * _centre(apart))
        return np.asarray(apart > limit)


_ROWS = 32_768
"""Rows whose medians are taken at a time: what fits into the cache."""


def _series(panel: Panel) -> list[slice]:
    return [panel.rows_of(series) for series in range(len(panel))]


def _centre(values: Column) -> float:
    return float(bottleneck.nanmedian(values))


def _spread(values: Column, centre: float) -> float:
    """Return 1.4826 times the median absolute deviation; NaN without values."""
    return CONSISTENT * float(bottleneck.nanmedian(np.abs(values - centre)))


def _alike(panel: Panel) -> tuple[str, ...]:
    """Return the largest group of channels of one unit with medians and spreads not far apart."""
    scene = everything(panel)
    measures: dict[str, tuple[float, float]] = {}
    groups: list[tuple[str, ...]] = [()]
    with np.errstate(all="ignore"):
        for column, channel in enumerate(panel.channels):
            values = scene.values(column)
            centre = _centre(values)
            spread = _spread(values, centre)
            if np.isfinite(spread) and spread > 0:
                measures[channel] = centre, spread
        for channel, (centre, spread) in measures.items():
            groups.append(
                tuple(
                    other
                    for other, (there, wide) in measures.items()
                    if panel.units.get(other) == panel.units.get(channel)
                    and abs(there - centre) <= _ALIKE * max(spread, wide)
                    and max(spread, wide) <= _ALIKE * min(spread, wide)
                )
            )
    return max(groups, key=len)


def _common(values: Float64[np.ndarray, "channel row"]) -> Column:
    """Return the median of each row's values; NaN where there are fewer than two."""
    parts = [values[:, first : first + _ROWS] for first in range(0, values.shape[1], _ROWS)]
    return np.concatenate([_median_of_rows(part) for part in parts])


def _median_of_rows(values: Float64[np.ndarray, "channel row"]) -> Column:
    ordered = np.ascontiguousarray(values.T)
    ordered.sort(axis=1)  # NaN last
    held = ordered.shape[1] - np.isnan(values).sum(axis=0)
    ranked, first = ordered.ravel(), np.arange(len(ordered)) * ordered.shape[1]
    last = np.maximum(held, 1)
    middle = (ranked[first + (last - 1) // 2] + ranked[first + last // 2]) / 2
    return np.where(held > 1, middle, np.nan)
