"""Where the mean of a few differences lies: an interval, and the chance that it lies below 0.

Both come from one studentised distribution, t = (mean − true mean) / standard error, so that the
interval lies below 0 exactly where the chance says so. From five values on it is resampled
(bootstrap-t, Efron 1981), which follows skewed differences. For fewer it is Student's: of three
values one resample in nine has no spread, so that a bootstrap-t has no ends, and percentile and BCa
intervals end at the extreme values and can't cover more than 75 %. docs/compare.md has the coverage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64, Int64

from masklab.compare.student import cdf, quantile

LEVEL = 0.95
RESAMPLED_FROM = 5
"""Fewer values than these have an interval by Student's t."""

_RESAMPLES = 20_000
_CELLS = 4_000_000
_SEED = 1_981
_ROUNDING = 1e-12
"""Of the largest value: a smaller mean or standard deviation is none."""

Values = Float64[np.ndarray, "value"]


@dataclass(frozen=True)
class Location:
    """The mean of some values, and what they tell of the true one.

    `low`, `high`: the interval at `LEVEL`. `below`: the chance that the true mean lies below 0, as
    the confidence distribution of the interval gives it: with Student's t the posterior under a
    flat prior; with bootstrap-t the share of resamples that would place it there. All three are NaN
    for fewer than two values, and `std` (of a sample) too.
    """

    mean: float
    std: float
    low: float
    high: float
    below: float


def locate(values: Values) -> Location:
    """Return the mean of differences with its interval; the same values in any order give the same.

    The negated values give the mirrored interval, to the bit.
    """
    if len(values) == 0:
        return Location(math.nan, math.nan, math.nan, math.nan, math.nan)
    values, largest = np.sort(values), float(np.abs(values).max())
    mean = math.fsum(values) / len(values)  # exact, whatever the order
    mean = 0.0 if abs(mean) <= _ROUNDING * largest else mean
    if len(values) < 2:
        return Location(mean, math.nan, math.nan, math.nan, math.nan)
    # One side stands for both, or resampling would tell a little other ends for the mirrored values.
    other = -values[::-1]
    if mean > 0 or (mean == 0 and values.tolist() > other.tolist()):
        mirrored = locate(other)
        return Location(mean, mirrored.std, -mirrored.high, -mirrored.low, 1 - mirrored.below)
    std = float(values.std(ddof=1))
    if std <= _ROUNDING * largest:
        return Location(mean, 0.0, mean, mean, 1.0 if mean < 0 else 0.5)
    error = std / math.sqrt(len(values))
    found = _resampled(values, mean, std, error) if len(values) >= RESAMPLED_FROM else None
    return found or _student(mean, std, error, len(values))


def studentised(values: Values) -> Float64[np.ndarray, "resample"]:
    """Return t of each resample, sorted; infinite where a resample has no spread."""
    drawn = values[_indices(len(values))]
    away = drawn.mean(axis=1) - values.mean()
    error = drawn.std(axis=1, ddof=1) / math.sqrt(len(values))
    flat = error <= _ROUNDING * np.abs(values).max()
    t = np.divide(away, error, where=~flat, out=np.copysign(np.full_like(away, np.inf), away))
    return np.sort(t)


def _resampled(values: Values, mean: float, std: float, error: float) -> Location | None:
    """Return the interval by bootstrap-t; None if many values are equal, so that it has no ends."""
    t, tail = studentised(values), (1 - LEVEL) / 2
    cut = int(tail * len(t))
    least, most = float(t[cut]), float(t[len(t) - 1 - cut])
    if math.isinf(least) or math.isinf(most):
        return None
    below = 1 - np.searchsorted(t, mean / error, side="right") / len(t)
    return Location(mean, std, mean - most * error, mean - least * error, float(below))


def _student(mean: float, std: float, error: float, count: int) -> Location:
    reach = quantile((1 + LEVEL) / 2, count - 1) * error
    return Location(mean, std, mean - reach, mean + reach, cdf(-mean / error, count - 1))


@lru_cache(maxsize=32)
def _indices(count: int) -> Int64[np.ndarray, "resample value"]:
    """Return the places that each resample takes; always the same for a number of values."""
    resamples = min(_RESAMPLES, _CELLS // count)
    return np.random.default_rng(_SEED).integers(0, count, (resamples, count))
