"""A run's files are whole or not there, and what the store says of them is so."""

from __future__ import annotations

import os

import pytest

from masklab.errors import StoreError
from masklab.runs import artifacts
from masklab.runs.desk import Due
from masklab.runs.ledger import SupersededError
from tests.runs.conftest import tiny


@pytest.fixture
def run(store, tmp_path):
    """A store and how to keep a file for its first run."""
    identity = store.add_experiment(tiny(tmp_path))

    def keep(write, kind="checkpoint", epoch=None):
        return artifacts.add(
            store.database, write, experiment_id=identity, run_id=store.runs()[0].id,
            kind=kind, suffix=".bin", epoch=epoch,
        )  # fmt: skip

    return store, identity, keep


def files(store) -> list[str]:
    return [path.name for path in store.directory.rglob("artifacts/**/*") if path.is_file()]


def test_a_file_is_named_with_its_bytes(run):
    store, identity, keep = run
    row = keep(lambda path: path.write_bytes(b"abc"), epoch=7)
    assert store.artifacts(identity, store.runs()[0].id) == [row]
    assert artifacts.path_of(store.directory, row).read_bytes() == b"abc"
    assert (row.bytes, row.epoch, row.kind) == (3, 7, "checkpoint")
    assert not row.path.startswith("/")
    assert artifacts.is_whole(store.directory, row)


@pytest.mark.parametrize("content", [b"ab", b"abd", b""])
def test_a_file_that_changed_is_told(run, content):
    store, _, keep = run
    row = keep(lambda path: path.write_bytes(b"abc"))
    artifacts.path_of(store.directory, row).write_bytes(content)
    assert not artifacts.is_whole(store.directory, row)
    artifacts.path_of(store.directory, row).unlink()
    assert not artifacts.is_whole(store.directory, row)


def test_a_file_that_can_t_be_written_leaves_nothing(run):
    store, identity, keep = run

    def breaks(path):
        path.write_bytes(b"half")
        raise OSError(28, os.strerror(28))

    with pytest.raises(OSError, match="No space"):
        keep(breaks)
    assert store.artifacts(identity, store.runs()[0].id) == []
    assert files(store) == []


def test_a_file_that_can_t_be_named_is_not_kept(run):
    store, _, _ = run
    with pytest.raises(SupersededError):
        artifacts.add(
            store.database,
            lambda path: path.write_bytes(b"abc"),
            experiment_id="none",
            kind="spec",
            suffix=".yaml",
        )
    assert files(store) == []


def test_the_newest_comes_first_and_what_is_removed_is_gone(run):
    store, identity, keep = run
    rows = [keep(lambda path: path.write_bytes(b"x"), epoch=epoch) for epoch in (1, 2, 3)]
    known = store.artifacts(identity, store.runs()[0].id, "checkpoint")
    assert known == rows[::-1]
    artifacts.remove(store.database, known[1:])
    assert store.artifacts(identity, store.runs()[0].id) == [rows[2]]
    assert len(files(store)) == 1


def test_files_go_with_their_experiment(run):
    store, identity, keep = run
    keep(lambda path: path.write_bytes(b"x"))
    store.delete_experiment(identity)
    assert files(store) == []


def test_a_path_out_of_the_store_is_refused(run):
    store, identity, keep = run
    keep(lambda path: path.write_bytes(b"x"))
    with store.database.write() as db:
        db.execute("UPDATE artifacts SET path = '../../etc/passwd'")
    (row,) = store.artifacts(identity, store.runs()[0].id)
    with pytest.raises(StoreError, match="leads out of the store"):
        artifacts.path_of(store.directory, row)


def test_checkpoints_are_due_by_epochs_or_seconds_and_never_take_long(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("masklab.runs.desk.time.monotonic", lambda: now[0])
    due = Due.of({"epochs": 10, "seconds": 60}, epoch=3)
    assert not due.is_now(12)
    assert due.is_now(13)
    now[0] += 60
    assert due.is_now(4)
    due.kept(4, cost=0.1)
    assert not due.is_now(5)
    slow = Due.of({"seconds": 1}, epoch=0)
    slow.kept(1, cost=5.0)
    now[0] += 99
    assert not slow.is_now(50)
    now[0] += 1
    assert slow.is_now(50)


@pytest.mark.parametrize("setting", [None, {}, "nonsense", {"epochs": None}])
def test_without_a_setting_checkpoints_come_by_time(setting):
    due = Due.of(setting, 0)
    assert not due.is_now(10**6)
    assert due.seconds > 0
