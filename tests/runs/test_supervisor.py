"""Real workers under a real supervisor: they finish, stop, die, and outlive their supervisor."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import masklab
from masklab.errors import StoreError
from masklab.runs.executors import local
from masklab.runs.executors.local import LOG_NAME, LocalExecutor
from masklab.runs.keeper import keep
from masklab.runs.ledger import Ledger
from masklab.runs.lock import is_held
from masklab.runs.processes import identity
from masklab.runs.schema import CELLS
from masklab.runs.store import Store
from tests.runs.conftest import (
    LONG,
    eventually,
    processes_end,
    run_of,
    supervisor_pid,
    tiny,
    until,
    until_ended,
    worker_pid,
)


def trains(run) -> bool:
    return run.status == "running" and run.epoch >= 2


@pytest.fixture
def pair(served, tmp_path):
    """Two runs that train side by side for as long as the test lasts."""
    experiment = served.add_experiment(tiny(tmp_path, epochs=LONG))
    runs = [until(served, run.id, trains) for run in served.runs(experiment)]
    yield runs
    served.delete_experiment(experiment)


def test_scores_by_store_and_supervisor_equal_those_in_this_process_bit_for_bit(served, tmp_path):
    experiment = tiny(tmp_path, epochs=3, seeds=(0, 7))
    identity_ = served.add_experiment(experiment)
    runs = until_ended(served, identity_)
    assert [(run.status, run.epoch, run.message) for run in runs] == [("finished", 3, "")] * 4
    stored = served.reports(identity_).to_dict("records")
    direct = list(masklab.train(experiment))
    assert len(stored) == len(direct) == 12
    for row, report in zip(stored, direct, strict=True):
        assert (row["strategy"], row["seed"], row["epoch"]) == (report.strategy, report.seed, report.epoch)  # fmt: skip
        assert row["training_loss"] == report.training_loss
        assert row["is_best"] == report.is_best
        for cells in CELLS:
            for name, value in vars(getattr(report, cells)).items():
                assert row[f"{cells}_{name}"] == value


def test_the_same_experiment_again_does_not_train_again(served, tmp_path):
    experiment = tiny(tmp_path, epochs=2)
    first = served.add_experiment(experiment)
    runs, reports = until_ended(served, first), served.reports(first)
    assert served.add_experiment(experiment) == first
    assert served.runs(first) == runs
    assert served.reports(first).equals(reports)


def test_two_slots_train_two_runs_at_once(served, pair):
    assert [run.status for run in served.runs(pair[0].experiment_id)] == ["running", "running"]
    pids = {worker_pid(served, run.id) for run in pair}
    assert len(pids) == 2
    for pid in pids:
        assert psutil.Process(pid).num_threads() < 10
    seen = [until(served, run.id, lambda now, run=run: now.epoch > run.epoch) for run in pair]
    assert [run.status for run in seen] == ["running", "running"]


def test_a_third_run_waits_for_a_slot(served, pair, tmp_path):
    later = served.add_experiment(tiny(tmp_path, epochs=1))
    until(served, pair[0].id, lambda run: run.epoch > pair[0].epoch + 3)
    assert [run.status for run in served.runs(later)] == ["queued", "queued"]
    served.stop(pair[0].id)
    assert {run.status for run in until_ended(served, later)} == {"finished"}


def test_a_stopped_run_keeps_its_epochs_and_harms_no_other(served, pair):
    stopped, other = pair
    served.stop(stopped.id)
    run = until(served, stopped.id, lambda run: not run.is_open)
    assert (run.status, run.message) == ("stopped", "Stopped on request.")
    assert run.epoch >= stopped.epoch
    reports = served.reports(run.experiment_id)
    assert reports[reports["run_id"] == run.id]["epoch"].tolist() == list(range(1, run.epoch + 1))
    assert until(served, other.id, lambda now: now.epoch > other.epoch + 2).status == "running"


def test_a_killed_worker_s_run_goes_on_in_another_and_harms_no_other(served, pair):
    killed, other = pair
    pid = worker_pid(served, killed.id)
    os.kill(pid, signal.SIGKILL)
    before = run_of(served, killed.id).epoch
    run = until(served, killed.id, lambda run: run.status == "running" and run.epoch > before + 2)
    assert worker_pid(served, run.id) != pid
    said = [event for event in served.events(run.experiment_id) if event.kind == "died"]
    assert said[0].text.startswith("The worker process was killed (signal 9) after epoch ")
    reports = served.reports(run.experiment_id).query("run_id == @run.id")["epoch"].tolist()
    assert reports == list(range(1, len(reports) + 1))
    assert len(reports) >= run.epoch
    assert until(served, other.id, lambda now: now.epoch > other.epoch + 2).status == "running"


def test_deleting_an_experiment_ends_its_workers(served, pair):
    pids = [worker_pid(served, run.id) for run in pair]
    served.delete_experiment(pair[0].experiment_id)
    eventually(lambda: [identity(pid) for pid in pids], lambda names: names == [None, None])
    assert len(served.reports(pair[0].experiment_id)) == 0
    assert all(run.experiment_id != pair[0].experiment_id for run in served.runs())


def test_a_run_that_can_t_be_prepared_fails_with_the_reason_alone(served, tmp_path):
    experiment = tiny(tmp_path, task={"kind": "forecast", "window": 5000, "horizon": 2})
    first, _ = until_ended(served, served.add_experiment(experiment))
    assert first.status == "failed"
    assert "Traceback" not in first.message
    assert "window" in first.message
    events = [event for event in served.events(first.experiment_id) if event.run_id == first.id]
    assert [event.kind for event in events] == ["failed", "started"]
    assert "Traceback" in events[0].text


def test_notes_and_baselines_are_known_when_a_run_has_ended(served, tmp_path):
    experiment = served.add_experiment(tiny(tmp_path, epochs=1))
    until_ended(served, experiment)
    assert set(served.fact(experiment, "naive")) >= {"last_value", "mean"}
    assert isinstance(served.fact(experiment, "notes"), list)


def test_one_supervisor_looks_after_a_store(served):
    eventually(lambda: is_held(served.directory))
    pid = supervisor_pid(served.directory)
    executor = LocalExecutor(slots=2)
    executor.ensure(served)
    other = executor._start(served.directory)  # as another app would, at the same moment
    assert other.wait(timeout=60) == 0
    assert supervisor_pid(served.directory) == pid


def test_runs_outlive_their_supervisor_and_the_next_one_adopts_them(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        executor = LocalExecutor(slots=2)
        executor.ensure(store)
        experiment = store.add_experiment(tiny(tmp_path, epochs=400, seeds=(0, 1)))
        pair = [until(store, run.id, trains) for run in store.runs(experiment)[:2]]
        pids = [worker_pid(store, run.id) for run in pair]
        first = supervisor_pid(store.directory)
        os.kill(first, signal.SIGKILL)
        eventually(lambda: supervisor_pid(store.directory) is None)
        orphaned = [until(store, run.id, lambda now, run=run: now.epoch > run.epoch) for run in pair]  # fmt: skip
        assert [worker_pid(store, run.id) for run in orphaned] == pids

        executor.ensure(store)
        eventually(lambda: supervisor_pid(store.directory) not in (None, first))
        runs = until_ended(store, experiment)
        assert [(run.status, run.epoch) for run in runs] == [("finished", 400)] * 4
        reports = store.reports(experiment)
        assert reports.groupby("run_id")["epoch"].apply(list).tolist() == [list(range(1, 401))] * 4
        starts = [event.kind for event in store.events(experiment)].count("started")
        assert starts == 4  # nothing was trained twice
        with store.database.read() as db:
            assert [row[0] for row in db.execute("SELECT starts FROM runs")] == [1] * 4


def test_workers_that_died_with_their_supervisor_are_found_dead(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        LocalExecutor(slots=1).ensure(store)
        experiment = store.add_experiment(tiny(tmp_path, epochs=LONG))
        run = until(store, store.runs(experiment)[0].id, trains)
        pid = worker_pid(store, run.id)
        os.kill(supervisor_pid(store.directory), signal.SIGKILL)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: identity(pid) is None)
        eventually(lambda: not is_held(store.directory))
        LocalExecutor(slots=1).ensure(store)
        seen = run_of(store, run.id).epoch
        until(store, run.id, lambda now: now.status == "running" and now.epoch > seen)
        said = [event.text for event in store.events(experiment) if event.kind == "died"]
        assert said[0].startswith("The worker process died unseen after epoch ")


def test_after_an_update_runs_are_trained_by_the_new_code(tmp_path):
    here = Path(masklab.__file__).parent
    copied = shutil.copytree(
        here, tmp_path / "installed" / "masklab", ignore=shutil.ignore_patterns("__pycache__")
    )
    with processes_end(Store(tmp_path / "store")) as store:
        command = [sys.executable, "-m", "masklab.runs.supervisor", "--store", str(store.directory)]
        environment = {**os.environ, "PYTHONPATH": str(copied.parent)}
        with (tmp_path / LOG_NAME).open("wb") as log:
            process = subprocess.Popen(
                [*command, "--idle", "60"], stderr=log, env=environment, cwd=tmp_path
            )
        eventually(lambda: is_held(store.directory))
        with (copied / "errors.py").open("a") as updated:
            updated.write("# a newer version\n")
        runs = until_ended(store, store.add_experiment(tiny(tmp_path, epochs=2)))
        assert [(run.status, run.message) for run in runs] == [("finished", "")] * 2
        assert process.poll() is None
        assert "has changed: the supervisor starts anew" in (tmp_path / LOG_NAME).read_text()
        process.kill()
        process.wait(timeout=10)


def test_a_supervisor_goes_when_nothing_is_left_to_do_and_leaves_no_zombie(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        executor = LocalExecutor(slots=1, idle_seconds=0)
        for epochs in (1, 2):
            experiment = store.add_experiment(tiny(tmp_path, epochs=epochs))
            executor.ensure(store)
            pid = eventually(lambda: supervisor_pid(store.directory))
            assert {run.status for run in until_ended(store, experiment)} == {"finished"}
            eventually(lambda pid=pid: not psutil.pid_exists(pid))
        assert "Traceback" not in (store.directory / LOG_NAME).read_text()


def test_a_supervisor_that_breaks_down_is_told_once_and_tried_again(tmp_path, monkeypatch):
    with processes_end(Store.open(tmp_path / "store")) as store:
        executor = LocalExecutor(slots=1)
        monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no Python starts with that
        executor.ensure(store)
        monkeypatch.delenv("PYTHONHOME")
        process, _ = local._started[store.directory]
        assert process.wait(timeout=60) > 0
        with pytest.raises(StoreError, match="ended with code"):
            executor.ensure(store)
        executor.ensure(store)
        assert eventually(lambda: supervisor_pid(store.directory))


def test_a_supervisor_whose_store_was_deleted_goes_though_runs_waited_in_it(tmp_path):
    store = Store.open(tmp_path / "gone")

    class Served:
        """Serves once, while the store's folder is deleted: its open database still has the run."""

        is_outdated = is_replaced = False
        turns = 0

        def serve(self) -> None:
            self.turns += 1
            assert self.turns < 3, "it goes round and round"
            shutil.rmtree(store.directory)

        def has_work(self) -> bool:
            return bool(Ledger(store).waiting(1))

    store.add_experiment(tiny(tmp_path, epochs=1))
    served = Served()
    keep(served, store, "masklab.runs.supervisor", [])
    assert served.turns == 1
    assert served.has_work()


