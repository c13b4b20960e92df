"""The first and last steps of each series."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.masks.rule import Family, Rule, Scene


class FirstLast(Rule):
    """Select the first `first` and the last `last` rows of each series; a shorter one wholly."""

    title: ClassVar[str] = "First and last steps"
    explanation: ClassVar[str] = (
        "Hides the beginning or the end of each series, such as the time in which a device warms "
        "up, whatever the values are."
    )
    family: ClassVar[Family] = "By time"

    kind: Literal["first_last"] = "first_last"
    first: int = Field(
        default=10,
        ge=0,
        le=1_000_000_000,
        description="Steps hidden at the start of each series.",
        json_schema_extra={"unit": "steps"},
    )
    last: int = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="Steps hidden at the end of each series.",
        json_schema_extra={"unit": "steps"},
    )

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        if self.first == 0 and self.last == 0:
            raise ValueError("no first step and no last one is nothing to hide; raise one of them")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return a hundredth of the longest series at its start, at least one step."""
        return cls(first=max(int(np.diff(panel.offsets).max()) // 100, 1))

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return all channels of the first and last rows of each series."""
        offsets = scene.panel.offsets
        lengths = np.diff(offsets)
        step = np.arange(scene.panel.rows) - np.repeat(offsets[:-1], lengths)
        rows = (step < self.first) | (step >= np.repeat(lengths - self.last, lengths))
        return np.asfortranarray(np.broadcast_to(rows[:, None], scene.domain.shape))

    def summary(self) -> str:
        """Return the rule in a few words: 'first 10 and last 2 steps'."""
        ends = [f"first {self.first}"] if self.first else []
        ends += [f"last {self.last}"] if self.last else []
        return f"{' and '.join(ends)} step{'' if (self.first, self.last)[not self.first] == 1 else 's'}"
