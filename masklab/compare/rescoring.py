"""Scores of runs on the cells that all of them share, from the predictions at their best epochs."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from jaxtyping import Float64, Int64

from masklab.compare.common import Shared, Shown
from masklab.runs.store import Store
from masklab.scaling import Scaler
from masklab.training.prepare import scaler_of

METRICS = ("mae", "mse", "rmse", "mre")

_Errors = Float64[np.ndarray, "prediction"]


def rescored(store: Store, shared: Shared) -> pd.DataFrame:
    """Return one row a run, in the order of the selection: its scores on the shared predictions.

    Columns: run_id, experiment_id, strategy, seed, epoch (its best), predictions, then `mae`, `mse`,
    `rmse`, `mre` in scaled units and `original_` the same in the data's; last `before`, the scaled
    RMSE that its own experiment gave it on its own common cells. Scaled units are the reference's
    (the first experiment's) for all runs, whatever scaled them in training. Errors are pooled over
    channels; NaN where nothing is shared.
    """
    truth = _Truth(shared)
    rows = []
    for one in shared.shown:
        own = truth.scaler(one.run.experiment_id)
        rows.append(
            {
                "run_id": one.run.id,
                "experiment_id": one.run.experiment_id,
                "strategy": one.run.strategy,
                "seed": one.run.seed,
                "predictions": len(shared.keys),
                **_scores(_errors(shared, one, own, truth), truth),
            }
        )
    table = pd.DataFrame(rows)
    known = _best(store, shared)
    table.insert(4, "epoch", [known[one][0] for one in table["run_id"]])
    table["before"] = [known[one][1] for one in table["run_id"]]
    return table


class _Truth:
    """The shared cells' true values, and how each experiment scales them."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self.rows, self.columns = shared.rows(), shared.columns()
        self.values = shared.panel.values[self.rows, self.columns]
        self._scalers: dict[str, Scaler] = {}
        reference = self.scaler(next(iter(shared.experiments)))
        self.scale = self._of(reference.scale, reference)
        self.scaled = (self.values - self._of(reference.shift, reference)) / self.scale

    def scaler(self, experiment_id: str) -> Scaler:
        """Return an experiment's scaler, fitted as in training."""
        if experiment_id not in self._scalers:
            experiment = self._shared.experiments[experiment_id]
            self._scalers[experiment_id] = scaler_of(experiment, self._shared.panel)
        return self._scalers[experiment_id]

    def in_units_of(self, scaler: Scaler) -> tuple[_Errors, _Errors]:
        """Return the true values as training under a scaler saw them, and its scale for each."""
        scale = self._of(scaler.scale, scaler)
        seen = ((self.values - self._of(scaler.shift, scaler)) / scale).astype(np.float32)
        return seen.astype(np.float64), scale

    def _of(self, statistic: Float64[np.ndarray, "group channel"], scaler: Scaler) -> _Errors:
        values: _Errors = statistic[scaler.group(self.rows), self.columns]
        return values


def _errors(shared: Shared, shown: Shown, scaler: Scaler, truth: _Truth) -> _Errors:
    """Return a run's errors on the shared predictions, in the data's units."""
    seen, scale = truth.in_units_of(scaler)
    places: Int64[np.ndarray, "prediction"] = np.searchsorted(shown.keys, shared.keys)
    errors: _Errors = (shown.scaled[places] - seen) * scale
    return errors


def _scores(errors: _Errors, truth: _Truth) -> Mapping[str, float]:
    found: dict[str, float] = {}
    for prefix, error, value in (
        ("", errors / truth.scale, truth.scaled),
        ("original_", errors, truth.values),
    ):
        count, absolute = len(error), float(np.abs(error).sum())
        whole = float(np.abs(value).sum())
        mse = float(np.square(error).sum()) / count if count else np.nan
        mae = absolute / count if count else np.nan
        mre = absolute / whole if whole else np.nan
        pairs = zip(METRICS, (mae, mse, float(np.sqrt(mse)), mre), strict=True)
        found |= {f"{prefix}{name}": score for name, score in pairs}
    return found


def _best(store: Store, shared: Shared) -> dict[str, tuple[int, float]]:
    """Return each run's best epoch, and the scaled RMSE that it had then."""
    found: dict[str, tuple[int, float]] = {}
    for identity in shared.experiments:
        reports = store.reports(identity, ("is_best", "common_rmse"))
        best = reports[reports["is_best"]]
        columns = (best[name].tolist() for name in ("run_id", "epoch", "common_rmse"))
        found |= {run: (epoch, score) for run, epoch, score in zip(*columns, strict=True)}
    return found