def test_a_process_is_told_from_another_one_with_its_number():
    mine = identity(os.getpid())
    assert mine == identity(os.getpid())
    assert mine != identity(os.getppid())
    assert identity(2**22 + 1) is None


def foreground(store: Store, run_id: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "masklab.runs.worker", str(store.directory), run_id]
    return subprocess.Popen(command, env=LocalExecutor.environment(), stderr=subprocess.DEVNULL)


def test_two_workers_don_t_train_the_same_run(store, tmp_path):
    experiment = store.add_experiment(tiny(tmp_path, epochs=1))
    first, second = store.runs(experiment)
    both = [foreground(store, first.id) for _ in range(2)]
    assert [one.wait(timeout=120) for one in both] == [0, 0]
    assert store.runs(experiment)[0].status == "finished"
    assert len(store.reports(experiment)) == 1
    assert [one[:2] for one in Ledger(store).waiting(5)] == [(second.id, 0)]


def test_a_fault_of_ours_is_told_with_its_type_and_kept_with_its_traceback(store, tmp_path):
    experiment = store.add_experiment(tiny(tmp_path))
    with store.database.write() as db:  # a run that no store writes
        db.execute("UPDATE runs SET strategy = 'none of these'")
    assert foreground(store, store.runs()[0].id).wait(timeout=120) == 0
    run = store.runs()[0]
    assert run.status == "failed"
    assert run.message.startswith("StopIteration: ")
    assert "Traceback" not in run.message
    assert any("Traceback" in event.text for event in store.events(experiment))
