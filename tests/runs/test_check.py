"""`masklab store check` finds what is wrong, says what to do, and changes nothing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from pathlib import Path

import pytest

from masklab.runs import check as checks
from masklab.runs.database import FILE_NAME
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.archive_cases import everything, trained
from tests.runs.conftest import tiny
from tests.runs.test_store import report


@pytest.fixture
def done(tmp_path: Path) -> tuple[Store, str]:
    store = Store.open(tmp_path / "a store")
    return store, trained(store, tmp_path)


def only(store: Store) -> str:
    """Return the one finding; see that looking changed nothing."""
    before = everything(store.directory)
    (finding,) = checks.check(store.directory)
    assert everything(store.directory) == before
    assert finding.endswith(".")
    return finding


def edit(store: Store, statement: str, *values: object) -> None:
    store.database.close()
    with contextlib.closing(sqlite3.connect(store.directory / FILE_NAME)) as db, db:
        db.execute(statement, values)


def test_a_whole_store_is_whole_while_runs_wait_train_pause_and_end(done, tmp_path):
    store, _ = done
    assert checks.check(store.directory) == []
    identity = store.add_experiment(tiny(tmp_path, epochs=4, seeds=(0, 1)))
    ledger, runs = Ledger(store), [run.id for run in store.runs(identity)]
    claims = [ledger.claim(run_id) for run_id in runs[:2]]
    for claim in claims:
        ledger.record(claim, report(1))
    store.pause(runs[1], runs[2])
    ledger.end(claims[1].run_id, claims[1].process, "stopped", "Stopped on request.")
    store.stop(runs[3])
    assert {run.status for run in store.runs()} == {"running", "paused", "stopped", "finished"}
    assert checks.check(store.directory) == []


def test_a_file_that_is_missing_or_changed_is_named(done):
    store, identity = done
    run = store.runs()[0]
    (row,) = store.artifacts(identity, run.id, "weights")
    path = store.directory / row.path
    path.write_bytes(path.read_bytes()[:-1])
    assert f"The weights of {run.id}, {row.path}, is not as it was written" in only(store)
    path.unlink()
    assert f"{row.path}, is missing" in only(store)
    edit(store, "UPDATE artifacts SET path = '../x' WHERE id = ?", row.id)
    assert "leads out of the store: '../x'" in only(store)


def test_data_that_are_missing_or_changed_are_named(done):
    store, identity = done
    path = Path(store.experiment(identity).data.path)
    kept = path.read_bytes()
    path.write_bytes(kept + b"x")
    assert "tiny.csv is not as it was kept" in only(store)
    path.unlink()
    assert f"The data of tiny ({identity})" in only(store)


def test_files_of_nothing_are_counted(done):
    store, _ = done
    path = store.directory / "artifacts" / "left" / "over.safetensors"
    path.parent.mkdir()
    path.write_bytes(b"x" * 1000)
    assert checks.check(store.directory) == []  # it may be about to be named
    long_ago = time.time() - 7200
    os.utime(path, (long_ago, long_ago))
    assert only(store).startswith("1 file (0.0 MB) belongs to nothing in the store.")


def test_a_run_whose_process_is_gone_is_named(done):
    store, _ = done
    edit(
        store,
        "UPDATE runs SET status = 'running', pid = 1, process = 'gone', ended = NULL WHERE position = 0",
    )
    finding = only(store)
    assert "is said to train, but its process is gone" in finding
    edit(store, "UPDATE runs SET host = 'another machine' WHERE position = 0")
    assert checks.check(store.directory) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("DELETE FROM reports WHERE epoch = 2", "lacks 1 of its 3 epochs' reports"),
        ("UPDATE runs SET epoch = 2", "has come to epoch 2, and has a report of epoch 3"),
        ("UPDATE runs SET ended = NULL", "is finished, and has no time at which it ended"),
        ("UPDATE runs SET status = 'paused'", "is paused, and has a time at which it ended"),
    ],
)
def test_rows_that_contradict_each_other_are_named(statement, words, done):
    store, _ = done
    where = " AND " if "WHERE" in statement else " WHERE "
    column = "run_id" if "reports" in statement else "id"
    edit(store, f"{statement}{where}{column} = ?", store.runs()[1].id)
    assert words in only(store)


def test_rows_of_what_is_gone_are_counted(done):
    store, _ = done
    edit(store, "INSERT INTO parameters VALUES ('nobody', 'a', '1')")
    assert "1 row of parameters belongs to runs that are gone" in only(store)


def test_a_specification_that_can_t_be_read_is_named(done):
    store, identity = done
    edit(store, 'UPDATE experiments SET spec = \'{"data": {"sha256": "x"}}\'')
    found = checks.check(store.directory)
    assert f"The specification of tiny ({identity}) can't be read" in found[0]


def test_a_store_of_a_newer_version_and_one_of_an_older_are_looked_at(done):
    store, _ = done
    edit(store, "PRAGMA user_version = 99")
    assert "schema version 99" in only(store)
    edit(store, "PRAGMA user_version = 1")
    assert checks.check(store.directory) == []


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"not a database, but a text" * 100, "is damaged (file is not a database)"),
    ],
)
def test_what_is_no_database_is_told(content, words, tmp_path):
    (tmp_path / FILE_NAME).write_bytes(content)
    (finding,) = checks.check(tmp_path)
    assert words in finding
    assert (tmp_path / FILE_NAME).read_bytes() == content


def test_a_folder_without_a_store_stays_without(tmp_path):
    assert "There is no store file" in checks.check(tmp_path / "none")[0]
    assert not (tmp_path / "none").exists()


def test_another_program_s_database_is_told(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        db.execute("CREATE TABLE photos (id)")
    assert "another program's database" in checks.check(tmp_path)[0]


def test_a_damaged_page_is_found(tmp_path):
    store = Store.open(tmp_path / "a store")
    for number in range(200):
        store.save_project(f"project {number}", "x" * 2000)
    store.database.close()
    path = store.directory / FILE_NAME
    data = bytearray(path.read_bytes())
    data[-40_000:-20_000] = b"\xff" * 20_000
    path.write_bytes(data)
    found = checks.check(store.directory)
    assert "is damaged" in found[0]
    assert "--rescue" in found[0]
