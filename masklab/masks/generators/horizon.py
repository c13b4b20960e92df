"""The last steps of each series or window: a forecast, seen as missing values."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import Field, model_validator

from masklab.data.series import Panel
from masklab.masks.generators._ends import from_end
from masklab.masks.mask import any_channel
from masklab.masks.rule import Family, Rule, Scene


class Horizon(Rule):
    """Select the last `steps` rows of each series, or of each window of `window` rows.

    This is the pattern by which models of missing values are asked to forecast: all channels of
    the last steps of a sample are hidden. Windows stand side by side and are counted back from the
    end, so that the series ends with a hidden stretch; the first one may be cut short. Only rows
    that the layer is aimed at count: with the scope "training", the end of the training rows. A
    series no longer than `steps` is selected whole. Nothing is random, so there is no seed.
    """

    title: ClassVar[str] = "Horizon"
    explanation: ClassVar[str] = (
        "Hides the last steps of each series, or of each window, as a forecast has to do without "
        "them."
    )
    family: ClassVar[Family] = "By time"

    kind: Literal["horizon"] = "horizon"
    steps: int = Field(
        default=24,
        ge=1,
        le=10_000_000,
        description="How many of the last steps are hidden.",
        json_schema_extra={"unit": "steps"},
    )
    window: int | None = Field(
        default=None,
        ge=2,
        le=10_000_000,
        description="Length of a window; empty means the whole series.",
        json_schema_extra={"unit": "steps"},
    )

    @model_validator(mode="after")
    def _check_window(self) -> Self:
        if self.window is not None and self.steps >= self.window:
            raise ValueError(
                f"a horizon of {self.steps:,} steps leaves nothing of a window of "
                f"{self.window:,}; make the window longer"
            )
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return a horizon of 24 steps, or of a tenth of the shortest series if that is less."""
        return cls(steps=int(min(24, max(1, np.diff(panel.offsets).min() // 10))))

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return all channels of the last steps."""
        rows, _, place = from_end(scene.panel, any_channel(scene.domain))
        window = self.window or scene.panel.rows + self.steps
        selected = np.zeros(scene.panel.rows, dtype=bool)
        selected[rows[(place - 1) % window < self.steps]] = True
        return np.asfortranarray(np.broadcast_to(selected[:, None], scene.domain.shape))

    def summary(self) -> str:
        """Return the rule in a few words: 'last 24 steps of each series'."""
        whole = "each series" if self.window is None else f"each {self.window:,} steps"
        return f"last {self.steps:,} steps of {whole}"
