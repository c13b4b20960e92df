"""Cells missing completely at random."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool

from masklab.masks.draw import Keys, draw, random_keys
from masklab.masks.generators._settings import Rate, Seed, Together
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
    rate: Rate = 0.1
    together: Together = False
    seed: Seed = 0

    @property
    def whole_steps(self) -> bool:
        """Whether it draws all channels at once."""
        return self.together

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn."""
        panel = scene.panel

        def keys_of(column: int | None) -> Keys:
            names = () if column is None else (panel.channels[column],)
            return random_keys(panel.rows, self.seed, self.kind, *names)

        return draw(scene.pool, self.rate, keys_of, whole_steps=self.together)

    def summary(self) -> str:
        """Return the rule in a few words: '10 % of cells at random'."""
        return f"{100 * self.rate:g} % of {'steps' if self.together else 'cells'} at random"
