"""Cells missing completely at random."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.draw import draw_share, random_keys
from masklab.masks.mask import any_channel
from masklab.masks.rule import Family, Rule, Scene


class Mcar(Rule):
    """Select exactly round(rate * n) of n cells, uniformly (Rubin 1976: MCAR).

    The n cells are those that the layer can change (`Scene.pool`): observed ones where it hides.
    With `together`, whole steps are drawn, over all channels aimed at, and n counts the steps with
    at least one such cell.
    """

    title: ClassVar[str] = "Random cells"
    explanation: ClassVar[str] = (
        "Hides single cells at random, each with the same chance: exactly the share you ask for."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["mcar"] = "mcar"
    rate: float = Field(
        default=0.1,
        ge=0,
        le=1,
        description="Share of the cells that are drawn.",
        json_schema_extra={"unit": "%"},
    )
    together: bool = Field(
        default=False, title="Whole steps", description="Draw whole steps instead of single cells."
    )
    seed: int = Field(default=0, ge=0, lt=2**53, description="The same seed draws the same cells.")

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn."""
        rows, pool = scene.panel.rows, scene.pool
        if self.together:
            steps = draw_share(
                any_channel(pool)[:, None],
                self.rate,
                lambda _: random_keys(rows, self.seed, "mcar"),
            )
            whole: Bool[np.ndarray, "row channel"] = steps & pool
            return whole
        channels = scene.panel.channels
        return draw_share(
            pool, self.rate, lambda column: random_keys(rows, self.seed, "mcar", channels[column])
        )

    def summary(self) -> str:
        """Return the rule in a few words: '10 % of cells at random'."""
        return f"{100 * self.rate:g} % of {'steps' if self.together else 'cells'} at random"
