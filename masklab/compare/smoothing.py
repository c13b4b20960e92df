"""Smoothing that starts unbiased: an exponential moving average over every epoch of a run."""

from __future__ import annotations

import pandas as pd

from masklab.errors import ExperimentError

MOST = 0.99


def smoothed(scores: pd.Series, runs: pd.Series, weight: float) -> pd.Series:
    """Return each run's scores averaged with those before, older ones weighing `weight` times less.

    The weights of the epochs so far always add up to one, so that the first value is the first
    score and not drawn towards 0. A score that is NaN stays so and weighs nothing. `scores` and
    `runs` (whose each score is) are in the order of epochs; 0 changes nothing. Raises
    `ExperimentError` unless the weight is from 0 to 0.99.
    """
    if not 0 <= weight <= MOST:
        raise ExperimentError(f"The smoothing is {weight:g}; it should be from 0 to {MOST}.")
    if weight == 0 or scores.empty:
        return scores
    grouped = scores.groupby(runs, sort=False)
    averaged = grouped.ewm(alpha=1 - weight, adjust=True, ignore_na=True).mean()
    return averaged.droplevel(0).reindex(scores.index).where(scores.notna())
