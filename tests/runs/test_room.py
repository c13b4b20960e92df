"""Runs start where there is a slot, a GPU if they want one, and memory; time left is probed."""

from __future__ import annotations

import time

import pytest

from masklab.runs import capacity, probe
from masklab.runs.ledger import Running, Waiting
from masklab.runs.store import Store
from masklab.runs.supervisor import Child, Room
from masklab.runs.timing import seconds_left
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.runs.conftest import tiny

GIB = 1 << 30


def waiting(memory: int | None = None, device: str = "cpu", name: str = "one") -> Waiting:
    return Waiting(name, 0, "e", memory, device)


def training(device: str = "cpu", name: str = "busy") -> Running:
    return Running(name, 1, "1@1", 3, 0, device)


@pytest.fixture
def machine(monkeypatch):
    """Set a machine's free memory and GPUs."""

    def of(free: int, *gpus: str) -> None:
        monkeypatch.setattr(capacity, "free_memory", lambda: free)
        monkeypatch.setattr(capacity, "gpus", lambda: gpus)

    return of


def test_slots_bound_the_runs_on_the_processor(machine):
    machine(100 * GIB)
    assert Room(2, [training()], [], 0).fits(waiting(), "")
    assert not Room(1, [training()], [], 0).fits(waiting(), "")
    assert not Room(2, [training()], [], 1).fits(waiting(), "")  # a probe takes a slot too


def test_memory_bounds_them_but_one_alone_may_start(machine):
    machine(GIB)
    room = Room(4, [training()], [], 0)
    assert room.fits(waiting(GIB // 2), "")
    room.take(waiting(GIB // 2), "")
    assert not room.fits(waiting(GIB), "")
    assert Room(4, [], [], 0).fits(waiting(8 * GIB), "")


def test_a_worker_that_has_just_started_counts_with_what_it_will_take(machine):
    machine(GIB)
    child = Child(None, waiting(900 << 20, name="busy"), "", time.monotonic())
    assert not Room(4, [], [child], 0).fits(waiting(GIB // 2), "")
    grown = Child(None, waiting(900 << 20, name="busy"), "", time.monotonic() - 60)
    assert Room(4, [], [grown], 0).fits(waiting(GIB // 2), "")


def test_a_gpu_trains_one_run_beside_those_on_the_processor(machine):
    machine(100 * GIB, "0", "1")
    room = Room(1, [training("cuda:0", "adopted")], [], 0)
    wants = waiting(device="cuda")
    assert room.gpu_for(wants) == "1"
    assert room.fits(wants, "1")
    room.take(wants, "1")
    assert room.gpu_for(wants) is None
    assert not room.fits(wants, None)
    assert room.fits(waiting(), room.gpu_for(waiting()))


def test_without_gpus_a_run_that_would_take_one_takes_a_slot(machine):
    machine(100 * GIB)
    assert Room(1, [], [], 0).gpu_for(waiting(device="auto")) == ""


def test_the_machine_s_free_memory_is_known():
    assert capacity.free_memory() > 0


@pytest.mark.parametrize(("said", "expected"), [("", ()), ("0", ("0",)), ("1, 3", ("1", "3"))])
def test_gpus_are_those_that_the_process_may_use(monkeypatch, said, expected):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", said)
    capacity.gpus.cache_clear()
    assert capacity.gpus() == expected
    capacity.gpus.cache_clear()


def test_a_probe_tells_what_an_epoch_takes_without_touching_a_run(tmp_path):
    store = Store.open(tmp_path / "store")
    identity = store.add_experiment(tiny(tmp_path))
    probe.probe(str(store.directory), identity)
    paces = store.fact(identity, probe.FACT)
    assert set(paces) == {"zero_fill", "carry"}
    assert all(0 < seconds < 60 for seconds in paces.values())
    assert store.fact(identity, "naive")
    runs = store.runs(identity)
    assert [run.epoch for run in runs] == [0, 0]
    assert all(run.seconds_left is not None for run in runs)


def test_batches_that_are_tried_are_those_of_an_epoch(tmp_path):
    plan = tiny(tmp_path)
    prepared = prepare(plan, plan.load_panel(tmp_path))
    run = Run(prepared, plan.strategies[0], 0, plan.model, plan.training)
    assert run.training_batches == 1  # 64 windows in batches of 64
    assert run.scoring_batches == 1
    assert all(seconds > 0 for seconds in run.try_batches(1))


def test_an_experiment_that_can_t_be_tried_is_left_to_its_runs(tmp_path):
    store = Store.open(tmp_path / "store")
    task = {"kind": "forecast", "window": 5000, "horizon": 2}
    identity = store.add_experiment(tiny(tmp_path, task=task))
    probe.probe(str(store.directory), identity)
    assert store.fact(identity, probe.FACT) == {}


def row(name: str, status: str, strategy: str, epoch: int = 0, seconds: float = 0.0) -> dict:
    return {
        "id": name, "experiment_id": "e", "strategy": strategy, "status": status,
        "epoch": epoch, "epochs": 10, "seconds": seconds,
    }  # fmt: skip


def test_time_left_is_measured_then_probed_then_guessed_from_others():
    rows = [
        row("a", "running", "carry", epoch=5, seconds=10.0),
        row("b", "queued", "carry"),
        row("c", "queued", "rits"),
        row("d", "queued", "decay"),
    ]
    left = seconds_left(rows, 1, {"e": {"carry": 99.0, "rits": 4.0}})
    assert left == {"a": 10.0, "b": 30.0, "c": 70.0, "d": 90.0}


def test_a_run_that_goes_on_takes_what_is_left_of_it():
    rows = [row("a", "queued", "carry", epoch=8, seconds=16.0)]
    assert seconds_left(rows, 1) == {"a": 4.0}
