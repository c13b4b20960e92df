"""Curves, best epochs and differences of strategies over seeds, from epoch reports.

Everything works on `Store.reports` and `Store.runs`. `cells`: "common", the cells that every run of
the experiment is scored on; "own", those that a run's strategy counts itself; "observed", all that
the file has; or "hidden", those of them that the mask hides. `metric`: mse, mae, rmse, mre or mase. `units`: "scaled", or "original" for the data's own.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

import pandas as pd

from masklab.errors import ExperimentError
from masklab.runs.rows import RunRow, Status
from masklab.runs.schema import METRICS
from masklab.runs.spec import STRATEGIES

Cells = Literal["common", "own", "observed", "hidden"]
Metric = Literal["mse", "mae", "rmse", "mre", "mase"]
Units = Literal["scaled", "original"]

WITHOUT_UNIT: tuple[Metric, ...] = ("mre", "mase")
"""Metrics that are ratios: no unit, and MASE is the same in scaled and original ones."""

_FINISHED: tuple[Status, ...] = ("finished",)

SUMMARY_COLUMNS = {
    "strategy": "str",
    "causal": "bool",
    "n": "int64",
    "runs": "int64",
    "best_epoch": "float64",
    "mean": "float64",
    "std": "float64",
    "min": "float64",
    "max": "float64",
    "difference": "float64",
    "difference_std": "float64",
    "difference_n": "int64",
    "scored": "int64",
}


def column(cells: Cells = "common", metric: Metric = "rmse", units: Units = "scaled") -> str:
    """Return the column of `Store.reports` that holds a score."""
    if metric not in METRICS:
        raise ExperimentError(f"There is no metric {metric!r}; there are {', '.join(METRICS)}.")
    return f"{cells}_{'original_' if units == 'original' else ''}{metric}"


def columns(
    cells: Cells = "common", metric: Metric = "rmse", units: Units = "scaled"
) -> tuple[str, ...]:
    """Return the columns of `Store.reports` that everything here reads of a score."""
    return "is_best", column(cells, metric, units), f"{cells}_count"


def curves(
    reports: pd.DataFrame,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
) -> pd.DataFrame:
    """Return strategy, epoch, mean, std, min, max, n: the score over the seeds that got so far.

    `std` is that of a sample, NaN for one seed. Strategies keep the order of `reports`.
    """
    groups = reports.groupby(["strategy", "epoch"], sort=False, observed=True)
    found = groups[column(cells, metric, units)].agg(["mean", "std", "min", "max", "count"])
    found = found.rename(columns={"count": "n"}).reset_index()
    order = {label: place for place, label in enumerate(reports["strategy"].unique())}
    return found.sort_values(
        ["strategy", "epoch"],
        key=lambda one: one.map(order) if one.name == "strategy" else one,
        ignore_index=True,
    )


def best_epochs(
    reports: pd.DataFrame,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
) -> pd.DataFrame:
    """Return run_id, strategy, seed, epoch, score, scored: each run at its best epoch.

    The best epoch is the one whose weights the training kept, the same for every metric and for
    every set of cells. `scored` is the number of cells behind the score.
    """
    kept = reports[reports["is_best"]].sort_values("epoch")
    last = kept.groupby("run_id", sort=False).tail(1).sort_index()
    score = column(cells, metric, units)
    chosen = last[["run_id", "strategy", "seed", "epoch", score, f"{cells}_count"]]
    return chosen.set_axis(
        ["run_id", "strategy", "seed", "epoch", "score", "scored"], axis=1
    ).reset_index(drop=True)


def summary(  # noqa: PLR0913 - the three that name a score belong to each function here
    reports: pd.DataFrame,
    runs: Sequence[RunRow],
    *,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
    baseline: str | None = None,
    include: Collection[Status] = _FINISHED,
    whole_windows: bool = False,
) -> pd.DataFrame:
    """Return one row a strategy, in the experiment's order.

    `n` of `runs` count: those with a status in `include`. `mean`, `std` (of a sample), `min`, `max`:
    the scores at the runs' best epochs; `best_epoch`: their mean. `difference`: mean over seeds of
    the score less that of `baseline` (a strategy's label, the first one by default) with the same
    seed; `difference_std` and `difference_n` go with it; below 0 is better. `scored`: cells behind
    each score. `causal` is False where a strategy looks ahead, and for every one with
    `whole_windows`: where the network reads past each step it predicts, see
    `Store.sees_whole_windows`. NaN where nothing is known.
    """
    labels = list(dict.fromkeys(run.strategy for run in runs))
    if baseline is not None and baseline not in labels:
        raise ExperimentError(
            f"There is no strategy {baseline!r} to compare with; there are {', '.join(labels)}."
        )
    counted = {run.id for run in runs if run.status in include}
    best = best_epochs(reports, cells, metric, units)
    best = best[best["run_id"].isin(counted)]
    # No mean over some of the runs as if it were over all: one of an older store may lack MASE.
    unknown = best["score"].isna().groupby(best["strategy"]).transform("any")
    best = best.assign(score=best["score"].mask(unknown))
    table = pd.DataFrame({"strategy": labels}).set_index("strategy")
    by_strategy = best.groupby("strategy")
    table["causal"] = [not whole_windows and _is_causal(label) for label in labels]
    table["n"] = by_strategy.size()
    table["runs"] = [sum(run.strategy == label for run in runs) for label in labels]
    table["best_epoch"] = by_strategy["epoch"].mean()
    table[["mean", "std", "min", "max"]] = by_strategy["score"].agg(["mean", "std", "min", "max"])
    paired = _differences(best, baseline or next(iter(labels), ""))
    table["difference"] = paired.mean()
    table["difference_std"] = paired.std()
    table["difference_n"] = paired.count()
    table["scored"] = by_strategy["scored"].max()
    counts = ["n", "difference_n", "scored"]
    table[counts] = table[counts].fillna(0)
    return table.reset_index()[list(SUMMARY_COLUMNS)].astype(SUMMARY_COLUMNS)


def _differences(best: pd.DataFrame, baseline: str) -> pd.DataFrame:
    """Return score less the baseline's, (seed, strategy); seeds that either lacks are NaN."""
    table = best.pivot_table(index="seed", columns="strategy", values="score", aggfunc="first")
    if baseline not in table:
        return table * float("nan")
    return table.sub(table[baseline], axis=0)


def _is_causal(label: str) -> bool:
    kind = label.partition("(")[0]
    return STRATEGIES[kind].causal if kind in STRATEGIES else True
