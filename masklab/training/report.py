"""What one epoch of one run says: losses, scores on four sets of cells, time."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Pooled errors over scored cells, in the units named by the field that holds them.

    `mse`, `mae`, `rmse`, `mre` (Σ|e| / Σ|y|; NaN where all scored true values are 0), `mase`
    (Σ(|e| / step) / count with each series' own naive step, see `NaiveStep`: the same in all units;
    NaN where a scored target has none, or a store is older than the score); `count` is the number
    of scored cells. All are 0 with count 0 where nothing is scored.
    """

    mse: float
    mae: float
    rmse: float
    mre: float
    mase: float = math.nan
    count: int


UNSCORED = Scores(mse=math.nan, mae=math.nan, rmse=math.nan, mre=math.nan, count=0)
"""Scores on a set without a cell, or of an epoch older than the set."""


@dataclass(frozen=True)
class EpochReport:
    """One epoch of one run (a strategy and a seed).

    `epoch` counts from 1. `common`: validation cells that every run of the experiment is scored on;
    `own`: those the run's strategy counts itself. Two more sets are the same for every run:
    `observed`, all target cells of the validation windows that the file has; `hidden`, those of
    them that the user's mask hides, which in a reconstruction are never the ones hidden afresh.
    Each in scaled and in original units; NaN with count 0 where such a set has no cell.
    """

    strategy: str
    seed: int
    epoch: int
    epochs: int
    training_loss: float
    common: Scores
    own: Scores
    common_original: Scores
    own_original: Scores
    learning_rate: float
    seconds: float
    is_best: bool
    observed: Scores = UNSCORED
    hidden: Scores = UNSCORED
    observed_original: Scores = UNSCORED
    hidden_original: Scores = UNSCORED
