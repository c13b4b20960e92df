"""A store that can't be used says why, in one sentence, and is left as it was."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from masklab.errors import StoreError
from masklab.runs import schema
from masklab.runs.database import FILE_NAME
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.store import Store


@contextlib.contextmanager
def raw(directory: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(sqlite3.connect(directory / FILE_NAME, isolation_level=None)) as one:
        yield one


def refusal(directory: Path) -> str:
    with pytest.raises(StoreError) as error:
        Store.open(directory).experiments()
    return str(error.value)


def test_a_new_store_carries_its_version_and_keeps_a_write_ahead_log(tmp_path):
    Store.open(tmp_path)
    with raw(tmp_path) as connection:
        assert schema.version_of(connection) == schema.VERSION == 4
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_store_of_a_newer_masklab_is_refused_and_left_alone(tmp_path):
    Store.open(tmp_path)
    with raw(tmp_path) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = (tmp_path / FILE_NAME).read_bytes()
    assert "schema version 99" in refusal(tmp_path)
    assert "Update MaskLab" in refusal(tmp_path)
    assert (tmp_path / FILE_NAME).read_bytes() == before


def test_an_older_store_is_brought_up_to_date(tmp_path, monkeypatch):
    Store.open(tmp_path).save_project("p", "{}")
    later = (*schema.MIGRATIONS, ("ALTER TABLE projects ADD COLUMN title TEXT",))
    monkeypatch.setattr(schema, "MIGRATIONS", later)
    monkeypatch.setattr(schema, "VERSION", len(later))
    assert Store.open(tmp_path).projects()[0].id == "p"
    with raw(tmp_path) as connection:
        assert schema.version_of(connection) == len(later)
        assert connection.execute("SELECT id, title FROM projects").fetchall() == [("p", None)]


def test_a_migration_that_fails_changes_nothing(tmp_path, monkeypatch):
    Store.open(tmp_path)
    broken = (*schema.MIGRATIONS, ("CREATE TABLE extra (id)", "CREATE TABLE extra (id)"))
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    monkeypatch.setattr(schema, "VERSION", len(broken))
    assert "already exists" in refusal(tmp_path)
    with raw(tmp_path) as connection:
        assert schema.version_of(connection) == len(broken) - 1
        assert connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'extra'").fetchall() == []  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"not a database, but a text" * 100])
def test_only_an_empty_file_becomes_a_store(tmp_path, content):
    (tmp_path / FILE_NAME).write_bytes(content)
    if content:
        assert "is damaged" in refusal(tmp_path)
        assert (tmp_path / FILE_NAME).read_bytes() == content
    else:
        assert Store.open(tmp_path).experiments() == []


def test_a_damaged_page_is_told_as_damage(tmp_path):
    store = Store.open(tmp_path)
    for number in range(200):
        store.save_project(f"project {number}", "x" * 2000)
    store.database.close()
    path = tmp_path / FILE_NAME
    data = bytearray(path.read_bytes())
    data[8192:] = b"\xff" * (len(data) - 8192)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(tmp_path).projects()


def test_another_program_s_database_is_refused(tmp_path):
    with raw(tmp_path) as connection:
        connection.execute("CREATE TABLE photos (id)")
    assert "another program's database" in refusal(tmp_path)


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "file").write_text("")
    assert "can't hold a run store" in refusal(tmp_path / "file")
    assert "can't hold a run store" in refusal(tmp_path / "file" / "below")


def test_a_folder_that_can_t_be_written_is_named():
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        user = os.geteuid()
        try:
            if user == 0:
                os.seteuid(65534)  # root may write anywhere
            message = refusal(Path(name))
        finally:
            os.seteuid(user)
    assert name in message
    assert "Choose a folder that you may write to" in message


def test_a_full_disk_is_told_and_nothing_is_half_written(tmp_path):
    store = Store.open(tmp_path)
    store.save_project("p", "small")
    with store.database.read() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreError, match=r"disk that holds the store .* is full"):
        store.save_project("p", "x" * 1_000_000)
    assert store.load_project("p") == ("small", 1)


def test_a_lock_that_stays_is_told_and_one_that_goes_is_waited_for(tmp_path):
    Store.open(tmp_path)
    hasty, patient = Store(tmp_path, patience=0.1), Store(tmp_path, patience=30)
    script = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('BEGIN EXCLUSIVE'); print(flush=True); input(); c.execute('COMMIT')"
    )
    command = [sys.executable, "-c", script, str(tmp_path / FILE_NAME)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        with pytest.raises(StoreError, match=r"locked by another program for 0\.1 s"):
            hasty.save_project("p", "{}")
        assert hasty.projects() == []  # reading goes on
        other.stdin.write(b"\n")
        other.stdin.flush()
        assert patient.save_project("p", "{}") == 1


def test_a_store_that_was_deleted_does_not_come_back_empty(tmp_path):
    store = Store.open(tmp_path / "store")
    store.database.close()
    (tmp_path / "store" / FILE_NAME).unlink()
    with pytest.raises(StoreError):
        store.experiments()
    assert not (tmp_path / "store" / FILE_NAME).exists()


def test_many_processes_may_open_a_new_store_at_once(tmp_path):
    script = "import sys; from masklab.runs.store import Store; Store.open(sys.argv[1]).save_project(sys.argv[2], '{}')"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path / "new"), str(number)],
            env=LocalExecutor.environment(),
        )
        for number in range(6)
    ]
    assert [process.wait(timeout=60) for process in started] == [0] * 6
    assert len(Store.open(tmp_path / "new").projects()) == 6
