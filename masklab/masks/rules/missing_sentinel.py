"""Missing cells, and values that a device writes where it has none."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import FailFast, Field

from masklab.data.sentinels import suspected
from masklab.data.series import Panel
from masklab.masks.rule import Rule, Scene


class Sentinel(Rule):
    """Select cells that hold one of `values` exactly, and cells that the file lacks."""

    title: ClassVar[str] = "Missing and sentinel values"
    explanation: ClassVar[str] = (
        "Hides cells that hold a stand-in for 'no value', such as -999, besides those that the "
        "file lacks."
    )

    kind: Literal["sentinel"] = "sentinel"
    values: Annotated[tuple[float, ...], FailFast()] = Field(
        default=(-999.0,), max_length=1000, description="Exact values that mean 'missing'."
    )

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the values that stand out of this data as codes; -999 if none does."""
        found, _ = suspected(panel)
        values = tuple(sorted({one.value for one in found}))[:1000]
        return cls(values=values) if values else cls()

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return cells equal to one of the values, and native gaps."""
        selected = ~scene.panel.native
        for value in self.values:
            selected |= scene.panel.values == value
        return selected

    def summary(self) -> str:
        """Return the rule in a few words: 'missing or -999'."""
        return " or ".join(["missing", *(f"{value:g}" for value in self.values)])
