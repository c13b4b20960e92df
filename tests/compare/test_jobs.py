"""Computations beside the app: each once, whoever asks; what goes wrong is said, nothing hangs."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
import types
from concurrent.futures import ThreadPoolExecutor

import pytest

from masklab.compare import jobs
from masklab.compare.other_masks import Asked, at_rates, nothing_hidden
from masklab.errors import ExperimentError
from masklab.runs.processes import identity as process_identity
from masklab.runs.store import Store
from tests.compare.trained_cases import tiny, train
from tests.conftest import wait_until

KIND = "doubled"


@pytest.fixture
def store(store_directory) -> Store:
    return Store.open(store_directory)


@pytest.fixture
def experiment(store, tmp_path) -> str:
    return store.add_experiment(tiny(tmp_path), ".")


@pytest.fixture
def kind(monkeypatch):
    """A kind of job whose computation a test can set; it hears (arguments, tell)."""
    module = types.ModuleType("masklab.compare.doubled")
    module.compute = lambda store, experiment_id, arguments, tell: 2 * arguments["n"]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(jobs.KINDS, KIND, module.__name__)
    monkeypatch.setattr(jobs, "find_spec", lambda name: None)
    monkeypatch.setattr(jobs, "_TOLD_EVERY", 0.0)
    return module


@pytest.fixture
def started(monkeypatch):
    """The commands of processes that would have been started; this process stands for each."""
    commands = []

    def start(directory, command):
        commands.append(command)
        return types.SimpleNamespace(pid=os.getpid())

    monkeypatch.setattr(jobs, "start_detached", start)
    return commands


def options(command) -> dict[str, str]:
    return dict(zip(command.arguments[::2], command.arguments[1::2], strict=True))


def work(store, command) -> object:
    """Do what the process of a command does."""
    told = options(command)
    fact = store.fact(told["--experiment"], told["--name"])
    return jobs._run(
        store, told["--experiment"], told["--kind"], told["--name"], fact["asked"], told["--token"]
    )


def test_nothing_was_asked(store, experiment, kind):
    assert jobs.job_of(store, experiment, KIND, {"n": 1}) is None


def test_a_result_is_kept_and_found_by_its_arguments(store, experiment, kind):
    assert jobs.run(store, experiment, KIND, {"n": 2, "m": 0}) == 4
    found = jobs.job_of(store, experiment, KIND, {"m": 0, "n": 2})
    assert (found.status, found.done, found.result, found.message) == ("finished", 1, 4, "")
    assert found.asked is None
    assert jobs.job_of(store, experiment, KIND, {"n": 3}) is None


def test_what_was_computed_by_other_code_is_computed_anew(
    store, experiment, kind, monkeypatch, tmp_path
):
    code = tmp_path / "doubled.py"
    code.write_text("one")
    monkeypatch.setattr(jobs, "find_spec", lambda name: types.SimpleNamespace(origin=str(code)))
    jobs.run(store, experiment, KIND, {"n": 2})
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).result == 4
    code.write_text("two")
    assert jobs.job_of(store, experiment, KIND, {"n": 2}) is None


def test_many_that_ask_at_once_start_one_process(store, experiment, kind, started):
    barrier = threading.Barrier(8)

    def ask(_: int) -> None:
        barrier.wait()
        jobs.start(store, experiment, KIND, {"n": 2})

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))
    assert len(started) == 1
    assert work(store, started[0]) == 4
    jobs.start(store, experiment, KIND, {"n": 2})
    assert len(started) == 1


def test_progress_and_time_left_are_told(store, experiment, kind):
    seen = []

    def compute(store, experiment_id, arguments, tell):
        for done in (0.25, 0.5, 7.0):
            tell(done)
            seen.append(jobs.job_of(store, experiment, KIND, {"n": 2}))
        return 1

    kind.compute = compute
    jobs.run(store, experiment, KIND, {"n": 2})
    assert [(one.status, one.done) for one in seen] == [
        ("running", 0.25),
        ("running", 0.5),
        ("running", 1.0),
    ]
    assert seen[1].seconds_left(seen[1].began + 10) == pytest.approx(10)
    assert seen[0].seconds_left(seen[0].began + 10) == pytest.approx(30)
    assert jobs.Job("running").seconds_left(5.0) is None
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).seconds_left(time.time()) is None


@pytest.mark.parametrize(
    "case",
    [
        (ExperimentError("No window is left. Lengthen the split."), "No window is left"),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError: division by zero. The store's"),
        (RuntimeError(), "RuntimeError: no more is known"),
    ],
)
def test_a_failure_says_why_and_can_be_tried_again(store, experiment, kind, started, case):
    error, said = case

    def compute(*_):
        raise error

    kind.compute = compute
    jobs.start(store, experiment, KIND, {"n": 2})
    with pytest.raises(type(error)):
        work(store, started[0])
    found = jobs.job_of(store, experiment, KIND, {"n": 2})
    assert found.status == "failed"
    assert found.message.startswith(said)
    kind.compute = lambda *_: "now"
    jobs.start(store, experiment, KIND, {"n": 2})
    assert work(store, started[1]) == "now"
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).status == "finished"


def test_a_result_that_is_no_json_is_a_failure(store, experiment, kind):
    kind.compute = lambda *_: object()
    with pytest.raises(TypeError):
        jobs.run(store, experiment, KIND, {"n": 2})
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).status == "failed"


def test_a_process_that_is_gone_is_seen_at_once(store, experiment, kind, started, monkeypatch):
    jobs.start(store, experiment, KIND, {"n": 2})
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).status == "running"
    monkeypatch.setattr(jobs, "is_alive", lambda pid, name: False)
    found = jobs.job_of(store, experiment, KIND, {"n": 2})
    assert found.status == "failed"
    assert "was ended" in found.message
    jobs.start(store, experiment, KIND, {"n": 2})
    assert len(started) == 2


def test_one_that_was_taken_for_dead_writes_nothing_over_its_successor(
    store, experiment, kind, started, monkeypatch
):
    jobs.start(store, experiment, KIND, {"n": 2})
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "is_alive", lambda pid, name: False)
        jobs.start(store, experiment, KIND, {"n": 2})
    with pytest.raises(jobs.TakenAwayError):
        work(store, started[0])
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).status == "running"
    assert work(store, started[1]) == 4


@pytest.mark.parametrize("way", ["stop", "delete"])
def test_a_computation_ends_when_it_is_stopped_or_its_experiment_deleted(
    store, experiment, kind, started, way
):
    told = []

    def compute(store, experiment_id, arguments, tell):
        tell(0.1)
        if way == "stop":
            jobs.stop(store, experiment_id, KIND, arguments)
        else:
            store.delete_experiment(experiment_id)
        told.append("before")
        tell(0.2)
        told.append("after")

    kind.compute = compute
    jobs.start(store, experiment, KIND, {"n": 2})
    with pytest.raises(jobs.TakenAwayError):
        work(store, started[0])
    assert told == ["before"]
    found = jobs.job_of(store, experiment, KIND, {"n": 2})
    assert found is None if way == "delete" else found.message == "It was stopped."


def test_to_stop_what_is_done_changes_nothing(store, experiment, kind):
    jobs.stop(store, experiment, KIND, {"n": 2})
    assert jobs.job_of(store, experiment, KIND, {"n": 2}) is None
    jobs.run(store, experiment, KIND, {"n": 2})
    jobs.stop(store, experiment, KIND, {"n": 2})
    assert jobs.job_of(store, experiment, KIND, {"n": 2}).status == "finished"


def test_where_no_process_can_be_started_it_is_said(store, experiment, kind, monkeypatch):
    def start(directory, command):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(jobs, "start_detached", start)
    jobs.start(store, experiment, KIND, {"n": 2})
    found = jobs.job_of(store, experiment, KIND, {"n": 2})
    assert found.status == "failed"
    assert "Resource temporarily unavailable" in found.message


@pytest.mark.parametrize("left", [[], {"status": "running", "colour": 1}, {"done": 1}, "x"])
def test_what_another_version_wrote_is_computed_anew(store, experiment, kind, left):
    store.set_fact(experiment, jobs._name(KIND, {"n": 2}), left)
    assert jobs.job_of(store, experiment, KIND, {"n": 2}) is None
    assert jobs.run(store, experiment, KIND, {"n": 2}) == 4


def test_one_is_computed_at_a_time_and_one_that_waits_can_be_ended(store, experiment, monkeypatch):
    monkeypatch.setattr(jobs, "_LOOK_EVERY", 0.01)

    def check() -> None:
        raise jobs.TakenAwayError

    with (
        jobs._turn(store.directory, check),
        pytest.raises(jobs.TakenAwayError),
        jobs._turn(store.directory, check),
    ):
        pytest.fail("Two have their turn at once.")
    with jobs._turn(store.directory, check):
        pass


@pytest.fixture
def trained(store, tmp_path) -> tuple[str, dict]:
    identity = train(store, tiny(tmp_path, seeds=[0]))
    masks = (nothing_hidden(), *at_rates("mcar"))
    runs = tuple(run.id for run in store.runs(identity))
    return identity, Asked(masks=masks, runs=runs).arguments()


def test_a_real_process_computes_what_this_one_does(store, trained):
    identity, arguments = trained
    jobs.start(store, identity, "cross", arguments)
    wait_until(
        lambda: jobs.job_of(store, identity, "cross", arguments).status != "running", seconds=120
    )
    found = jobs.job_of(store, identity, "cross", arguments)
    assert found.message == ""
    assert found.result == jobs.run(store, identity, "cross", arguments)


def test_a_real_process_that_is_killed_is_seen_to_be_gone(store, trained):
    identity, arguments = trained
    jobs.start(store, identity, "cross", arguments)
    pid = jobs.job_of(store, identity, "cross", arguments).pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: process_identity(pid) is None)
    assert jobs.job_of(store, identity, "cross", arguments).status == "failed"
