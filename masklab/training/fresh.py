"""Cells hidden afresh for a reconstruction: frozen ones for validation and test, exact in number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float64, Int8

from masklab.masks.mask import any_channel
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training.cells import Cells
from masklab.training.config import Reconstruct
from masklab.windows import Windows, any_within

_FRESH_SEED = 20_240_607
"""The frozen cells of a reconstruction are the same for every seed of an experiment."""


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


def freeze(  # noqa: PLR0913, PLR0917 (windows, and the cells that they are drawn from)
    task: Reconstruct,
    windows: Mapping[int, Windows],
    observed: Bool[np.ndarray, "row channel"],
    common: Cells,
    targets: tuple[int, ...],
    parts: Int8[np.ndarray, "row"],
) -> tuple[Bool[np.ndarray, "row channel"], Cells, dict[int, Windows]]:
    """Hide cells of validation and test windows; drop windows that this leaves without either.

    Return what is still observed, what counts (in training rows, what may be drawn), the windows.
    """
    fresh = np.zeros(common.shape, dtype=bool)
    for part in (VALIDATION, TEST):
        rows = windows[part].starts[:, None] + np.arange(task.window)
        fresh[rows] = frozen_cells(common[rows], task, _FRESH_SEED + part)
    left = observed.copy()
    left[:, list(targets)] &= ~fresh
    usable, scored = any_channel(left), any_channel(fresh)
    np.copyto(fresh, common, where=(parts == TRAINING)[:, None])
    kept = {TRAINING: windows[TRAINING]}
    for part in (VALIDATION, TEST):
        starts, dropped = windows[part].starts, windows[part].dropped
        readable = any_within(usable, starts, task.window)
        countable = any_within(scored, starts, task.window)
        kept[part] = Windows(
            starts[readable & countable],
            replace(
                dropped,
                unusable=dropped.unusable + int((~readable).sum()),
                unscored=dropped.unscored + int((readable & ~countable).sum()),
            ),
        )
    return left, fresh, kept
