"""The comparison of one experiment as one table: strategies, then naive baselines."""

from __future__ import annotations

import pandas as pd

from masklab.compare.baselines import LOOKING_AHEAD, levels, naive
from masklab.compare.scores import Cells, Metric, Units, columns, summary
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

    Naive baselines are scored on the common cells only; with other cells they are left out.
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
    found.insert(0, "kind", "strategy")
    if cells != "common":
        return found
    known = naive(store, experiment_id)
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
