"""Beginnings for rules that hide what exceeds a limit: taken from the data, and round."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64


def exceeded_by(share: float, values: Float64[np.ndarray, "n"]) -> float:
    """Return a limit of three digits that about this share of the values exceeds; 1 without values.

    At least the largest value exceeds it, unless as many values are equal to the largest one.
    Values that are not finite don't count.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return 1.0
    rank = max(len(known) - 1 - max(round(share * len(known)), 1), 0)
    return _round_down(float(np.partition(known, rank)[rank]))


def _round_down(value: float) -> float:
    """Return the value with three significant digits, towards 0."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    near = float(f"{value:.3g}")
    if abs(near) > abs(value):
        near = float(f"{math.copysign(abs(value) - unit / 2, value):.3g}")
    return near
