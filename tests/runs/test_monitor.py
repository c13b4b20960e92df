"""Runs summed up for a sidebar, and the time they still take."""

from __future__ import annotations

import pytest

from masklab.runs.monitor import progress
from masklab.runs.rows import RunRow
from masklab.runs.timing import seconds_left, slots


def row(status: str, epoch: int = 0, left: float | None = None, epochs: int = 10) -> RunRow:
    return RunRow(
        id="x", experiment_id="x", strategy="carry", strategy_json="{}", seed=0, status=status,
        epoch=epoch, epochs=epochs, best_score=None, seconds=0, seconds_left=left, message="",
        stopping=False, created=0, started=None, ended=None,
    )  # fmt: skip


def test_runs_that_ended_early_leave_nothing_to_do():
    now = progress(
        [row("finished", 4), row("failed", 2), row("stopped", 0), row("running", 5, 3.0)]
    )
    assert (now.epochs_done, now.epochs, now.share) == (35, 40, 0.875)
    assert (now.total, now.is_open, now.seconds_left) == (4, True, 3.0)


def test_epochs_of_an_earlier_attempt_count_for_it_goes_on_from_there():
    assert progress([row("queued", 7, 1.0)]).epochs_done == 7


def test_the_time_left_is_that_of_the_last_run_and_unknown_while_one_is():
    assert progress([row("running", 1, 3.0), row("queued", 0, 9.0)]).seconds_left == 9
    assert progress([row("running", 1, 3.0), row("queued", 0, None)]).seconds_left is None


def test_nothing_to_do_is_done():
    now = progress([])
    assert (now.total, now.share, now.is_open, now.seconds_left) == (0, 1.0, False, 0.0)


def entry(name: str, status: str, epoch: int = 0, seconds: float = 0.0, **more: str) -> dict:
    entries = {"experiment_id": "x", "strategy": "carry", "epochs": 10}
    return {"id": name, "status": status, "epoch": epoch, "seconds": seconds} | entries | more


def test_a_waiting_run_starts_when_a_slot_is_free():
    runs = [entry("a", "running", 4, 4.0), entry("b", "running", 8, 8.0)]
    waiting = [entry(name, "queued") for name in "cde"]
    # a ends in 6 s, b in 2 s: c goes after b, d after a, e after c.
    assert seconds_left([*runs, *waiting], 2) == {"a": 6, "b": 2, "c": 12, "d": 16, "e": 22}


def test_a_strategy_s_own_pace_comes_before_that_of_others():
    runs = [
        entry("quick", "finished", 10, 10.0),
        entry("slow", "finished", 10, 50.0, strategy="indicator"),
        entry("next quick", "queued"),
        entry("next slow", "queued", strategy="indicator"),
        entry("unknown", "queued", strategy="reset"),
    ]
    assert seconds_left(runs, 3) == {"next quick": 10, "next slow": 50, "unknown": 30}


def test_runs_are_expected_to_end_as_early_as_those_before():
    runs = [entry("a", "finished", 4, 4.0), entry("b", "queued"), entry("c", "running", 9, 9.0)]
    assert seconds_left(runs, 2) == {"b": 4, "c": 1}


def test_without_a_pace_nothing_is_promised():
    runs = [entry("a", "running"), entry("b", "queued")]
    assert seconds_left(runs, 2) == {}
    assert seconds_left([], 2) == {}


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_more_running_than_slots_are_all_counted(at_once):
    runs = [entry(str(number), "running", 5, 5.0) for number in range(4)]
    assert set(seconds_left(runs, at_once).values()) == {5.0}


def test_there_is_a_slot_for_each_core():
    assert slots() >= 1
