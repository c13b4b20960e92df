"""The base of everything that a layer can hold: a rule that selects cells of a panel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Bool
from pydantic import BaseModel, ConfigDict

from masklab.data.series import Panel


@dataclass(frozen=True, eq=False)
class Scene:
    """What a rule may look at: the panel, what earlier layers left observed, and its domain.

    `observed`: native cells that no earlier layer has hidden. `domain`: the cells the layer is
    aimed at (its channels, in the rows of its scope). Both (row, channel) bool.
    """

    panel: Panel
    observed: Bool[np.ndarray, "row channel"]
    domain: Bool[np.ndarray, "row channel"]


class Rule(BaseModel, ABC):
    """A choice of cells by a stated rule; members carry a literal `kind`.

    `select` is a pure function of the rule and the scene: twice gives the same bits, and the
    panel is never changed. Every random rule has a `seed` field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: ClassVar[str]
    """A few words for menus, a verb or noun phrase: 'Outside a range'."""
    explanation: ClassVar[str]
    """One sentence for a newcomer."""

    @abstractmethod
    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the selected cells, (row, channel) bool; cells outside the domain are ignored.

        Raises `MaskError` if the rule can't be applied to this panel (an unknown channel, say).
        """

    def summary(self) -> str:
        """Return the rule in a few words, with its numbers: 'hours 22–6'."""
        return self.title
