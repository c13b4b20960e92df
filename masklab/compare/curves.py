"""The lines of a picture of runs: a group's mean over its runs with a band, and its members."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pandas as pd

from masklab.compare.groups import of_runs

Band = Literal["range", "std", "error", "members", "none"]
Across = Literal["epoch", "step", "seconds"]

MEAN_COLUMNS = ("strategy", "epoch", "x", "mean", "std", "low", "high", "min", "max", "n")


def placed(
    reports: pd.DataFrame, across: Across, steps: Mapping[str, int] | None = None
) -> pd.Series:
    """Return where each epoch of a run stands on the axis.

    The epoch itself, the training steps done by its end (`steps`: how many an epoch takes, by run),
    or the seconds that the run had trained by then, from the column `seconds`.
    """
    if across == "step":
        return reports["epoch"] * of_runs(reports["run_id"], steps or {}).astype("float64").fillna(
            1
        )
    if across == "seconds":
        return reports.groupby("run_id", sort=False)["seconds"].cumsum()
    return reports["epoch"]


def means(scores: pd.DataFrame, band: Band = "range") -> pd.DataFrame:
    """Return `MEAN_COLUMNS`: each group's mean at each epoch over the runs that got so far.

    `scores`: strategy (the group's label), epoch, x, score; NaN scores are left out. `x` is the mean
    over those runs. `low` and `high` bound the band: lowest and highest run, a sample standard
    deviation to each side, or a standard error; NaN where it needs two runs and there is one.
    """
    scores = scores.dropna(subset="score")
    groups = scores.groupby(["strategy", "epoch"], sort=False, observed=True)
    found = groups["score"].agg(["mean", "std", "min", "max", "count"])
    found = found.rename(columns={"count": "n"}).assign(x=groups["x"].mean()).reset_index()
    if band == "range":
        found = found.assign(low=found["min"], high=found["max"])
    else:
        spread = found["std"] / (np.sqrt(found["n"]) if band == "error" else 1)
        found = found.assign(low=found["mean"] - spread, high=found["mean"] + spread)
    labels = scores["strategy"]
    ordered = isinstance(labels.dtype, pd.CategoricalDtype)  # else as they come
    order = {
        label: place
        for place, label in enumerate(labels.cat.categories if ordered else labels.unique())
    }
    found = found.assign(strategy=found["strategy"].astype("str"))
    found = found.sort_values(
        ["strategy", "epoch"],
        key=lambda one: one.map(order) if one.name == "strategy" else one,
        ignore_index=True,
    )
    return found[list(MEAN_COLUMNS)]
