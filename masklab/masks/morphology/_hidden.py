"""What changes of shape look at: the cells that earlier layers have hidden, and their neighbours."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Int64

from masklab.masks.mask import runs
from masklab.masks.rule import Scene
from masklab.masks.stretches import covered

Cells = Bool[np.ndarray, "row channel"]
Flags = Bool[np.ndarray, "row"]


def by_channel(scene: Scene, change: Callable[[Flags, Flags], Flags]) -> Cells:
    """Return what `change` makes of each channel aimed at, given its hidden and native cells."""
    selected = np.zeros(scene.domain.shape, dtype=bool, order="F")
    for column in np.flatnonzero(scene.domain.any(axis=0)).tolist():
        native = scene.panel.native[:, column]
        hidden = native & ~scene.observed[:, column]
        selected[:, column] = change(hidden, native)
    return selected


def reached(
    flags: Flags, offsets: Int64[np.ndarray, "series+1"], before: int, after: int
) -> Bool[np.ndarray, "row"]:
    """Return True up to `before` rows before and `after` rows after each True, within its series."""
    found = runs(flags, offsets)
    series = np.searchsorted(offsets, found[:, 0], side="right") - 1
    first = np.maximum(found[:, 0] - before, offsets[series])
    end = np.minimum(found[:, 1] + after, offsets[series + 1])
    return covered(np.stack([first, end], axis=1), len(flags))
