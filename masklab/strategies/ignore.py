"""`ignore`: feed the values as they are, hidden or not; the baseline that leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Ignore(Strategy):
    """Feed x as it is; native gaps at the training mean."""

    kind: Literal["ignore"] = "ignore"
    title: ClassVar[str] = "Ignore the mask"
    source: ClassVar[str] = "Baseline: what a model does that is never told of the mask"
    explanation: ClassVar[str] = (
        "The LSTM sees every value of the file, also those that you hid; cells that the file "
        "itself lacks are set to the training mean. In a reconstruction it even sees the cells "
        "hidden afresh, which are the very answers it is asked for. It shows how much the hidden "
        "values would have helped, and how good a score looks when they leak. Never use it as a "
        "result."
    )
    reads_mask: ClassVar[bool] = False

    def stand_in(self) -> str:
        """Return it: what a cell that the file lacks becomes; a hidden one is read."""
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
        """Return the values with native gaps at the mean."""
        return Features(values.where(native, statistics.mean))
