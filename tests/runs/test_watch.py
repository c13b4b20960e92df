"""A request to stop cuts training short between two steps, and never in the middle of a write."""

from __future__ import annotations

import signal

import pytest

from masklab.runs.ledger import Ledger
from masklab.runs.watch import StopRequested, Watch
from tests.runs.conftest import eventually, tiny


@pytest.fixture
def claim(store, tmp_path):
    before = signal.getsignal(signal.SIGUSR1)
    store.add_experiment(tiny(tmp_path))
    yield Ledger(store).claim(store.runs()[0].id)
    signal.signal(signal.SIGUSR1, before)


def endless() -> None:
    eventually(lambda: False)


def test_an_epoch_that_lasts_is_cut_short(store, claim):
    with Watch(Ledger(store), claim) as watch:
        store.stop(claim.run_id)
        with pytest.raises(StopRequested), watch.interruptible():
            endless()


def test_a_deleted_run_is_cut_short_too(store, claim):
    with Watch(Ledger(store), claim) as watch:
        store.delete_experiment(claim.experiment_id)
        with pytest.raises(StopRequested), watch.interruptible():
            endless()


def test_what_is_not_interruptible_goes_on_to_its_end(store, claim):
    with Watch(Ledger(store), claim) as watch:
        store.stop(claim.run_id)
        eventually(watch._stopping.is_set)
        with pytest.raises(StopRequested), watch.interruptible():
            pytest.fail("It should not even begin.")


def test_a_run_that_nobody_stops_is_left_alone(store, claim, monkeypatch):
    monkeypatch.setattr("masklab.runs.watch._BEAT", 0.0)

    def heartbeat() -> float:
        with store.database.read() as db:
            return db.execute(
                "SELECT heartbeat FROM runs WHERE id = ?", (claim.run_id,)
            ).fetchone()[0]

    began = heartbeat()
    with Watch(Ledger(store), claim) as watch, watch.interruptible():
        assert eventually(heartbeat, lambda beat: beat > began) > began
