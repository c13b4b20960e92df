"""Whether validation is hidden as training is: how much of each channel, and in how long stretches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int8

from masklab.data.series import Panel
from masklab.masks.mask import Mask, runs
from masklab.split import TRAINING, VALIDATION

LEAST, TIMES = 0.05, 1.5
"""Shares differ if they lie so far apart, and the larger is so many times the smaller."""
LONGER, STRETCHES = 2.0, 5
"""Lengths differ if one mean is so many times the other, over so many stretches each at least."""


@dataclass(frozen=True)
class Side:
    """One channel in one part: cells that could be hidden, those that are, in how many stretches."""

    cells: int
    hidden: int
    stretches: int

    @property
    def share(self) -> float:
        """Share hidden, 0 to 1."""
        return self.hidden / self.cells if self.cells else 0.0

    @property
    def mean_length(self) -> float:
        """Steps of a stretch, on average; 0 without one."""
        return self.hidden / self.stretches if self.stretches else 0.0


@dataclass(frozen=True)
class Unlike:
    """A channel in training and validation; `by_mask`: hidden by the mask, else missing in the file."""

    channel: str
    by_mask: bool
    training: Side
    validation: Side

    @property
    def in_share(self) -> bool:
        """Whether the shares differ."""
        low, high = sorted((self.training.share, self.validation.share))
        return high - low >= LEAST and high >= TIMES * low

    @property
    def in_length(self) -> bool:
        """Whether the stretches differ in length."""
        low, high = sorted((self.training.mean_length, self.validation.mean_length))
        enough = min(self.training.stretches, self.validation.stretches) >= STRETCHES
        return enough and high >= LONGER * low


def unlike(panel: Panel, mask: Mask, parts: Int8[np.ndarray, "row"]) -> tuple[Unlike, ...]:
    """Return the channels that are hidden, or missing, differently in training and validation.

    Shares hidden are of the cells that the file has, shares missing of all rows.
    """
    found = []
    for column, channel in enumerate(panel.channels):
        native, observed = panel.native[:, column], mask.observed[:, column]
        for by_mask, cells, gone in (
            (True, native, native & ~observed),
            (False, np.ones_like(native), ~native),
        ):
            sides = (_side(panel, parts == part, cells, gone) for part in (TRAINING, VALIDATION))
            found.append(Unlike(channel, by_mask, *sides))
    return tuple(one for one in found if one.in_share or one.in_length)


def _side(
    panel: Panel,
    rows: Bool[np.ndarray, "row"],
    cells: Bool[np.ndarray, "row"],
    gone: Bool[np.ndarray, "row"],
) -> Side:
    mine = gone & rows
    return Side(
        int(np.count_nonzero(cells & rows)),
        int(np.count_nonzero(mine)),
        len(runs(mine, panel.offsets)),
    )
