"""`brits`: `rits` from both ends, its estimates the mean of both."""

from __future__ import annotations

from typing import ClassVar, Literal

from masklab.strategies.rits import Rits


class Brits(Rits):
    """RITS in both directions of time; their disagreement joins the training loss."""

    kind: Literal["brits"] = "brits"  # type: ignore[assignment]  # a member of its own
    title: ClassVar[str] = "Estimate from both ends"
    causal: ClassVar[bool] = False
    relative_cost: ClassVar[float] = 5.2
    explanation: ClassVar[str] = (
        "Two networks estimate hidden cells as they go, one forwards and one backwards in time; "
        "the estimate is the mean of both, and where they disagree they are punished in training. "
        "Stronger than one direction for reconstruction, at twice the cost, and it looks ahead: "
        "each gap is also filled from what comes after it."
    )
    both_ways: ClassVar[bool] = True
