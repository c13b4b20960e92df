"""`mean_fill`: hidden cells become the channel's training mean."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class MeanFill(Strategy):
    """Feed m·x + (1-m)·x̄."""

    kind: Literal["mean_fill"] = "mean_fill"
    title: ClassVar[str] = "Fill with the mean"
    source: ClassVar[str] = "Mean imputation; x̄ over observed training cells"
    explanation: ClassVar[str] = (
        "A hidden cell becomes its channel's mean over the observed training cells. The least "
        "surprising value for the LSTM, but it can't tell a hidden cell from an average one."
    )

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the training mean"

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
        """Return the values with hidden cells at the mean."""
        return Features(values.where(observed, statistics.mean))
