"""Moving waiting runs within the queue: several at once, across priorities."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from masklab.runs.executing import ensure_training
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import LONG, eventually, tiny


@pytest.fixture
def ids(store: Store, tmp_path: Path) -> list[str]:
    """Six waiting runs, in their turns."""
    store.add_experiment(tiny(tmp_path, seeds=(0, 1, 2)), tmp_path)
    return turns(store)


def turns(store: Store) -> list[str]:
    waiting = [run for run in store.runs() if run.turn]
    return [run.id for run in sorted(waiting, key=lambda run: run.turn or 0)]


def test_runs_go_to_the_front_in_their_own_order(store: Store, ids: list[str]):
    store.arrange([ids[4], ids[2]], "first")
    assert turns(store) == [ids[2], ids[4], ids[0], ids[1], ids[3], ids[5]]
    assert [run.run_id for run in Ledger(store).waiting(9)] == turns(store)


def test_runs_go_to_the_end_in_their_own_order(store: Store, ids: list[str]):
    store.arrange([ids[0], ids[3]], "last")
    assert turns(store) == [ids[1], ids[2], ids[4], ids[5], ids[0], ids[3]]


def test_up_and_down_change_turns_with_one_neighbour(store: Store, ids: list[str]):
    store.arrange([ids[1], ids[4]], "up")
    assert turns(store) == [ids[1], ids[0], ids[2], ids[4], ids[3], ids[5]]
    store.arrange([ids[1], ids[4]], "down")
    assert turns(store) == ids


def test_those_at_the_end_of_their_way_stay(store: Store, ids: list[str]):
    store.arrange(ids[:2], "up")
    store.arrange(ids[4:], "down")
    store.arrange(ids, "first")
    assert turns(store) == ids


def test_a_run_takes_the_priority_of_its_new_place(store: Store, ids: list[str]):
    store.prioritise(ids[:2], 1)
    store.arrange([ids[5]], "first")
    assert turns(store)[0] == ids[5]
    store.arrange([ids[0]], "last")
    assert turns(store)[-1] == ids[0]
    assert {run.id: run.priority for run in store.runs()}[ids[0]] == 0


def test_training_and_paused_runs_have_no_turn_to_change(store: Store, ids: list[str]):
    Ledger(store).claim(ids[0])
    store.pause(ids[1])
    store.arrange(ids[:2], "last")
    assert turns(store) == ids[2:]


def test_any_moves_keep_every_run_in_one_turn(store: Store, ids: list[str]):
    draw = random.Random(5)  # noqa: S311 - turns, not secrets
    for _ in range(60):
        chosen = draw.sample(ids, draw.randint(1, 4))
        if draw.random() < 0.2:
            store.prioritise(chosen, draw.randint(-1, 1))
        where = draw.choice(["first", "up", "down", "last"])
        before = turns(store)
        store.arrange(chosen, where)
        after = turns(store)
        assert sorted(after) == sorted(ids)
        rest = [one for one in before if one not in chosen]
        assert [one for one in after if one not in chosen] == rest, "others keep their order"
        if where in ("first", "last"):
            ours = [one for one in before if one in chosen]
            assert after == (ours + rest if where == "first" else rest + ours)


def test_what_is_present_leaves_out_experiments_that_are_done(store: Store, ids: list[str]):
    assert [run.id for run in store.present(0)] == ids
    store.stop_all()
    assert [run.id for run in store.present(0)] == ids
    ended = max(run.ended or 0 for run in store.runs())
    assert store.present(ended + 1) == []
    store.retry(ids[0])
    store.pause(ids[0])
    assert len(store.present(ended + 1)) == len(ids)


def test_the_time_left_counts_the_runs_at_once_that_are_set(store: Store, ids: list[str]):
    store.set_fact(store.experiments()[0].id, "probe", {"zero_fill": 1.0, "carry": 1.0})
    for slots, left in ((1, 18.0), (6, 3.0)):
        store.set_setting("executor", {"kind": "local", "slots": slots})
        assert max(run.seconds_left or 0 for run in store.runs()) == left


def test_events_are_those_of_a_run_an_experiment_or_all(store: Store, ids: list[str]):
    for one in ids[:2]:
        Ledger(store).claim(one)
    assert [event.run_id for event in store.events(run_id=ids[1])] == [ids[1]]
    assert len(store.events(store.experiments()[0].id)) == len(store.events()) >= 2
    assert store.events("another") == []


def test_a_supervisor_obeys_the_slots_that_are_set_while_it_works(store: Store, tmp_path: Path):
    store.add_experiment(tiny(tmp_path, epochs=LONG, seeds=(0, 1)), tmp_path)
    store.set_setting("executor", {"kind": "local", "slots": 1})
    ensure_training(store)

    def training() -> int:
        return sum(run.epoch > 0 for run in store.runs())

    eventually(training, lambda count: count == 1)
    store.set_setting("executor", {"kind": "local", "slots": 3})
    eventually(training, lambda count: count == 3)
    assert sum(run.status == "running" for run in store.runs()) == 3
