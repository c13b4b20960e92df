"""`carry`: the LSTM takes no step where nothing is usable; its state waits."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

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


class Carry(Strategy):
    """Skip masked steps: (h, c)_t = m_t (h', c') + (1-m_t) (h, c)_{t-1}."""

    kind: Literal["carry"] = "carry"
    title: ClassVar[str] = "Skip and carry the state"
    source: ClassVar[str] = "Keras Masking (Chollet et al. 2015); the founding article, example 1"
    explanation: ClassVar[str] = (
        "At a masked step the LSTM does nothing: memory and output stay as they were until the "
        "next usable step. True skipping, which zeros in the input are not. How long the gap was "
        "is lost. Hidden channels of a usable step are set to the training mean."
    )
    recurrence: ClassVar[Recurrence] = "carry"

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
        """Return mean-filled values and the usable steps."""
        filled = values.where(observed, statistics.mean)
        if self.indicator:
            filled = with_flags(filled, observed)
        return Features(filled, steps=usable_steps(observed, self.collapse))
