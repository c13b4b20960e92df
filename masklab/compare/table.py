"""The comparison of experiments as one table: strategies or groups, then naive baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from masklab.compare.baselines import LOOKING_AHEAD, levels, naive
from masklab.compare.groups import of_runs
from masklab.compare.scores import Cells, Metric, Units, columns, summary
from masklab.runs.facts import Naive
from masklab.runs.rows import RunRow
from masklab.runs.store import Store


def comparison(  # noqa: PLR0913 - as in scores
    store: Store,
    experiment_id: str,
    *,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
    baseline: str | None = None,
) -> pd.DataFrame:
    """Return `summary` with a first column `kind`: "strategy", or "naive" for a baseline's row.

    Naive baselines are scored on the common cells only; with other `cells` they are left out.
    """
    found = summary(
        store.reports(experiment_id, columns(cells, metric, units)),
        store.runs(experiment_id),
        cells=cells,
        metric=metric,
        units=units,
        baseline=baseline,
        whole_windows=store.sees_whole_windows(experiment_id),
    )
    known = naive(store, experiment_id) if cells == "common" else {}
    return with_naive(found, known, metric, units)


def grouped(  # noqa: PLR0913 - as in scores
    reports: pd.DataFrame,
    runs: Sequence[RunRow],
    groups: Mapping[str, str],
    pairs: Mapping[str, int],
    *,
    cells: Cells = "common",
    metric: Metric = "rmse",
    units: Units = "scaled",
    baseline: str | None = None,
    whole_windows: bool = False,
) -> pd.DataFrame:
    """Return `summary` of groups of runs in place of strategies.

    `groups`: each run's label by its id. `pairs`: a number by run; a difference from `baseline`, a
    group's label, is the mean over runs of equal numbers, see `groups.pairs`.
    """
    best = reports[reports["is_best"]]
    best = best.drop_duplicates("run_id", keep="last")
    mine = best[best["run_id"].isin(groups)]
    labels = of_runs(mine["run_id"], groups).astype("str")
    numbers = of_runs(mine["run_id"], pairs).astype("int64")
    return summary(
        mine.assign(run_id=mine["run_id"].astype("str"), strategy=labels, seed=numbers),
        [replace(run, strategy=groups[run.id]) for run in runs],
        cells=cells,
        metric=metric,
        units=units,
        baseline=baseline,
        whole_windows=whole_windows,
    )


def with_naive(
    found: pd.DataFrame, known: Naive, metric: Metric = "rmse", units: Units = "scaled"
) -> pd.DataFrame:
    """Return a summary with its column `kind`, and a row for each naive baseline below."""
    found = found.copy()
    found.insert(0, "kind", "strategy")
    if not known:
        return found
    rows = pd.DataFrame(
        [
            {
                "kind": "naive",
                "strategy": name,
                "causal": name not in LOOKING_AHEAD,
                "mean": level,
                "scored": count,
            }
            for (name, level), count in zip(
                levels(known, metric, units).items(),
                (scaled.count for scaled, _ in known.values()),
                strict=True,
            )
        ]
    )
    joined = pd.concat([found, rows.reindex(columns=found.columns)], ignore_index=True)
    return joined.astype(
        {"n": "Int64", "runs": "Int64", "difference_n": "Int64", "scored": "int64"}
    )
