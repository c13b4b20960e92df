"""`mask_only`: feed the mask and no value, to see what is told by what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class MaskOnly(Strategy):
    """Feed m: 1 where a cell is observed, 0 where it is hidden, and nothing of its value."""

    kind: Literal["mask_only"] = "mask_only"
    title: ClassVar[str] = "The mask alone"
    source: ClassVar[str] = (
        "Che et al. 2018, Recurrent neural networks for multivariate time series with missing "
        "values: missingness that is informative"
    )
    explanation: ClassVar[str] = (
        "The LSTM sees which cells are observed and none of their values. A probe, not a way to "
        "train: if it predicts better than any constant, then what is missing tells something of what "
        "comes, and strategies that read flags can use that. If not, the gaps are silent."
    )
    reads_values: ClassVar[bool] = False

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "nothing: no value is read"

    def features_per_channel(self) -> int:
        """Return 1: the flag."""
        return 1

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return the mask as 0 and 1."""
        return Features(observed.to(values.dtype))
