"""Whatever dies, fills up, locks or jumps: no epoch is lost, no run counted twice, no number changed."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from masklab.runs import artifacts
from masklab.runs.artifacts import CHECKPOINT
from masklab.runs.ledger import Ledger
from masklab.runs.processes import identity as process_name
from masklab.runs.store import Store
from tests.runs import faults
from tests.runs.conftest import eventually, processes_end, supervisor_pid, tiny, until_ended


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return faults.undisturbed(tmp_path_factory.mktemp("undisturbed"))


@pytest.fixture
def training(tmp_path):
    """A store in which two runs train, some epochs in, and their experiment."""
    with processes_end(faults.checkpoint_often(Store.open(tmp_path / "store"))) as store:
        identity = store.add_experiment(faults.experiment(tmp_path))
        faults.carry_on(store)
        faults.all_train(store, identity, beyond=12)
        yield store, identity


def finishes_as_undisturbed(store, identity, expected, known) -> None:
    until_ended(store, identity)
    assert faults.epochs_known(store, identity) >= known
    faults.assert_as_undisturbed(store, identity, expected)


@pytest.mark.parametrize(
    ("who", "number"),
    [
        ("child", signal.SIGKILL),
        ("supervisor", signal.SIGKILL),
        ("both", signal.SIGTERM),
        pytest.param("child", signal.SIGTERM, marks=pytest.mark.long),
        pytest.param("supervisor", signal.SIGTERM, marks=pytest.mark.long),
        pytest.param("both", signal.SIGKILL, marks=pytest.mark.long),
    ],
)
def test_a_process_that_is_ended_costs_no_epoch_and_changes_no_number(
    training, expected, who, number
):
    store, identity = training
    known = faults.epochs_known(store, identity)
    children = faults.running(store)
    assert len(children) == 2
    if who != "child":
        faults.kill_supervisor(store, number)
    if who != "supervisor":
        for pid in children:
            faults.kill(pid, number)
        eventually(lambda: not set(faults.running(store)) & set(children))
    faults.carry_on(store)
    finishes_as_undisturbed(store, identity, expected, known)
    starts = [event.kind for event in store.events(identity)].count("started")
    assert starts == (2 if who == "supervisor" else 4)
    went_on = [run.resumed_from for run in store.runs(identity)]
    assert all(epoch > 0 for epoch in went_on) == (who != "supervisor")


@pytest.mark.long
def test_runs_that_are_killed_again_and_again_come_to_the_same_end(training, expected):
    store, identity = training
    rng = random.Random(0)  # noqa: S311
    for _ in range(5):
        known = faults.epochs_known(store, identity)
        pids = faults.running(store)
        if not pids:
            break
        faults.kill(rng.choice(pids))
        eventually(
            lambda known=known: (
                len(faults.epochs_known(store, identity)) > len(known) + 10
                or not any(run.is_open for run in store.runs(identity))
            ),
            seconds=120,
        )
    finishes_as_undisturbed(store, identity, expected, known)


def test_a_full_disk_is_waited_for(tmp_path, expected):
    place = tmp_path / "small"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)]
    if shutil.which("mount") is None or subprocess.run(command, check=False).returncode:
        pytest.skip("A small disk can't be mounted here: that needs root on Linux.")
    try:
        with processes_end(faults.checkpoint_often(Store.open(place / "store"))) as store:
            identity = store.add_experiment(faults.experiment(tmp_path))
            faults.carry_on(store)
            faults.all_train(store, identity, beyond=12)
            filler = place / "filler"
            _fill(filler)
            before = _stuck(store, identity)
            time.sleep(2)
            assert _epochs(store, identity) == before  # nothing could be written, nothing failed
            assert [run.status for run in store.runs(identity)] == ["running"] * 2
            filler.unlink()
            finishes_as_undisturbed(store, identity, expected, faults.epochs_known(store, identity))
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def _fill(filler: Path) -> None:
    """Take all the space that is left on the disk."""
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4096, 1):
            with contextlib.suppress(OSError):
                while file.write(b"x" * size):
                    pass


def _epochs(store, identity) -> list[int]:
    return [run.epoch for run in store.runs(identity)]


def _stuck(store, identity) -> list[int]:
    """Wait until no epoch has been written for a while; return where the runs stand."""
    seen = [_epochs(store, identity)]

    def still() -> bool:
        time.sleep(1.5)
        seen.append(_epochs(store, identity))
        return seen[-1] == seen[-2]

    eventually(still, seconds=60)
    return seen[-1]


@pytest.mark.long
@pytest.mark.slow
def test_a_store_locked_for_half_a_minute_is_waited_for(training, expected):
    store, identity = training
    known = faults.epochs_known(store, identity)
    with faults.locked(store):
        time.sleep(30)
    finishes_as_undisturbed(store, identity, expected, known)
    assert [event.kind for event in store.events(identity)].count("started") == 2


CLOCK = """
import os, time
_real, _file = time.time, os.environ["MASKLAB_TEST_CLOCK"]
def _jumping():
    with open(_file) as file:
        return _real() + float(file.read() or 0)
