"""`interpolate`: a hidden cell lies on the line between its observed neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies._gaps import at_steps, clock_or_steps, last_steps, next_steps
from masklab.strategies.strategy import Features, Statistics, Strategy, with_flags

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Interpolate(Strategy):
    """Feed the line between the neighbours in clock time; the nearest one beyond the ends."""

    kind: Literal["interpolate"] = "interpolate"
    title: ClassVar[str] = "Draw a line across"
    source: ClassVar[str] = "Linear interpolation in clock time"
    causal: ClassVar[bool] = False
    explanation: ClassVar[str] = (
        "A hidden cell takes the value on the straight line between the observed cells before and "
        "after it in its channel, by the clock; beyond the first and the last one of the window "
        "the nearest value, the training mean if there is none. Hard to beat on smooth signals, "
        "but it needs what comes after: inside a window it shows the LSTM the future of each gap."
    )

    indicator: bool = Field(
        default=False,
        title="Flag hidden cells",
        description="Feed the mask too: each channel gets a second feature, 1 where it is observed.",
    )

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the line between observed neighbours"

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
        """Return the values with hidden cells on the line between their neighbours."""
        clock = clock_or_steps(clock, values)
        line = interpolated(values, observed, clock, nothing=statistics.mean)
        return Features(with_flags(line, observed) if self.indicator else line)


def interpolated(
    values: Float[Tensor, "batch time channel"],
    observed: Bool[Tensor, "batch time channel"],
    clock: Float[Tensor, "batch time"],
    nothing: Float[Tensor, "*row channel"],
) -> Float[Tensor, "batch time channel"]:
    """Return the values, hidden cells on the line between neighbours; `nothing` where none is."""
    before, after = last_steps(observed), next_steps(observed)
    end = observed.shape[1]
    shown = values.where(observed, nothing)
    # Without a neighbour on one side, the other stands for both.
    left = shown.gather(1, before.where(before >= 0, after).clamp(max=end - 1))
    right = shown.gather(1, after.where(after < end, before).clamp(min=0))
    start, span = at_steps(clock, before), at_steps(clock, after) - at_steps(clock, before)
    share = (clock[:, :, None] - start) / span.where(span > 0, 1.0)
    line = left + (right - left) * share
    return line.where((before >= 0) & (after < end) & (after > before), left)
