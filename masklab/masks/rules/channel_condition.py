"""Rows where another channel is above, below or between values, or missing."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.rule import Family, Rule, Scene

Comparison = Literal["above", "below", "between", "missing"]


class ChannelCondition(Rule):
    """Select rows by the values of one channel, whichever channels the layer is aimed at.

    `between` includes its ends; `above` and `below` leave the value itself out. A row in which
    the channel is missing meets `missing` alone; a value that an earlier layer hid is missing too
    (see `Scene.readable`).
    """

    title: ClassVar[str] = "Another channel's condition"
    explanation: ClassVar[str] = (
        "Hides rows in which one channel is above, below or between values, or missing."
    )
    family: ClassVar[Family] = "By gaps and events"

    kind: Literal["channel_condition"] = "channel_condition"
    channel: str = Field(
        min_length=1,
        description="The channel that decides.",
        json_schema_extra={"widget": "channel"},
    )
    comparison: Comparison = Field(
        default="above", title="Where it is", description="What selects a row."
    )
    value: float | None = Field(
        default=None,
        description="In the deciding channel's unit; for 'between', its lower end.",
        json_schema_extra={"when": {"comparison": ["above", "below", "between"]}},
    )
    upper: float | None = Field(
        default=None,
        title="And",
        description="The upper end of 'between', included like the lower one.",
        json_schema_extra={"when": {"comparison": ["between"]}},
    )

    @model_validator(mode="after")
    def _check_values(self) -> Self:
        if self.comparison == "missing":
            return self
        if self.value is None:
            raise ValueError(f"'{self.comparison}' needs a value; give one")
        if self.comparison == "between" and self.upper is None:
            raise ValueError("'between' needs an upper end too; give one")
        if self.comparison == "between" and self.upper is not None and self.value > self.upper:
            raise ValueError(
                f"the lower end {self.value:g} lies above the upper end {self.upper:g}; swap them"
            )
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the highest tenth of the last channel."""
        values = panel.values[panel.native[:, -1], -1]
        if not len(values):
            return cls(channel=panel.channels[-1], comparison="missing")
        high = float(np.quantile(values, 0.9, method="nearest"))
        return cls(channel=panel.channels[-1], value=high)

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the panel lacks the channel."""
        if self.channel in panel.channels:
            return ()
        return (
            f"It asks for the channel {self.channel!r}, but this data has {list(panel.channels)}; "
            "choose among those.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return all channels of the rows that meet the condition.

        Raises `MaskError` if the panel lacks the channel.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        index = scene.panel.channel_index(self.channel)
        rows = self._rows(scene.panel.values[:, index], scene.readable[:, index])
        return np.asfortranarray(np.broadcast_to(rows[:, None], scene.domain.shape))

    def summary(self) -> str:
        """Return the condition in a few words: 'where wind is above 20'."""
        match self.comparison:
            case "missing":
                return f"where {self.channel} is missing"
            case "between":
                return f"where {self.channel} is between {self.value:g} and {self.upper:g}"
            case _:
                return f"where {self.channel} is {self.comparison} {self.value:g}"

    def _rows(
        self, values: Float64[np.ndarray, "row"], readable: Bool[np.ndarray, "row"]
    ) -> Bool[np.ndarray, "row"]:
        match self.comparison:
            case "above":
                return readable & (values > self.value)
            case "below":
                return readable & (values < self.value)
            case "between":
                return readable & (values >= self.value) & (values <= self.upper)
            case _:
                return ~readable
