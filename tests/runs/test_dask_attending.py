"""What a run on a worker tells is written once, in order; what is missing sends it back to the queue."""

from __future__ import annotations

import pytest

from masklab.runs.cluster import attending
from masklab.runs.cluster.attending import Attended
from masklab.runs.cluster.messages import Message
from masklab.runs.desk import StoreDesk
from masklab.runs.ledger import Ledger
from masklab.training.report import EpochReport, Scores
from tests.runs.conftest import run_of, tiny

WORKER = "tcp://10.0.0.3:4000"


class Task:
    """A Dask future that nobody has computed yet."""

    status = "pending"

    def done(self) -> bool:
        return self.status != "pending"

    def release(self) -> None:
        self.status = "cancelled"


def report(epoch: int) -> EpochReport:
    score = Scores(mse=1.0, mae=1.0, rmse=1 / epoch, mre=1.0, count=5)
    cells = dict.fromkeys(("common", "own", "common_original", "own_original"), score)
    return EpochReport(
        strategy="zero_fill", seed=0, epoch=epoch, epochs=3, training_loss=0.5,
        learning_rate=0.1, seconds=0.1, is_best=True, **cells,
    )  # fmt: skip


def epoch(number: int) -> Message:
    return Message(number, "epoch", (report(number), 0))


@pytest.fixture
def run(store, tmp_path):
    ledger = Ledger(store)
    identity = store.add_experiment(tiny(tmp_path))
    claim = ledger.claim(store.runs(identity)[0].id, WORKER)
    return Attended("token", StoreDesk(ledger, claim), None, WORKER, Task(), {})


def row(store, run):
    return run_of(store, run.claim.run_id)


def epochs(store, run) -> list[int]:
    return store.reports(run.claim.experiment_id)["epoch"].tolist()


def test_a_message_that_comes_twice_is_written_once(store, run):
    run.hear({"token": [epoch(1), epoch(2)]}, is_there=True)
    run.hear({"token": [epoch(1), epoch(2), epoch(3)]}, is_there=True)
    assert run.heard == 3
    assert epochs(store, run) == [1, 2, 3]
    assert row(store, run).host == WORKER


def test_a_gap_sends_the_run_back_to_what_the_store_has(store, run):
    run.hear({"token": [epoch(1), epoch(3)]}, is_there=True)
    assert run.is_over
    assert epochs(store, run) == [1]
    assert row(store, run).status == "queued"


def test_a_run_whose_worker_is_gone_waits_again_and_three_times_without_an_epoch_fails(store, run):
    run.hear(OSError("no route"), is_there=False)
    assert (run.is_over, row(store, run).status) == (True, "queued")
    (event,) = [one for one in store.events() if one.kind == "died"]
    assert f"on {WORKER} is gone before its first epoch ended" in event.text
    for _ in range(2):
        claim = run.ledger.claim(run.claim.run_id, WORKER)
        desk = StoreDesk(run.ledger, claim)
        Attended("again", desk, None, WORKER, Task(), {}).hear(None, is_there=False)
    assert row(store, run).status == "failed"


def test_a_worker_that_has_not_begun_is_waited_for_and_one_that_fell_silent_is_not(
    store, run, monkeypatch
):
    monkeypatch.setattr(attending, "_SILENCE", -1.0)
    run.hear({}, is_there=True)  # its task waits for its turn on the worker
    assert not run.is_over
    run.hear({"token": [epoch(1)]}, is_there=True)
    run.hear({}, is_there=True)
    assert (run.is_over, row(store, run).status) == (True, "queued")


def test_a_task_that_ended_without_a_last_word_is_a_death(store, run):
    run._task.status = "finished"
    run.hear({}, is_there=True)
    assert (run.is_over, row(store, run).status) == (True, "queued")


def test_what_a_deleted_run_tells_is_not_written_and_it_is_told_to_stop(store, run):
    store.delete_experiment(run.claim.experiment_id)
    run.heed(None)
    run.hear({"token": [epoch(1)]}, is_there=True)
    assert (run.stop, run.heard, run.is_over) == (True, 1, False)
    run.hear({"token": [Message(2, "stopped", ())]}, is_there=True)
    run.hear({}, is_there=True)
    assert run.is_over
    assert store.runs() == []


def test_an_end_is_heard_before_the_worker_is_free(store, run):
    message = Message(1, "failed", ("The loss is not finite.", "Traceback ..."))
    run.hear({"token": [message]}, is_there=True)
    assert (run.heard, run.is_over, row(store, run).status) == (1, False, "failed")
    run.hear({"token": []}, is_there=True)
    assert not run.is_over
    run.hear({}, is_there=True)
    assert run.is_over
    assert row(store, run).message == "The loss is not finite."


def test_a_stop_that_is_asked_for_reaches_the_worker(store, run):
    store.pause(run.claim.run_id)
    wishes = {one.run_id: one.stop_requested for one in run.ledger.running()}
    run.heed(wishes[run.claim.run_id])
    assert run.stop
    run.hear({"token": [Message(1, "stopped", ())]}, is_there=True)
    assert row(store, run).status == "paused"
