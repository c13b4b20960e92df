"""Cells hidden afresh for a reconstruction: frozen ones for validation and test, exact in number."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from masklab.training.config import Reconstruct


def cover(
    ranks: Float64[np.ndarray, "window target longer_time"], length: int
) -> Float64[np.ndarray, "window target time"]:
    """Return the lowest rank among the `length` stretches that cover each cell.

    A stretch starts at each of time + length - 1 places, so that cells at the edges of a window are
    covered by as many stretches as others. `length` 1 returns the ranks themselves.
    """
    time = ranks.shape[-1] - length + 1
    lowest = ranks[..., :time].copy()
    for shift in range(1, length):
        np.minimum(lowest, ranks[..., shift : shift + time], out=lowest)
    return lowest


def frozen_cells(
    eligible: Bool[np.ndarray, "window time target"], task: Reconstruct, seed: int
) -> Bool[np.ndarray, "window time target"]:
    """Return exactly round(rate x eligible) of the eligible cells; at least one if there is any.

    Stretches take their turn in a random order; the last one is cut where the number is reached,
    so that overlap does not lower the realised rate.
    """
    length = 1 if task.pattern == "cells" else task.length
    windows, time, targets = eligible.shape
    wanted = round(task.rate * int(eligible.sum()))
    if eligible.any():
        wanted = max(1, wanted)
    ranks = np.random.default_rng(seed).random((windows, targets, time + length - 1))
    lowest = cover(ranks, length).swapaxes(1, 2)
    order = np.argsort(np.where(eligible, lowest, np.inf), axis=None, kind="stable")
    chosen = np.zeros(eligible.size, dtype=bool)
    chosen[order[:wanted]] = True
    return chosen.reshape(eligible.shape)
