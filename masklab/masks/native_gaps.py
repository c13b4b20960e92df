"""The gaps that a file has of its own: how long they are, and how much they take."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from masklab.data.clock import missing_steps, step_numbers
from masklab.data.series import Panel


@dataclass(frozen=True, eq=False)
class NativeGaps:
    """Gaps of one channel or of several: the length of each in steps, among so many `steps`.

    A gap ends at the border of a series. Steps that the clock leaves out count as missing ones.
    """

    lengths: Int64[np.ndarray, "gap"]
    steps: int

    @property
    def share(self) -> float:
        """Share of the steps that are missing, 0 to 1."""
        return int(self.lengths.sum()) / self.steps if self.steps else 0.0


def native_gaps(panel: Panel) -> dict[str, NativeGaps]:
    """Return the gaps of each channel; of a channel without any, or without a value, the pooled ones.

    Pooled are those of all channels with a value. Where no channel has a gap, all are empty.
    """
    places = _places(panel)
    borders = np.append(places[panel.offsets[:-1]] - 1, places[-1] + 1)
    steps = int(places[-1] - places[0] + 2 - len(panel))
    own = {
        name: NativeGaps(_between(places[held], borders), steps)
        for index, name in enumerate(panel.channels)
        if (held := panel.native[:, index]).any()
    }
    pooled = NativeGaps(
        np.concatenate([np.zeros(0, dtype=np.int64), *(one.lengths for one in own.values())]),
        steps * len(own),
    )
    return {
        name: own[name] if name in own and len(own[name].lengths) else pooled
        for name in panel.channels
    }


def has_gaps(panel: Panel) -> bool:
    """Return whether some channel that has a value lacks others."""
    held = np.count_nonzero(panel.native, axis=0)
    some = held[held > 0]
    return bool((some < panel.rows).any() or (len(some) and missing_steps(panel)[1].any()))


def _places(panel: Panel) -> Int64[np.ndarray, "row"]:
    """Return the step at which each row stands if series follow each other, one step between them."""
    steps = step_numbers(panel)
    lengths = steps[panel.offsets[1:] - 1] + 2
    starts = np.cumsum(lengths) - lengths
    return np.asarray(steps + np.repeat(starts, np.diff(panel.offsets)))


def _between(
    places: Int64[np.ndarray, "held"], borders: Int64[np.ndarray, "series+1"]
) -> Int64[np.ndarray, "gap"]:
    lengths = np.diff(np.sort(np.concatenate([places, borders]), kind="stable")) - 1
    return lengths[lengths > 0]
