"""Runs in other trackers: the same numbers, settings and times, read back with their own readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from masklab.errors import StoreError
from masklab.export.trackers import mlflow as to_mlflow
from masklab.export.trackers import tensorboard as to_tensorboard
from masklab.export.trackers.runs import tracked
from masklab.runs.spec import parse_experiment
from masklab.runs.store import Store
from masklab.ui.project import Project
from tests.ui.conftest import settings


def test_epochs_end_when_they_did(store: Store, experiment: str) -> None:
    for run, row in zip(tracked(store, experiment), store.runs(experiment), strict=True):
        seconds = store.reports(experiment).query("run_id == @row.id")["seconds"]
        steps = [one.time for one in run.epochs]
        assert steps == pytest.approx([run.start + passed for passed in seconds.cumsum()])
        assert row.ended is not None
        assert steps[-1] <= row.ended + 1e-6
        assert run.end == row.ended


def test_metrics_are_those_of_the_store(store: Store, experiment: str) -> None:
    reports = store.reports(experiment).set_index(["run_id", "epoch"])
    for run in tracked(store, experiment):
        for epoch in run.epochs:
            row = reports.loc[(run.id, epoch.number)]
            assert epoch.metrics["common/rmse"] == row["common_rmse"]
            assert epoch.metrics["training/loss"] == row["training_loss"]
            assert epoch.metrics["own_original/count"] == row["own_original_count"]
        assert run.at_best["best/common_rmse"] == min(
            one.metrics["common/rmse"] for one in run.epochs
        )


def test_without_an_epoch_there_is_nothing_to_export(store: Store, project: Project) -> None:
    waiting = store.add_experiment(parse_experiment(settings(project)), ".")
    with pytest.raises(StoreError, match="none has ended an epoch"):
        tracked(store, waiting)


def test_one_run_can_be_chosen(store: Store, experiment: str) -> None:
    (run,) = tracked(store, experiment, [f"{experiment}-0002"])
    assert run.name == "carry seed 0"


def test_tensorboard_reads_every_epoch(store: Store, experiment: str, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import (  # noqa: PLC0415
        EventAccumulator,
    )
    from tensorboard.plugins.hparams import metadata  # noqa: PLC0415

    runs = tracked(store, experiment)
    places = to_tensorboard.write(runs, tmp_path)
    assert places == to_tensorboard.write(runs, tmp_path)
    for run, place in zip(runs, places, strict=True):
        assert len(list(place.iterdir())) == 1
        found = EventAccumulator(str(place))
        found.Reload()
        for name in ("common/rmse", "training/loss", "own_original/mae"):
            events = found.Scalars(name)
            assert [one.step for one in events] == [one.number for one in run.epochs]
            assert [one.value for one in events] == pytest.approx(
                [one.metrics[name] for one in run.epochs], rel=1e-6
            )
            assert [one.wall_time for one in events] == [one.time for one in run.epochs]
        content = found.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        began = metadata.parse_session_start_info_plugin_data(content)
        assert began.hparams["strategy.kind"].string_value == run.settings["strategy.kind"]
        assert began.hparams["seed"].number_value == run.settings["seed"]
        content = found.SummaryMetadata("_hparams_/session_end_info").plugin_data.content
        ended = metadata.parse_session_end_info_plugin_data(content)
        assert ended.end_time_secs == run.end
        assert ended.status == (1 if run.status == "finished" else 2)


def test_event_files_name_no_machine(
    store: Store, experiment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("tensorboard")
    monkeypatch.setattr("socket.gethostname", lambda: "wandas-laptop")
    for place in to_tensorboard.write(tracked(store, experiment), tmp_path):
        for file in place.iterdir():
            assert "wandas-laptop" not in file.name
            assert b"wandas-laptop" not in file.read_bytes()


def test_what_is_not_installed_is_said(
    store: Store, experiment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (to_tensorboard, to_mlflow):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    runs = tracked(store, experiment)
    with pytest.raises(StoreError, match=r"masklab\[tensorboard\]"):
        to_tensorboard.write(runs, tmp_path)
    with pytest.raises(StoreError, match=r"masklab\[mlflow\]"):
        to_mlflow.write(runs, str(tmp_path), "")


@pytest.mark.filterwarnings("ignore")
def test_mlflow_reads_every_epoch(store: Store, experiment: str, tmp_path: Path) -> None:
    mlflow: Any = pytest.importorskip("mlflow")
    pytest.importorskip("sqlalchemy")
    runs = tracked(store, experiment)
    spec = store.portable(experiment).to_yaml()
    made = to_mlflow.write(runs, str(tmp_path / "ml"), spec)
    assert to_mlflow.write(runs, str(tmp_path / "ml"), spec) == []
    client = mlflow.MlflowClient(tracking_uri=f"sqlite:///{tmp_path / 'ml' / 'mlflow.db'}")
    for run, identity in zip(runs, made, strict=True):
        found = client.get_run(identity)
        assert found.info.status == {"finished": "FINISHED", "failed": "FAILED"}[run.status]
        assert found.info.start_time == round(run.start * 1000)
        assert found.info.end_time == round((run.end or 0) * 1000)
        assert found.data.params["strategy.kind"] == run.settings["strategy.kind"]
        assert found.data.tags["masklab.run"] == run.id
        history = client.get_metric_history(identity, "common/rmse")
        assert [(one.step, one.value, one.timestamp) for one in history] == [
            (one.number, one.metrics["common/rmse"], round(one.time * 1000)) for one in run.epochs
        ]
        saved = client.download_artifacts(identity, "experiment.yaml")
        assert Path(saved).read_text() == spec


@pytest.mark.filterwarnings("ignore")
def test_a_tracker_that_does_not_answer_is_said(store: Store, experiment: str) -> None:
    pytest.importorskip("mlflow")
    with pytest.raises(StoreError, match="MLflow can't take the runs at nothing://there"):
        to_mlflow.write(tracked(store, experiment), "nothing://there", "")
