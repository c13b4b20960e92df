"""Runs pause, resume, change turns and priorities; what asks for it while they train is kept."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import tiny
from tests.runs.test_store import report


def statuses(store: Store) -> list[str]:
    return [run.status for run in store.runs()]


def turns(store: Store) -> list[str]:
    return [one.run_id[-4:] for one in Ledger(store).waiting(99)]


@pytest.fixture
def four(store, tmp_path):
    """A store with four waiting runs, and their ids."""
    store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
    return store, [run.id for run in store.runs()]


def test_paused_runs_wait_outside_the_queue_and_come_back_to_their_turn(four):
    store, runs = four
    store.pause(runs[1])
    assert statuses(store) == ["queued", "paused", "queued", "queued"]
    assert turns(store) == ["0000", "0002", "0003"]
    assert [run.turn for run in store.runs()] == [1, None, 2, 3]
    assert store.experiments()[0].paused == 1
    store.resume(runs[1])
    assert turns(store) == ["0000", "0001", "0002", "0003"]


def test_a_training_run_pauses_when_its_worker_has_stopped_and_keeps_its_epochs(four):
    store, runs = four
    ledger = Ledger(store)
    claim = ledger.claim(runs[0])
    ledger.record(claim, report())
    store.pause_all()
    assert [(run.status, run.pausing) for run in store.runs()][:2] == [
        ("running", True), ("paused", False),
    ]  # fmt: skip
    assert ledger.should_stop(claim)
    ledger.end(runs[0], claim.process, "stopped", "Stopped on request.")
    run = store.runs()[0]
    assert (run.status, run.message, run.epoch, run.is_open) == ("paused", "", 1, False)
    assert store.events()[0].kind == "paused"
    store.resume_all()
    assert statuses(store) == ["queued"] * 4


def test_a_run_resumed_while_it_pauses_waits_again_at_once(four):
    store, runs = four
    ledger = Ledger(store)
    claim = ledger.claim(runs[0])
    store.pause(runs[0])
    store.resume(runs[0])
    assert next(run.again for run in store.runs())
    ledger.end(runs[0], claim.process, "stopped", "Stopped on request.")
    assert statuses(store)[0] == "queued"


def test_a_stop_outweighs_a_pause_and_not_the_other_way_round(four):
    store, runs = four
    ledger = Ledger(store)
    claims = [ledger.claim(run) for run in runs[:2]]
    store.pause(runs[0])
    store.stop(runs[0])
    store.stop(runs[1])
    store.pause(runs[1])
    for run, claim in zip(runs[:2], claims, strict=True):
        ledger.end(run, claim.process, "stopped", "Stopped on request.")
    assert statuses(store)[:2] == ["stopped", "stopped"]


def test_paused_runs_can_be_stopped_and_asked_for_again(four, tmp_path):
    store, runs = four
    store.pause_all()
    store.stop(runs[0])
    assert statuses(store) == ["stopped", "paused", "paused", "paused"]
    store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
    assert statuses(store) == ["queued"] * 4


def test_higher_priorities_start_first_and_keep_their_order(four):
    store, runs = four
    store.prioritise([runs[3], runs[2]], 1)
    assert turns(store) == ["0002", "0003", "0000", "0001"]
    assert [run.turn for run in store.runs()] == [3, 4, 1, 2]
    store.prioritise([runs[0]], -1)
    assert turns(store) == ["0002", "0003", "0001", "0000"]


def test_later_experiments_come_behind(four, tmp_path):
    store, _ = four
    later = store.add_experiment(tiny(tmp_path, epochs=9))
    assert [one.experiment_id == later for one in Ledger(store).waiting(9)] == [False] * 4 + [True] * 2  # fmt: skip


@pytest.mark.parametrize(
    ("moved", "before", "expected"),
    [
        (3, 0, ["0003", "0000", "0001", "0002"]),
        (0, None, ["0001", "0002", "0003", "0000"]),
        (0, 2, ["0001", "0000", "0002", "0003"]),
        (1, 1, ["0000", "0002", "0003", "0001"]),
    ],
)
def test_a_run_takes_the_turn_before_another(four, moved, before, expected):
    store, runs = four
    store.move(runs[moved], None if before is None else runs[before])
    assert turns(store) == expected


def test_a_run_that_trains_is_not_moved_and_none_moves_beside_itself(four):
    store, runs = four
    Ledger(store).claim(runs[0])
    store.move(runs[0], runs[3])
    store.move(runs[1], None)
    assert turns(store) == ["0002", "0003", "0001"]


def test_moving_among_priorities_takes_the_neighbour_s(four):
    store, runs = four
    store.prioritise([runs[3]], 5)
    store.move(runs[0], runs[3])
    assert turns(store) == ["0000", "0003", "0001", "0002"]
    assert {run.id: run.priority for run in store.runs()}[runs[0]] == 5


def test_a_thousand_moves_to_the_same_place_find_room(four):
    store, runs = four
    for step in range(200):
        store.move(runs[1 + step % 2], runs[0] if step % 3 else runs[3])
    store.move(runs[0], runs[3])
    order = turns(store)
    assert sorted(order) == ["0000", "0001", "0002", "0003"]
    assert order.index("0000") == order.index("0003") - 1


@settings(max_examples=25, deadline=None)
@given(
    moves=st.lists(
        st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 5))), max_size=30
    )
)
def test_the_queue_follows_a_list(tmp_path_factory, moves):
    folder = tmp_path_factory.mktemp("moves")
    store = Store.open(folder / "store")
    store.add_experiment(tiny(folder, seeds=(0, 1, 2)))
    ids = [run.id for run in store.runs()]
    order = list(ids)
    for moved, before in moves:
        one, other = ids[moved], None if before is None else ids[before]
        store.move(one, other)
        order.remove(one)
        order.insert(order.index(other) if other in order else len(order), one)
    assert [one.run_id for one in Ledger(store).waiting(9)] == order


def test_a_dead_worker_s_run_that_was_to_pause_is_paused(four):
    store, runs = four
    ledger = Ledger(store)
    claims = [ledger.claim(run) for run in runs[:2]]
    store.pause(runs[0])
    store.stop(runs[1])
    for run, claim in zip(runs[:2], claims, strict=True):
        ledger.bury(run, claim.process, "was killed (signal 9)")
    assert statuses(store)[:2] == ["paused", "stopped"]
