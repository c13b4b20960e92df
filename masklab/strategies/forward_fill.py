"""`forward_fill`: a hidden cell repeats the last observed value of its channel."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class ForwardFill(Strategy):
    """Feed the last observed value; x̄ before the first of the window."""

    kind: Literal["forward_fill"] = "forward_fill"
    title: ClassVar[str] = "Repeat the last value"
    source: ClassVar[str] = "Last observation carried forward (LOCF)"
    explanation: ClassVar[str] = (
        "A hidden cell takes the last value that was observed in its channel, within the window; "
        "before the first one, the training mean. Close to the truth for slow signals and short "
        "gaps; over long gaps it shows the LSTM a standstill that never was."
    )

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the last observed value"

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
        """Return the values with hidden cells at the last observed one."""
        return Features(last_observed(values, observed, before=statistics.mean))


def last_observed(
    values: Float[Tensor, "batch time channel"],
    observed: Bool[Tensor, "batch time channel"],
    before: Float[Tensor, "*row channel"],
) -> Float[Tensor, "batch time channel"]:
    """Return each channel's last observed value up to each step, `before` the first of the window."""
    steps = observed.new_ones(observed.shape).cumsum(dim=1)  # 1, 2, 3, ...
    last = steps.where(observed, 0).cummax(dim=1).values  # 0: none so far
    shown = values.where(observed, before).gather(1, (last - 1).clamp(min=0))
    return shown.where(last > 0, before)
