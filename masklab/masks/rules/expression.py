"""Cells or rows that meet a condition written as an expression."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import AfterValidator, Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.language import evaluate, misfits, parse
from masklab.masks.rule import Family, Rule, Scene


def _parsed(text: str) -> str:
    parse(text)
    return text


Condition = Annotated[str, AfterValidator(_parsed)]
"""The text of an expression, which is refused with one sentence unless it can be parsed."""

CONDITION: dict[str, Any] = {"widget": "expression"}
"""How a form draws such a field."""


class ExpressionRule(Rule):
    """Select what meets an expression such as `temp > 30 and hour < 6` (docs/masks.md).

    An expression that names `value`, the value of the channel in hand, selects cells; any other
    selects whole rows. No comparison with a missing value holds. Values that an earlier layer hid
    are missing (see `Scene.readable`).
    """

    title: ClassVar[str] = "Expression"
    explanation: ClassVar[str] = (
        "Hides what meets a condition that you write, such as `temp > 30 and hour < 6`."
    )
    family: ClassVar[Family] = "By value"

    kind: Literal["expression"] = "expression"
    expression: Condition = Field(
        description="Names of channels, numbers, comparisons, and, or, not. `value` is the value "
        "of each channel that the layer acts on.",
        json_schema_extra=CONDITION,
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the highest 1 % of each channel."""
        return cls(expression="value > quantile(value, 0.99)")

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence for each name that the panel lacks."""
        return misfits(parse(self.expression), panel)

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells, or all channels of the rows, that meet the expression.

        Raises `MaskError` if it names what the panel lacks.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        return evaluate(parse(self.expression), scene)

    def summary(self) -> str:
        """Return the expression on one line: 'where temp > 30 and hour < 6'."""
        return f"where {' '.join(self.expression.split())}"
