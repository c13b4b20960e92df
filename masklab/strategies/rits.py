"""`rits`: the network fills hidden cells itself, step by step, and learns from its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies._gaps import clock_or_steps, since_observed
from masklab.strategies.strategy import Features, Recurrence, Statistics, Strategy, with_flags

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Rits(Strategy):
    """Feed [x; m] with hidden cells estimated from h and from the other channels of the step."""

    kind: Literal["rits"] = "rits"
    title: ClassVar[str] = "Estimate as it goes"
    source: ClassVar[str] = (
        "Cao, Wang, Li, Zhou, Li, Li 2018, BRITS: Bidirectional recurrent imputation for time series"
    )
    explanation: ClassVar[str] = (
        "Before each step the network estimates every cell from its state and from the step's "
        "other channels, and reads its own estimate where a cell is hidden; the state fades with "
        "the time since a channel was observed. Errors of these estimates on observed cells join "
        "the training loss. A reconstruction is the estimate itself. Takes longer to train; both "
        "ways, as a bidirectional network makes it, it is BRITS."
    )
    relative_cost: ClassVar[float] = 2.8
    recurrence: ClassVar[Recurrence] = "rits"

    weight: float = Field(
        default=1.0,
        ge=0,
        title="Weight of its own errors",
        description="How much the errors of its estimates on observed cells count in training.",
    )

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the network's estimate"

    def features_per_channel(self) -> int:
        """Return 2: the value and its flag."""
        return 2

    def auxiliary_weight(self) -> float:
        """Return the weight of the estimates' errors."""
        return self.weight

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return [x; m] and δ; the network puts its estimates in place of hidden cells."""
        shown = values.where(observed, statistics.mean)
        return Features(
            with_flags(shown, observed),
            elapsed=since_observed(clock_or_steps(clock, values), observed),
        )
