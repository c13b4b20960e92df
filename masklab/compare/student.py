"""Student's t distribution for whole degrees of freedom, in closed form (no SciPy needed)."""

from __future__ import annotations

import math
from functools import lru_cache

_HALVINGS = 200


def cdf(t: float, freedom: int) -> float:
    """Return the chance of a value below `t`; `freedom` is 1 or more (Abramowitz & Stegun 26.7.3-4)."""
    if math.isinf(t):
        return float(t > 0)
    angle = math.atan2(t, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    odd = freedom % 2
    term, total = (cosine, cosine) if odd else (1.0, 1.0)
    for order in range(2 if odd else 1, freedom - 1, 2):
        term *= cosine**2 * order / (order + 1)
        total += term
    if not odd:
        return 0.5 + sine * total / 2
    return 0.5 + (angle + (sine * total if freedom > 1 else 0.0)) / math.pi


@lru_cache(maxsize=1024)
def quantile(share: float, freedom: int) -> float:
    """Return the value below which lies a share of the distribution, 0 < `share` < 1."""
    if share < 0.5:
        return -quantile(1 - share, freedom)
    low, high = 0.0, 1.0
    while cdf(high, freedom) < share:
        low, high = high, 2 * high
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        low, high = (middle, high) if cdf(middle, freedom) < share else (low, middle)
    return high
