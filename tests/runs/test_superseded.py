"""A worker whose run was deleted or given to another: it ends, and leaves the other's things alone."""

from __future__ import annotations

import os

import pytest
import torch

from masklab.runs.artifacts import CHECKPOINT, PREDICTIONS, WEIGHTS
from masklab.runs.desk import StoreDesk
from masklab.runs.ledger import Claim, Ledger, SupersededError
from masklab.training.checkpoint import Checkpoint, Position
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.runs.conftest import run_of, tiny
from tests.runs.test_store import report

TENSORS = {"weight": torch.ones(3)}


@pytest.fixture
def experiment(tmp_path):
    return tiny(tmp_path, epochs=1)


@pytest.fixture
def desk(store, experiment) -> StoreDesk:
    """The desk of a run that this process has claimed."""
    run = store.runs(store.add_experiment(experiment))[0]
    return StoreDesk(Ledger(store), Ledger(store).claim(run.id))


@pytest.fixture
def predictions(experiment):
    prepared = prepare(experiment, experiment.load_panel())
    run = Run(prepared, experiment.strategies[0], 0, experiment.model, experiment.training)
    list(run.reports())
    return run.predictions()


def checkpoint(epoch: int = 1) -> Checkpoint:
    return Checkpoint(Position("zero_fill", 0, epoch, epoch, 0.5, 8, 9), TENSORS)


def given_to_another(desk: StoreDesk) -> Claim:
    """Let somebody else have claimed the desk's run, and kept a checkpoint of it."""
    claim = Claim(**{**vars(desk.claim), "process": "1@another"})
    with desk.store.database.write() as db:
        db.execute("UPDATE runs SET process = ? WHERE id = ?", (claim.process, claim.run_id))
    StoreDesk(Ledger(desk.store), claim).keep(checkpoint())
    return claim


def kinds(desk: StoreDesk) -> list[str]:
    claim = desk.claim
    return [row.kind for row in desk.store.artifacts(claim.experiment_id, claim.run_id)]


def files(desk: StoreDesk) -> list[str]:
    folder = desk.store.directory / "artifacts"
    return [name for _, _, names in os.walk(folder) for name in names]


def test_a_run_that_ends_leaves_weights_and_predictions_alone(desk, predictions):
    desk.keep(checkpoint())
    assert kinds(desk) == [CHECKPOINT]
    desk.finish(1, TENSORS, predictions)
    assert kinds(desk) == [PREDICTIONS, WEIGHTS]
    assert len(files(desk)) == 2


def test_a_finished_run_names_no_checkpoint_even_where_its_worker_dies_at_once(desk):
    desk.keep(checkpoint())
    rows = desk.store.artifacts(desk.claim.experiment_id, desk.claim.run_id)
    desk.ledger.finish(desk.claim, 1, rows)
    assert kinds(desk) == []


@pytest.mark.timeout(30)
def test_a_worker_at_the_end_of_a_deleted_run_ends_and_leaves_no_file(desk, predictions):
    desk.store.delete_experiment(desk.claim.experiment_id)
    with pytest.raises(SupersededError):
        desk.finish(1, TENSORS, predictions)
    assert not any((desk.store.directory / "artifacts").rglob("*"))


def test_a_worker_whose_run_is_another_s_takes_nothing_from_it(desk, predictions):
    given_to_another(desk)
    for late in (lambda: desk.finish(1, TENSORS, predictions), lambda: desk.keep(checkpoint(2))):
        with pytest.raises(SupersededError):
            late()
    assert kinds(desk) == [CHECKPOINT]
    assert len(files(desk)) == 1
    assert run_of(desk.store, desk.claim.run_id).status == "running"


def test_a_run_can_t_be_ended_by_whom_it_does_not_belong_to(desk):
    given_to_another(desk)
    with pytest.raises(SupersededError):
        desk.ledger.finish(desk.claim, 1)
    assert not desk.ledger.is_ours(desk.claim)


def test_a_death_is_counted_and_told_at_once_or_not_at_all(desk, monkeypatch):
    def fails(*_: object) -> None:
        raise RuntimeError

    claim = desk.claim
    desk.record(report(1), 0)
    monkeypatch.setattr("masklab.runs.ledger._log_run", fails)
    with pytest.raises(RuntimeError):
        desk.ledger.bury(claim.run_id, claim.process, "died unseen")
    with desk.store.database.read() as db:
        row = db.execute("SELECT status, deaths FROM runs WHERE id = ?", (claim.run_id,)).fetchone()
    assert tuple(row) == ("running", 0)


def test_the_last_wish_counts_of_a_run_that_is_stopping(desk):
    store, run_id = desk.store, desk.claim.run_id
    store.stop(run_id)
    store.retry(run_id)
    assert run_of(store, run_id).again
    store.pause(run_id)
    assert run_of(store, run_id).pausing
    desk.ledger.end(run_id, desk.claim.process, "stopped", "Stopped on request.")
    assert run_of(store, run_id).status == "paused"
