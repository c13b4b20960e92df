"""`interval`: fill, flag, and say how long ago each channel was last observed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies._gaps import clock_or_steps, since_observed
from masklab.strategies.indicator import FILLS, Fill, filled_with
from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Interval(Strategy):
    """Feed [x̂; m; δ]: the filled values, the mask, and the time since the last observed cell."""

    kind: Literal["interval"] = "interval"
    title: ClassVar[str] = "Fill, flag and count"
    source: ClassVar[str] = (
        "Che, Purushotham, Cho, Sontag, Liu 2018, Recurrent neural networks for multivariate time "
        "series with missing values (GRU-simple)"
    )
    explanation: ClassVar[str] = (
        "Each channel gets two more features: whether its value is observed, and how much time "
        "has passed since its last observed one, in typical steps of the clock. The LSTM can "
        "learn for itself how fast an old value loses its worth, and sees uneven steps of the "
        "clock. It costs three times the input features and no more steps."
    )

    fill: Fill = Field(
        default="mean",
        title="Fill with",
        description=(
            "mean: the training mean. zero: 0 in the file's units. forward: the last observed value."
        ),
    )
    logarithm: bool = Field(
        default=False,
        title="Take the logarithm of the time",
        description="Feed log(1 + δ) instead of δ, which keeps long gaps in the range of values.",
    )

    def stand_in(self) -> str:
        """Return what it is filled with."""
        return FILLS[self.fill]

    def features_per_channel(self) -> int:
        """Return 3: the filled value, its flag, the time since the last observed cell."""
        return 3

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return filled values, the mask as 0 and 1, and δ in median intervals of the clock."""
        import torch  # noqa: PLC0415, menus and forms read strategies without torch

        filled = filled_with(self.fill, values, observed, statistics)
        elapsed = since_observed(clock_or_steps(clock, values), observed)
        if self.logarithm:
            elapsed = elapsed.log1p()
        return Features(torch.cat((filled, observed.to(filled.dtype), elapsed), dim=-1))
