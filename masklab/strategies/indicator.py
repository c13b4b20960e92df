"""`indicator`: fill the hidden cells, and tell the LSTM which they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies.forward_fill import last_observed
from masklab.strategies.strategy import Features, Statistics, Strategy, constant_of, with_flags

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

Fill = Literal["mean", "zero", "forward"]
"""What stands in a hidden cell: the training mean, 0 in the file's units, the last value."""
FILLS: dict[Fill, str] = {
    "mean": "the training mean",
    "zero": "0 in file units",
    "forward": "the last observed value",
}


class Indicator(Strategy):
    """Feed [x̂; m]: the filled values, and the mask as further features.

    The paper flags what is missing (1 - m), and fills with the median before a first observation;
    here 1 is observed, as everywhere, and x̄ stands for the median.
    """

    kind: Literal["indicator"] = "indicator"
    title: ClassVar[str] = "Fill and flag"
    source: ClassVar[str] = (
        "Lipton, Kale, Wetzel 2016, Directly modeling missing data in sequences with RNNs"
    )
    explanation: ClassVar[str] = (
        "Each channel gets a second feature: 1 where its value is observed, 0 where it is hidden "
        "and filled. The LSTM can learn to distrust filled cells, and to read meaning into the "
        "pattern of the gaps itself. It costs twice the input features and no more steps."
    )

    fill: Fill = Field(
        default="mean",
        title="Fill with",
        description=(
            "mean: the training mean. zero: 0 in the file's units. forward: the last observed value."
        ),
    )

    def stand_in(self) -> str:
        """Return what it is filled with."""
        return FILLS[self.fill]

    def features_per_channel(self) -> int:
        """Return 2: the filled value and its flag."""
        return 2

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return filled values, then the mask as 0 and 1, along the last axis."""
        filled = filled_with(self.fill, values, observed, statistics)
        return Features(with_flags(filled, observed))


def filled_with(
    fill: Fill,
    values: Float[Tensor, "batch time channel"],
    observed: Bool[Tensor, "batch time channel"],
    statistics: Statistics,
) -> Float[Tensor, "batch time channel"]:
    """Return the values with hidden cells filled in that way."""
    if fill == "forward":
        return last_observed(values, observed, before=statistics.mean)
    constant = statistics.mean if fill == "mean" else constant_of("raw", statistics)
    return values.where(observed, constant)
