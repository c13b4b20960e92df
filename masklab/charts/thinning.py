"""A line thinned to what a screen can show: the lowest and the highest point of each stretch stay."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64

MOST = 2_000
"""Points of a line that are drawn at most."""


def kept(most: int, *columns: Float64[np.ndarray, "point"]) -> Int64[np.ndarray, "kept"]:
    """Return the places of points to draw, in order; all of them where there are few enough.

    First and last stay, and of each stretch the lowest and the highest of every column; NaN is
    passed over.
    """
    length = len(columns[0])
    if length <= most:
        return np.arange(length)
    stretches = max(1, (most - 2) // (2 * len(columns)))
    edges = np.linspace(0, length, stretches + 1).astype(np.int64)
    found = [np.array([0, length - 1])]
    width = int(np.diff(edges).max())
    places = np.minimum(edges[:-1, None] + np.arange(width), edges[1:, None] - 1)
    for column in columns:
        rows = column[places]
        low = np.where(np.isnan(rows), np.inf, rows).argmin(1)
        high = np.where(np.isnan(rows), -np.inf, rows).argmax(1)
        found += [np.take_along_axis(places, one[:, None], 1)[:, 0] for one in (low, high)]
    return np.unique(np.concatenate(found))
