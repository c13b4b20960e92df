"""Audit finished runs of a store: their weights, their predictions, their data."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError
from torch import Tensor

from masklab.compare import jobs
from masklab.compare.leakage import results
from masklab.compare.leakage.auditing import audit
from masklab.compare.leakage.finding import Audit
from masklab.compare.leakage.subject import Data, Subject
from masklab.errors import MaskLabError, StoreError, TrainingError
from masklab.runs import artifacts
from masklab.runs.panels import panel_of
from masklab.runs.rows import ArtifactRow, RunRow
from masklab.runs.store import Store
from masklab.training import predictions
from masklab.training.predictions import Kept

_COLUMNS = ("common_rmse", "common_mae")


def audit_run(store: Store, experiment_id: str, run_id: str) -> Audit:
    """Return the audit of a run; `StoreError` if it isn't there, hasn't finished or lacks weights."""
    runs = {run.id: run for run in store.runs(experiment_id)}
    run = runs.get(run_id)
    if run is None:
        raise StoreError(f"There is no run {run_id!r} in the experiment {experiment_id!r}.")
    if run.status != "finished":
        raise StoreError(
            f"The run {run_id} ({run.strategy}, seed {run.seed}) has not finished, so that there is "
            "nothing to audit yet. Let it train to its end."
        )
    data = _data(store.directory, experiment_id)
    experiment = data.experiment
    strategy = next(one for one in experiment.strategies if one.label == run.strategy)
    row = next(iter(store.artifacts(experiment_id, run_id, artifacts.WEIGHTS)), None)
    if row is None:
        raise StoreError(
            f"The store keeps no weights of the run {run_id} ({run.strategy}, seed {run.seed}): it was "
            "trained by an older version. Train it again to audit it."
        )
    subject = Subject(
        data,
        strategy,
        run.seed,
        _weights(store, row),
        _kept(store, run),
        _others(store, run, list(runs.values())),
    )
    epochs = store.reports(experiment_id, _COLUMNS)
    return audit(subject, epochs[epochs["run_id"] == run_id], run=run_id, weights=row.sha256)


def audit_runs(
    store: Store, experiment_id: str, run_ids: Sequence[str], tell: jobs.Tell
) -> list[str]:
    """Audit runs one after the other, those that were audited already left out; return the ids.

    Raises `StoreError` in the end if some could not be audited, with the first reason.
    """
    failures = []
    for number, run_id in enumerate(run_ids):
        tell(number / len(run_ids))
        if results.audit_of(store, experiment_id, run_id) is not None:
            continue
        try:
            jobs.run(store, experiment_id, results.KIND, {"run": run_id})
        except MaskLabError as error:
            failures.append(str(error))
    if failures:
        raise StoreError(
            f"{len(failures)} of {len(run_ids)} runs could not be audited. {failures[0]}"
        )
    return list(run_ids)


@lru_cache(maxsize=1)
def _data(directory: Path, experiment_id: str) -> Data:
    experiment = Store(directory).experiment(experiment_id)
    return Data(experiment, panel_of(directory, experiment))


def _weights(store: Store, row: ArtifactRow) -> dict[str, Tensor]:
    path = artifacts.path_of(store.directory, row)
    try:
        return safetensors.torch.load_file(path)
    except (OSError, SafetensorError) as error:
        raise StoreError(
            f"The weights {path.name} are damaged or gone. `masklab store check` tells what else is."
        ) from error


def _kept(store: Store, run: RunRow) -> Kept | None:
    """Return a run's predictions; None if the store keeps none that can be read."""
    rows = store.artifacts(run.experiment_id, run.id, artifacts.PREDICTIONS)
    try:
        return predictions.read(artifacts.path_of(store.directory, rows[0])) if rows else None
    except TrainingError:
        return None


def _others(store: Store, run: RunRow, runs: Sequence[RunRow]) -> dict[str, Kept]:
    """Return the predictions of the first finished run that is not this one."""
    for other in runs:
        if other.id != run.id and other.status == "finished":
            kept = _kept(store, other)
            if kept is not None:
                return {other.id: kept}
    return {}
