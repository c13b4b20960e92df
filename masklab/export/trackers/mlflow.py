"""Runs in MLflow, through its own client: a server, a database, or a folder with a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from masklab.errors import StoreError
from masklab.export.trackers.runs import TrackedRun

_STATUS = {"finished": "FINISHED", "failed": "FAILED", "stopped": "KILLED", "running": "RUNNING"}
_LONGEST, _MOST_METRICS, _MOST_PARAMS = 500, 1000, 100
ID = "masklab.run"
"""The tag that names a run of MaskLab's in MLflow."""


def write(runs: Sequence[TrackedRun], target: str, spec: str) -> list[str]:
    """Write runs of one experiment to MLflow; return the ids that it gave them.

    `target`: the address of a tracking server, of a database (`sqlite:///mlflow.db`), or a folder,
    which gets a `mlflow.db` and `artifacts`. `spec`: the experiment as YAML, kept with each run. A
    run that an earlier export wrote is left out. Raises `StoreError` if MLflow isn't installed or
    does not answer.
    """
    if find_spec("mlflow") is None:
        raise StoreError(
            "MLflow isn't installed, and its own client writes its runs. Install it with "
            '`pip install "masklab[mlflow]"`.'
        )
    from mlflow import MlflowClient  # noqa: PLC0415 - an extra
    from mlflow.exceptions import MlflowException  # noqa: PLC0415

    try:
        address, artifacts = _address(target)
        client = MlflowClient(tracking_uri=address)
        goal = _experiment(client, runs[0], artifacts)
        return [_log(client, goal, run, spec) for run in runs if not _known(client, goal, run)]
    except (MlflowException, OSError, ImportError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise StoreError(
            f"MLflow can't take the runs at {target}: {first.rstrip('.')}. Name a folder, a database "
            "such as sqlite:///mlflow.db, or the address of a server that runs."
        ) from error


def _address(target: str) -> tuple[str, str | None]:
    """Return the tracking address, and where artifacts go if the target is a folder."""
    if "://" in target or target.startswith("sqlite:"):
        return target, None
    folder = Path(target).expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return f"sqlite:///{folder / 'mlflow.db'}", (folder / "artifacts").as_uri()


def _experiment(client: Any, run: TrackedRun, artifacts: str | None) -> str:
    name = f"{run.experiment} ({run.experiment_id})"
    known = client.get_experiment_by_name(name)
    if known is not None:
        return str(known.experiment_id)
    return str(client.create_experiment(name, artifact_location=artifacts))


def _known(client: Any, goal: str, run: TrackedRun) -> bool:
    found = client.search_runs([goal], f"tags.`{ID}` = '{run.id}'", max_results=1)
    return len(found) > 0


def _log(client: Any, goal: str, run: TrackedRun, spec: str) -> str:
    from mlflow.entities import Metric, Param  # noqa: PLC0415

    tags = {
        ID: run.id,
        "mlflow.runName": run.name,
        "mlflow.source.name": "masklab",
        "masklab.tags": ", ".join(run.tags),
        **{f"environment.{name}": value for name, value in run.environment.items()},
    }
    if run.best is not None:
        tags["masklab.best_epoch"] = str(run.best.number)
    made = client.create_run(goal, start_time=_milliseconds(run.start), tags=tags)
    identity = str(made.info.run_id)
    params = [
        Param(name, (value if isinstance(value, str) else json.dumps(value))[:_LONGEST])
        for name, value in run.settings.items()
    ]
    metrics = [
        Metric(name, value, _milliseconds(epoch.time), epoch.number)
        for epoch in run.epochs
        for name, value in epoch.metrics.items()
    ]
    if run.best is not None:
        at, number = _milliseconds(run.best.time), run.best.number
        metrics += [Metric(name, one, at, number) for name, one in run.at_best.items()]
    for start in range(0, len(params), _MOST_PARAMS):
        client.log_batch(identity, params=params[start : start + _MOST_PARAMS])
    for start in range(0, len(metrics), _MOST_METRICS):
        client.log_batch(identity, metrics=metrics[start : start + _MOST_METRICS])
    client.log_text(identity, spec, "experiment.yaml")
    status = _STATUS.get(run.status, "SCHEDULED")
    if run.end is None:
        client.update_run(identity, status)
    else:
        client.set_terminated(identity, status, _milliseconds(run.end))
    return identity


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)
