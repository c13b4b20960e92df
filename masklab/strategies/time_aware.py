"""`time_aware`: the LSTM forgets its short-term memory by how long ago the last step was."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies._gaps import clock_or_steps, since_observed
from masklab.strategies.strategy import (
    Collapse,
    Features,
    Recurrence,
    Statistics,
    Strategy,
    usable_steps,
    with_flags,
)

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class TimeAware(Strategy):
    """Skip masked steps; weigh the memory's short-term part by 1 / log(e + Δ) at each usable one."""

    kind: Literal["time_aware"] = "time_aware"
    title: ClassVar[str] = "Skip, and mind the time"
    source: ClassVar[str] = (
        "Baytas, Xiao, Zhang, Wang, Jain, Zhou 2017, Patient subtyping via time-aware LSTM networks "
        "(T-LSTM)"
    )
    explanation: ClassVar[str] = (
        "Masked steps are skipped, as carry does, but the length of the gap is not lost: a learnt "
        "layer splits the memory into a long and a short-term part, and the short-term part "
        "counts the less the more time has passed since the last usable step. Made for records "
        "at uneven times, such as visits to a clinic. Hidden channels of a usable step are set to "
        "the training mean."
    )
    relative_cost: ClassVar[float] = 3.4
    recurrence: ClassVar[Recurrence] = "time_aware"

    collapse: Collapse = Field(
        default="any",
        title="A step is usable with",
        description="any: at least one observed channel. all: every channel observed.",
    )

    indicator: bool = Field(
        default=False,
        title="Flag hidden cells",
        description="Feed the mask too: each channel gets a second feature, 1 where it is observed.",
    )

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the training mean"

    def features_per_channel(self) -> int:
        """Return 1, the value; 2 with its flag."""
        return 2 if self.indicator else 1

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return mean-filled values, the usable steps, and Δ since the usable step before (0: none)."""
        steps = usable_steps(observed, self.collapse)
        elapsed = since_observed(clock_or_steps(clock, values), steps[:, :, None])
        earlier = (steps.cumsum(dim=1) - steps.long()) > 0
        filled = values.where(observed, statistics.mean)
        return Features(
            with_flags(filled, observed) if self.indicator else filled,
            steps=steps,
            elapsed=elapsed.where(earlier[:, :, None], 0.0),
        )