time.time = _jumping
"""


def test_a_clock_that_jumps_changes_nothing(tmp_path, expected, monkeypatch):
    site, offset = tmp_path / "site", tmp_path / "offset"
    site.mkdir()
    (site / "sitecustomize.py").write_text(CLOCK)
    offset.write_text("0")
    monkeypatch.setenv("PYTHONPATH", str(site))
    monkeypatch.setenv("MASKLAB_TEST_CLOCK", str(offset))
    with processes_end(faults.checkpoint_often(Store.open(tmp_path / "store"))) as store:
        identity = store.add_experiment(faults.experiment(tmp_path))
        faults.carry_on(store)
        for beyond, seconds in ((12, 86_400), (40, -7 * 86_400), (80, 3600)):
            faults.all_train(store, identity, beyond=beyond)
            heard = [run.heard for run in store.runs(identity)]
            offset.write_text(str(seconds))
            faults.kill(faults.running(store)[0])  # what starts now starts in another time
        assert None not in heard
        finishes_as_undisturbed(store, identity, expected, set())
        with store.database.read() as db:
            times = [row[0] for row in db.execute("SELECT time FROM events ORDER BY id")]
        assert max(times) - min(times) > 7 * 86_400  # the clock did jump for those who write


@pytest.mark.parametrize("kept", [pytest.param(0.0, marks=pytest.mark.long), 0.5])
def test_a_checkpoint_cut_in_half_is_passed_over(training, expected, kept):
    store, identity = training
    pids = faults.running(store)
    faults.kill_supervisor(store)
    for pid in pids:
        faults.kill(pid)
    eventually(lambda: not faults.running(store))
    known = faults.epochs_known(store, identity)
    first, second = (run.id for run in store.runs(identity))
    newest, older = store.artifacts(identity, first, CHECKPOINT)
    _cut(store, newest, kept)
    for row in store.artifacts(identity, second, CHECKPOINT):  # all of the other's
        _cut(store, row, kept)
    faults.carry_on(store)
    finishes_as_undisturbed(store, identity, expected, known)
    resumed = {run.id: run.resumed_from for run in store.runs(identity)}
    assert resumed == {first: older.epoch, second: 0}
    told = [event.text for event in store.events(identity) if event.kind == "damaged"]
    assert len(told) == 3
    assert all("not as it was written" in text for text in told)


def _cut(store, row, kept: float) -> None:
    path = artifacts.path_of(store.directory, row)
    path.write_bytes(path.read_bytes()[: int(kept * row.bytes)])


@pytest.mark.long
def test_runs_go_on_after_the_machine_was_started_anew(training, expected):
    store, identity = training
    pids = faults.running(store)
    faults.kill_supervisor(store)
    for pid in pids:
        faults.kill(pid)
    eventually(lambda: not faults.running(store))
    known = faults.epochs_known(store, identity)
    # After a start the numbers of processes are given out again, to others that live.
    mine = process_name(os.getpid())
    with store.database.write() as db:
        db.execute("UPDATE runs SET pid = ?, process = ?", (os.getpid(), mine[:-8] + "00000000"))
    (store.directory / "supervisor.lock").write_text(str(os.getpid()))
    faults.carry_on(store)
    finishes_as_undisturbed(store, identity, expected, known)


def test_two_programs_on_one_store_train_each_run_once(tmp_path, expected):
    store = Store.open(tmp_path / "store")
    file = tmp_path / "one.yaml"
    file.write_text(faults.experiment(tmp_path).to_yaml())
    with processes_end(store):
        command = [sys.executable, "-m", "masklab", "run", str(file), "--store"]
        both = [
            subprocess.Popen(
                [*command, str(store.directory)],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(2)
        ]
        told = [one.communicate(timeout=200)[0] for one in both]
        assert [one.returncode for one in both] == [0, 0], told
        (row,) = store.experiments()
        faults.assert_as_undisturbed(store, row.id, expected)
        with store.database.read() as db:
            assert [one[0] for one in db.execute("SELECT starts FROM runs")] == [1, 1]


def test_a_run_that_keeps_killing_its_worker_fails_in_words(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        identity = store.add_experiment(tiny(tmp_path, epochs=10**5))
        ledger, first = Ledger(store), store.runs()[0].id
        for death in range(1, 4):
            claim = ledger.claim(first)
            ledger.bury(first, claim.process, "was killed (signal 9)")
            assert store.runs()[0].status == ("queued" if death < 3 else "failed")
        message = store.runs()[0].message
        assert "3 times in a row without a new epoch" in message
        assert "let fewer runs train at once" in message
        assert supervisor_pid(store.directory) is None
        kinds = [event.kind for event in store.events(identity)]
        assert kinds.count("died") == 2
