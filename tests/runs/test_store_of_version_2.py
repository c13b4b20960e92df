"""A store made before runs had a queue and checkpoints opens with all that it held, and trains on."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from masklab.runs import files, schema
from masklab.runs.database import FILE_NAME
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import processes_end, tiny, tiny_csv, until_ended

# As version 2 wrote it: what stands there never changes.
WRITTEN = (Path(__file__).parent / "stores" / "version_2.sql").read_text()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of version 2: four runs, of which one finished, failed, stopped and waits."""
    place = tmp_path / "old"
    files.add(place / "data", tiny_csv(tmp_path), "tiny.csv")
    with contextlib.closing(sqlite3.connect(place / FILE_NAME)) as db:
        db.executescript(WRITTEN)
    return place


def test_nothing_is_lost_and_runs_keep_their_turns(folder):
    store = Store.open(folder)
    (row,) = store.experiments()
    assert (row.finished, row.failed, row.stopped, row.queued, row.paused) == (1, 1, 1, 1, 0)
    runs = store.runs()
    assert [run.message for run in runs] == ["", "It failed.", "It stopped.", ""]
    assert [(run.epoch, run.best_score) for run in runs[:3]] == [(2, 1.5), (2, 2.5), (2, 3.5)]
    assert len(store.reports(row.id)) == 6
    assert len(store.events(row.id)) == 6
    assert store.fact(row.id, "notes") == ["A note."]
    assert store.load_project("p") == ("{}", 1)
    store.retry(runs[1].id, runs[2].id)
    assert [one.run_id for one in Ledger(store).waiting(9)] == [run.id for run in runs[1:]]


def test_reports_events_and_indexes_still_belong_to_their_runs(folder):
    store = Store.open(folder)
    with store.database.read() as db:
        assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    store.delete_experiment(store.experiments()[0].id)
    with store.database.read() as db:
        for table in ("runs", "reports", "events", "facts"):
            assert db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == 0  # noqa: S608


def test_the_tables_become_those_of_a_new_store(folder, tmp_path):
    seen = []
    for place in (folder, tmp_path / "new"):
        Store.open(place).database.close()
        with contextlib.closing(sqlite3.connect(place / FILE_NAME)) as db:
            told = "SELECT name, type FROM sqlite_master ORDER BY name"
            tables = db.execute(told).fetchall()
            columns = [db.execute(f"PRAGMA table_info({name})").fetchall() for name, _ in tables]
            seen.append((schema.version_of(db), tables, columns))
    assert seen[0] == seen[1]


def test_its_waiting_and_stopped_runs_are_trained(folder, tmp_path):
    with processes_end(Store.open(folder)) as store:
        identity = store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
        assert [row.id for row in store.experiments()] == [identity]
        LocalExecutor(slots=2).ensure(store)
        runs = until_ended(store, identity)
        assert [run.status for run in runs] == ["finished"] * 4
        epochs = store.reports(identity).groupby("run_id")["epoch"].apply(list).tolist()
        assert epochs == [[1, 2], [1, 2, 3], [1, 2, 3], [1, 2, 3]]
