"""The base of everything that a layer can hold: a rule that selects cells of a panel."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool, Float64
from pydantic import BaseModel, ConfigDict

from masklab.data.series import Panel

Family = Literal[
    "By value",
    "By change",
    "By time",
    "By gaps and events",
    "At random",
    "Shape of the mask",
    "By hand",
]
"""What a rule goes by; menus show the families in this order."""


Combine = Literal["hide", "reveal", "and", "xor"]
"""What becomes of a layer's selected cells; see `Layer`."""


@dataclass(frozen=True, eq=False)
class Scene:
    """What a rule may look at: the panel, what earlier layers left observed, and its domain.

    `observed`: native cells that no earlier layer has hidden. `domain`: the cells the layer is
    aimed at (its channels, in the rows of its scope). `pool`: the cells among which a random rule
    draws, those that its layer can change: observed ones for a layer that hides, hidden native
    ones for `reveal` and `and`, all native ones for `xor`; always within the domain. By default
    the observed ones. All (row, channel) bool.
    """

    panel: Panel
    observed: Bool[np.ndarray, "row channel"]
    domain: Bool[np.ndarray, "row channel"]
    pool: Bool[np.ndarray, "row channel"] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.pool is None:
            object.__setattr__(self, "pool", self.observed & self.domain)

    @cached_property
    def readable(self) -> Bool[np.ndarray, "row channel"]:
        """True where a rule that looks at neighbours or statistics may read a value.

        Observed cells, so that a layer's codes and outliers don't spoil what later ones find; and
        those that the layer can change, so that `reveal` and `and` judge the hidden ones too.
        """
        return np.asarray(self.observed | self.pool)

    def values(self, column: int) -> Float64[np.ndarray, "row"]:
        """Return a column's values; NaN where they may not be read."""
        return np.where(self.readable[:, column], self.panel.values[:, column], np.nan)

    def by_channel(
        self, select: Callable[[int], Bool[np.ndarray, "row"]]
    ) -> Bool[np.ndarray, "row channel"]:
        """Return what `select` returns for the column of each channel aimed at, side by side."""
        selected = np.zeros(self.domain.shape, dtype=bool, order="F")
        with np.errstate(all="ignore"):  # values near the largest number overflow, and do no harm
            for column in np.flatnonzero(self.domain.any(axis=0)).tolist():
                selected[:, column] = select(column)
        return selected


class Rule(BaseModel, ABC):
    """A choice of cells by a stated rule; members carry a literal `kind`.

    `select` is a pure function of the rule and the scene: twice gives the same bits, and the
    panel is never changed. Every random rule has the field `seed`, and draws the same cells
    wherever its layer stands among others that touch other cells; one that has a `rate` draws
    exactly round(rate * n) of the n cells of `pool_of`, or of their steps where `whole_steps`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    title: ClassVar[str]
    """A few words for menus, a verb or noun phrase: 'Outside a range'."""
    explanation: ClassVar[str]
    """One sentence for a newcomer."""
    family: ClassVar[Family]
    """Where a menu shows it: beside the rules that go by the same thing."""
    in_units: ClassVar[bool] = False
    """Whether its numbers are in a channel's units, so that a new layer aims at one channel."""
    in_menu: ClassVar[bool] = True
    """Whether a menu offers it as a new layer."""
    combines: ClassVar[Combine] = "hide"
    """What becomes of its cells in a layer that doesn't say."""

    kind: str

    @abstractmethod
    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the selected cells, (row, channel) bool; cells outside the domain are ignored.

        Raises `MaskError` if the rule can't be applied to this panel (an unknown channel, say).
        """

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the rule that a menu starts with on this panel."""
        return cls.model_validate({})

    @classmethod
    def aimed(cls, panel: Panel) -> tuple[str, ...]:
        """Return the channels that a new layer with this rule aims at: one if it is in units."""
        return panel.channels[:1] if cls.in_units else panel.channels

    def sweep(self, name: str, panel: Panel, span: float) -> tuple[float, float, float] | None:
        """Return from where to where, and in which steps, a number is worth dragging on this data.

        `span`: how far apart the lowest and highest value are of the channels aimed at. Steps
        of 0 are as fine as need be. None leaves all to the field's own bounds.
        """
        return None

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence for each thing in this rule that the panel can't serve."""
        return ()

    def pool_of(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells among which a random rule draws: those that its rate is of."""
        return scene.pool

    @property
    def whole_steps(self) -> bool:
        """Whether a random rule draws whole steps, so that its rate counts steps with such a cell."""
        return False

    def fitted(self, panel: Panel) -> Self | None:
        """Return what of this rule the panel can serve; None if nothing."""
        return None if self.misfits(panel) else self

    def summary(self) -> str:
        """Return the rule in a few words, with its numbers: 'hours 22–6'."""
        return self.title
