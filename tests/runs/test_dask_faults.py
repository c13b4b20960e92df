"""Workers, schedulers and heads of a Dask cluster die: no epoch is lost or counted twice, no score moves."""

from __future__ import annotations

import os
import signal

import psutil
import pytest

import masklab
from masklab.runs.executing import choose_executor, ensure_training
from masklab.runs.lock import is_held
from masklab.runs.schema import CELLS
from masklab.runs.store import Store
from tests.runs.conftest import eventually, supervisor_pid, tiny
from tests.runs.dask_cluster import (
    PATIENCE,
    Cluster,
    dask_cluster,
    head_log,
    needs_dask,
    until,
    until_ended,
)

pytestmark = [needs_dask, pytest.mark.slow, pytest.mark.timeout(900)]

EPOCHS = 200


@pytest.fixture(scope="module")
def experiment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    return tiny(folder, epochs=EPOCHS, strategies=[{"kind": "carry"}])


@pytest.fixture(scope="module")
def undisturbed(experiment):
    """What the run comes to in this process."""
    return list(masklab.train(experiment))


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with dask_cluster(tmp_path_factory.mktemp("cluster"), 2) as one:
        yield one


@pytest.fixture
def headed(store, cluster):
    return sent_to(store, cluster)


def sent_to(store: Store, cluster: Cluster) -> Store:
    store.set_setting("checkpoints", {"epochs": 3, "seconds": 600})
    choose_executor(store, cluster.executor(idle_seconds=120))
    ensure_training(store)
    return store


def midway(store: Store, experiment):
    """Queue the experiment and return its run when a checkpoint of it is kept, and that one's epoch."""
    identity = store.add_experiment(experiment)
    run = store.runs(identity)[0]
    kept = eventually(lambda: store.artifacts(identity, run.id, "checkpoint"), bool, PATIENCE)
    return until(store, run.id, lambda now: now.epoch >= 5), kept[0].epoch


def ends_as(undisturbed, store: Store, before, kept: int) -> None:
    """The run goes on from what was kept and ends with each epoch once, and with the same scores."""
    (run,) = until_ended(store, before.experiment_id)
    assert (run.status, run.epoch, run.message) == ("finished", EPOCHS, "")
    assert kept <= run.resumed_from < EPOCHS
    rows = store.reports(before.experiment_id).to_dict("records")
    assert [row["epoch"] for row in rows] == list(range(1, EPOCHS + 1))
    for row, report in zip(rows, undisturbed, strict=True):
        assert row["training_loss"] == report.training_loss
        assert row["is_best"] == report.is_best
        for cells in CELLS:
            for name, value in vars(getattr(report, cells)).items():
                assert row[f"{cells}_{name}"] == value
    assert {row.kind for row in store.artifacts(run.experiment_id, run.id)} == {"weights", "predictions"}  # fmt: skip
    assert "masklab/runs" not in head_log(store)  # no traceback of ours; Dask may log its own


def looked_after_again(store: Store) -> None:
    """Ask for the store's head until it is there, as the app and the command line do."""

    def ask() -> bool:
        ensure_training(store)
        return is_held(store.directory)

    eventually(ask, seconds=PATIENCE)


def kinds(store: Store, run) -> list[str]:
    return [one.kind for one in store.events(run.experiment_id) if one.run_id == run.id]


def test_a_run_whose_worker_is_killed_goes_on_elsewhere(headed, cluster, experiment, undisturbed):
    run, kept = midway(headed, experiment)
    cluster.worker_at(run.host).kill()
    ends_as(undisturbed, headed, run, kept)
    assert kinds(headed, run).count("died") == 1
    assert kinds(headed, run).count("finished") == 1


@pytest.mark.long
def test_runs_outlive_their_scheduler(headed, cluster, experiment, undisturbed):
    run, kept = midway(headed, experiment)
    cluster.member("scheduler").kill()
    ends_as(undisturbed, headed, run, kept)
    assert kinds(headed, run).count("finished") == 1
    assert "is gone" in head_log(headed)


@pytest.mark.long
def test_runs_outlive_their_head_and_a_try_that_it_left_behind_is_not_counted(
    headed, experiment, undisturbed
):
    run, kept = midway(headed, experiment)
    os.kill(supervisor_pid(headed.directory), signal.SIGKILL)
    eventually(lambda: not is_held(headed.directory))
    looked_after_again(headed)
    ends_as(undisturbed, headed, run, kept)
    assert kinds(headed, run).count("finished") == 1


@pytest.mark.long
def test_a_head_that_is_asked_to_end_lets_its_runs_wait_again(headed, experiment, undisturbed):
    run, kept = midway(headed, experiment)
    os.kill(supervisor_pid(headed.directory), signal.SIGTERM)
    eventually(lambda: not is_held(headed.directory), seconds=PATIENCE)
    assert until(headed, run.id, lambda now: now.status == "queued").epoch >= run.epoch
    looked_after_again(headed)
    ends_as(undisturbed, headed, run, kept)


@pytest.mark.long
def test_a_cluster_that_is_killed_leaves_no_process_and_runs_wait_for_the_next(
    store, tmp_path, experiment, undisturbed
):
    first = Cluster(tmp_path, 1)
    eventually(first.answers, seconds=PATIENCE)
    run, kept = midway(sent_to(store, first), experiment)
    members = psutil.Process(first.process.pid).children()
    first.process.kill()
    first.process.wait(timeout=30)
    assert len(members) == 2
    eventually(lambda: [one for one in members if one.is_running()], lambda left: not left)
    until(store, run.id, lambda now: now.status == "queued")
    with dask_cluster(tmp_path, 1, port=first.port):
        ends_as(undisturbed, store, run, kept)
