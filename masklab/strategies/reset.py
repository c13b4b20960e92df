"""`reset`: a masked step wipes the LSTM's state; each stretch starts afresh."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies.strategy import (
    Collapse,
    Features,
    Recurrence,
    Statistics,
    Strategy,
    Zero,
    constant_of,
    usable_steps,
    with_flags,
    zero_words,
)

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Reset(Strategy):
    """Multiply the state by the mask: h_t = m_t h', c_t = m_t c'."""

    kind: Literal["reset"] = "reset"
    title: ClassVar[str] = "Reset at gaps"
    source: ClassVar[str] = "The founding article: the mask multiplies the hidden state"
    explanation: ClassVar[str] = (
        "At a masked step memory and output become 0, so that every stretch of usable steps "
        "starts afresh and nothing crosses a gap. Right where what lies beyond a gap has no "
        "bearing (another night, another patient); wasteful where gaps are short. Hidden "
        "channels of a usable step are set to zero."
    )
    recurrence: ClassVar[Recurrence] = "reset"

    collapse: Collapse = Field(
        default="any",
        title="A step is usable with",
        description="any: at least one observed channel. all: every channel observed.",
    )
    zero: Zero = Field(
        default="raw",
        title="Zero of",
        description="raw: 0 in the file's units. scaled: 0 after scaling.",
    )

    indicator: bool = Field(
        default=False,
        title="Flag hidden cells",
        description="Feed the mask too: each channel gets a second feature, 1 where it is observed.",
    )

    def stand_in(self) -> str:
        """Return whose zero it is."""
        return zero_words(self.zero)

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
        """Return zero-filled values and the usable steps."""
        filled = values.where(observed, constant_of(self.zero, statistics))
        if self.indicator:
            filled = with_flags(filled, observed)
        return Features(filled, steps=usable_steps(observed, self.collapse))
