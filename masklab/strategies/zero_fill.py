"""`zero_fill`: hidden cells become zero, in raw or in scaled units."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies.strategy import Features, Statistics, Strategy, Zero, zero_of

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class ZeroFill(Strategy):
    """Feed m·x: zero where hidden."""

    kind: Literal["zero_fill"] = "zero_fill"
    title: ClassVar[str] = "Fill with zero"
    source: ClassVar[str] = "Multiplying the input by the mask; the founding article, example 2"
    explanation: ClassVar[str] = (
        "The input is multiplied by the mask, so that a hidden cell becomes 0. The LSTM is not "
        "told that the cell is hidden and still takes a step: its biases and its memory move. "
        "Zero in raw units is a value like any other, and often an extreme one; zero in scaled "
        "units is, after standardising, the mean."
    )

    zero: Zero = Field(
        default="raw",
        title="Zero of",
        description="raw: 0 in the file's units. scaled: 0 after scaling.",
    )

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
        """Return the values with hidden cells at zero."""
        return Features(values.where(observed, zero_of(self.zero, statistics)))
