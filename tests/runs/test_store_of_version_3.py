"""A store made before epochs were scored on all and on hidden cells opens, compares and trains on."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from masklab.compare.table import comparison
from masklab.runs import files, schema
from masklab.runs.archive.exporting import export_all
from masklab.runs.archive.importing import import_archive
from masklab.runs.database import FILE_NAME
from masklab.runs.store import Store
from tests.runs.archive_cases import train
from tests.runs.conftest import tiny_csv

# As version 3 wrote it: what stands there never changes.
WRITTEN = (Path(__file__).parent / "stores" / "version_3.sql").read_text()
LATER = ("observed", "hidden", "observed_original", "hidden_original")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store of version 3: four runs, of which one finished, failed, stopped and waits."""
    place = tmp_path / "old"
    files.add(place / "data", tiny_csv(tmp_path), "tiny.csv")
    with contextlib.closing(sqlite3.connect(place / FILE_NAME)) as db:
        db.executescript(WRITTEN)
        assert schema.version_of(db) == 3
    return place


def test_nothing_is_lost_and_what_was_not_scored_then_is_not_known(folder):
    store = Store.open(folder)
    (row,) = store.experiments()
    assert (row.finished, row.failed, row.stopped, row.queued, row.paused) == (1, 1, 1, 1, 0)
    assert [run.best_score for run in store.runs()[:3]] == [1.0, 2.0, 3.0]
    frame = store.reports(row.id)
    assert frame["common_rmse"].tolist() == [1.5, 1.0, 2.5, 2.0, 3.5, 3.0]
    for cells in LATER:
        assert frame[f"{cells}_count"].tolist() == [0] * 6
        assert frame[[f"{cells}_{name}" for name in schema.METRICS]].isna().all(axis=None)
    assert store.tags(row.id) == {None: ["mine"]}
    assert comparison(store, row.id)["mean"].tolist()[0] == 1.0
    for cells in ("observed", "hidden"):
        known = comparison(store, row.id, cells=cells)
        assert known["mean"].isna().all()
        assert known["scored"].tolist() == [0, 0]


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


def test_columns_packed_before_are_packed_anew_with_the_new_ones(folder):
    store = Store.open(folder)
    (row,) = store.experiments()
    with store.database.read() as db:
        names = {one[0] for one in db.execute("SELECT DISTINCT name FROM columns")}
    assert set(schema.SCORE_COLUMNS) <= names
    packed = store.reports(row.id, ["hidden_rmse", "common_rmse"])
    with store.database.write() as db:
        db.execute("DELETE FROM columns")
    assert packed.equals(store.reports(row.id, ["hidden_rmse", "common_rmse"]))


def test_a_waiting_run_is_trained_and_scored_on_every_set(folder):
    store = Store.open(folder)
    waiting = store.runs()[3]
    train(store, waiting.id)
    frame = store.reports(waiting.experiment_id)
    mine = frame[frame["run_id"] == waiting.id]
    assert len(mine) == 3
    assert (mine["observed_count"] == mine["own_count"] + mine["hidden_count"]).all()
    assert mine["hidden_rmse"].notna().all()


def test_what_was_not_known_travels_as_not_known(folder, tmp_path):
    store = Store.open(folder)
    (row,) = store.experiments()
    export_all(store, tmp_path / "it.zip")
    other = Store.open(tmp_path / "other")
    import_archive(other, tmp_path / "it.zip")
    found, before = other.reports(row.id), store.reports(row.id)
    assert len(found) == 6
    assert found.equals(before)
