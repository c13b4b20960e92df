"""Sequences set end to end in lanes, so that lanes are of about one length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Int64

SEAM = 3
"""Steps between two sequences of a lane: one holds the state, one reveals c, one wipes the state."""


@dataclass(frozen=True)
class Lanes:
    """Which lane each sequence runs in, and at which step of it the sequence begins.

    `lengths`: steps of each lane, the seams between its sequences included. A sequence without a
    step has no seam.
    """

    lane: Int64[np.ndarray, "sequence"]
    begin: Int64[np.ndarray, "sequence"]
    lengths: Int64[np.ndarray, "lane"]

    @classmethod
    def one_each(cls, lengths: Int64[np.ndarray, "sequence"]) -> Lanes:
        """Give each sequence a lane of its own."""
        return cls(np.arange(len(lengths)), np.zeros_like(lengths), lengths)

    def paired(self) -> Lanes:
        """Return half as many lanes: the longest goes on with the shortest, and so inwards."""
        order = (-self.lengths).argsort(kind="stable")
        pairs = len(order) // 2
        first, second = order[: len(order) - pairs], order[::-1][:pairs]
        lane, moved = np.empty_like(order), np.zeros_like(order)
        lane[first], lane[second] = np.arange(len(first)), np.arange(pairs)
        moved[second] = self.lengths[first[:pairs]] + SEAM
        lengths, added = self.lengths[first], self.lengths[second]
        lengths[:pairs] += np.where(added > 0, added + SEAM, 0)
        return Lanes(lane[self.lane], self.begin + moved[self.lane], lengths)

    def alive(self) -> list[int]:
        """Return how many lanes are longer than 0, 1, 2, ... steps."""
        ended = np.bincount(self.lengths).cumsum()
        alive: list[int] = (len(self.lengths) - ended[:-1]).tolist()
        return alive
