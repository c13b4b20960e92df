"""`zero_fill`: hidden cells become zero, or another value, in raw or in scaled units."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies.strategy import (
    LARGEST,
    Features,
    Statistics,
    Strategy,
    Zero,
    constant_of,
    zero_words,
)

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class ZeroFill(Strategy):
    """Feed m·x: zero where hidden; with `value`, m·x + (1-m)·value."""

    kind: Literal["zero_fill"] = "zero_fill"
    title: ClassVar[str] = "Fill with zero"
    source: ClassVar[str] = "Multiplying the input by the mask; the founding article, example 2"
    explanation: ClassVar[str] = (
        "The input is multiplied by the mask, so that a hidden cell becomes 0. The LSTM is not "
        "told that the cell is hidden and still takes a step: its biases and its memory move. "
        "Zero in raw units is a value like any other, and often an extreme one; zero in scaled "
        "units is, after standardising, the mean. Another value than 0 can be set: one that no "
        "sensor reports, say."
    )

    value: float = Field(
        default=0.0,
        ge=-LARGEST,
        le=LARGEST,
        title="Fill value",
        description=(
            "What stands in every hidden cell, the same for all channels: 0, or a value that no "
            "sensor reports."
        ),
    )
    zero: Zero = Field(
        default="raw",
        title="Fill value in",
        description=(
            "raw: the file's units, so that 0 is a zero of the file. scaled: units after scaling, "
            "where, standardised, 0 is the mean and 1 a standard deviation above it."
        ),
        json_schema_extra={"words": {"raw": "the file's units", "scaled": "scaled units"}},
    )

    def stand_in(self) -> str:
        """Return the value, and in which units."""
        return zero_words(self.zero, self.value)

    def features_per_channel(self) -> int:
        """Return 1: the value."""
        return 1

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return the values with hidden cells at the fill value."""
        return Features(values.where(observed, constant_of(self.zero, statistics, self.value)))
