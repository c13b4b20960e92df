"""Whether what is missing has to do with the values: hidden cells, and the file's own gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt8

from masklab.data.clock import gap_ends
from masklab.data.series import Panel
from masklab.masks.mask import Mask, runs

SAMPLED = 10_000
"""Cells of each kind that are compared at most, evenly spread."""
CLEAR, ERRORS = 0.1, 3.0
"""A difference counts from so far beyond 0.5, and from so many standard errors on."""


@dataclass(frozen=True)
class Difference:
    """How the values of some cells lie among those of the others of a channel.

    `auc`: the chance that one of them is higher than one of the others, ties counting half; 0.5 is
    no difference. `cells`, `others`: how many there are. `stretches`: in how many they lie.
    `error`: the standard error of `auc`, with stretches as the independent units, not cells.
    """

    channel: str
    of: Literal["hidden", "beside gaps"]
    auc: float
    cells: int
    others: int
    stretches: int
    error: float

    @property
    def is_clear(self) -> bool:
        """Whether it is large, and more than chance among so many stretches."""
        away = abs(self.auc - 0.5)
        return away >= CLEAR and away > ERRORS * self.error


def differences(panel: Panel, mask: Mask) -> tuple[Difference, ...]:
    """Return for each channel how hidden cells differ from observed ones, and those beside gaps.

    Hidden cells are those that the mask hides: the file has their values. What the file lacks has
    none, so the cells right beside its gaps stand for it. Left out is what has no cell to compare.
    """
    cut = _cuts(panel)
    found = []
    for column, channel in enumerate(panel.channels):
        native, observed = panel.native[:, column], mask.observed[:, column]
        values = panel.values[:, column]
        hidden = native & ~observed
        found.append(_difference(channel, "hidden", values, hidden, observed, panel.offsets))
        beside = _beside(native, cut, panel.offsets)
        found.append(
            _difference(channel, "beside gaps", values, beside, native & ~beside, panel.offsets)
        )
    return tuple(one for one in found if one is not None)


def farthest(
    values: Float64[np.ndarray, "row"],
    layers: UInt8[np.ndarray, "row"],
    observed: Bool[np.ndarray, "row"],
) -> int:
    """Return the layer whose hidden values of a channel lie farthest from the observed ones; 0: none.

    `layers`: the number of the layer that hides each cell, 0 where none does. A layer that hides
    less than a tenth of what another hides is passed over.
    """
    counts = np.bincount(layers)
    counts[0] = 0
    left = _spread(values, observed)
    if not counts.any() or not len(left):
        return 0
    known = np.flatnonzero((counts > 0) & (counts * 10 >= counts.max()))
    away = [abs(auc(_spread(values, layers == one), left) - 0.5) for one in known]
    return int(known[int(np.argmax(away))])


def auc(some: Float64[np.ndarray, "cell"], others: Float64[np.ndarray, "other"]) -> float:
    """Return the chance that one of some values is higher than one of the others, ties half.

    The statistic of Mann and Whitney (1947), as a share.
    """
    ordered = np.sort(others)
    some = np.sort(some)  # quicker to find in order
    below = np.searchsorted(ordered, some, side="left")
    level = np.searchsorted(ordered, some, side="right")
    return float((below + level).sum() / (2 * len(some) * len(others)))


def _difference(  # noqa: PLR0913, PLR0917 (what is compared with what, of which channel)
    channel: str,
    of: Literal["hidden", "beside gaps"],
    values: Float64[np.ndarray, "row"],
    some: Bool[np.ndarray, "row"],
    others: Bool[np.ndarray, "row"],
    offsets: Int64[np.ndarray, "series+1"],
) -> Difference | None:
    counts = int(some.sum()), int(others.sum())
    if not all(counts):
        return None
    one, two = len(runs(some, offsets)), len(runs(others, offsets))
    return Difference(
        channel,
        of,
        auc(_spread(values, some), _spread(values, others)),
        *counts,
        stretches=one,
        error=float(np.sqrt((one + two + 1) / (12 * one * two))),
    )


def _spread(
    values: Float64[np.ndarray, "row"], which: Bool[np.ndarray, "row"]
) -> Float64[np.ndarray, "cell"]:
    rows = np.flatnonzero(which)
    if len(rows) > SAMPLED:
        rows = rows[(np.arange(SAMPLED) * len(rows) + len(rows) // 2) // SAMPLED]
    return values[rows]


def _cuts(panel: Panel) -> Bool[np.ndarray, "row"]:
    """Return the rows before which the clock has a gap."""
    cut = np.zeros(panel.rows, dtype=bool)
    cut[gap_ends(panel)] = True
    return cut


def _beside(
    native: Bool[np.ndarray, "row"],
    cut: Bool[np.ndarray, "row"],
    offsets: Int64[np.ndarray, "series+1"],
) -> Bool[np.ndarray, "row"]:
    """Return the cells with a gap right before or after them: one of the clock, or missing cells."""
    gap = cut.copy()  # between a row and the one before it
    gap[1:] |= native[1:] != native[:-1]
    gap[offsets[:-1]] = False
    beside = gap.copy()
    beside[:-1] |= gap[1:]
    beside &= native
    return beside
