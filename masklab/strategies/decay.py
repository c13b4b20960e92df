"""`decay`: the last value fades towards the mean, and the memory fades, as time passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from masklab.strategies._gaps import clock_or_steps, since_observed
from masklab.strategies.forward_fill import last_observed
from masklab.strategies.strategy import Features, Recurrence, Statistics, Strategy, with_flags

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Decay(Strategy):
    """Feed [γ_x x_last + (1-γ_x) x̄ where hidden; m]; multiply h by γ_h before each step."""

    kind: Literal["decay"] = "decay"
    title: ClassVar[str] = "Let it fade"
    source: ClassVar[str] = (
        "Che, Purushotham, Cho, Sontag, Liu 2018, Recurrent neural networks for multivariate time "
        "series with missing values (GRU-D), its decays around an LSTM cell"
    )
    explanation: ClassVar[str] = (
        "A hidden cell starts at the last observed value and fades to the training mean as the "
        "clock goes on; the LSTM's state fades too. How fast is learnt: for each channel, and "
        "for each unit of the state. The mask is a further feature. Suits signals that return "
        "to a level of their own; needs a loop over the steps, and so takes longer to train."
    )
    relative_cost: ClassVar[float] = 2.0
    recurrence: ClassVar[Recurrence] = "decay"

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the last observed value, fading to the training mean"

    def features_per_channel(self) -> int:
        """Return 2: the fading value and its flag."""
        return 2

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return [x_last; m] and δ; the network lets x_last fade, since it learns how fast."""
        last = last_observed(values, observed, before=statistics.mean)
        return Features(
            with_flags(last, observed),
            elapsed=since_observed(clock_or_steps(clock, values), observed),
        )
