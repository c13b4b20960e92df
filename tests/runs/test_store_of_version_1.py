"""A store made before MASE opens, reads, compares and exports; MASE is not known there."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
from pathlib import Path

import pytest

from masklab.cli import main
from masklab.compare.scores import curves
from masklab.compare.table import comparison
from masklab.runs import schema
from masklab.runs.database import FILE_NAME
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import tiny
from tests.runs.test_store import report

# As version 1 wrote them, letter by letter: what stands here never changes.
VERSION_1 = """
CREATE TABLE experiments (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    spec TEXT NOT NULL,
    created REAL NOT NULL
);
CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    strategy_json TEXT NOT NULL,
    seed INTEGER NOT NULL,
    status TEXT NOT NULL DEFAULT 'queued'
        CHECK (status IN ('queued', 'running', 'finished', 'stopped', 'failed')),
    starts INTEGER NOT NULL DEFAULT 0,
    stop_requested INTEGER NOT NULL DEFAULT 0,
    epoch INTEGER NOT NULL DEFAULT 0,
    epochs INTEGER NOT NULL,
    best_score REAL,
    seconds REAL NOT NULL DEFAULT 0,
    message TEXT NOT NULL DEFAULT '',
    pid INTEGER,
    process TEXT,
    heartbeat REAL,
    created REAL NOT NULL,
    started REAL,
    ended REAL,
    UNIQUE (experiment_id, strategy_json, seed)
);
CREATE INDEX runs_by_status ON runs (status, experiment_id, position);
CREATE TABLE reports (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    epoch INTEGER NOT NULL,
    training_loss REAL,
    learning_rate REAL NOT NULL,
    seconds REAL NOT NULL,
    is_best INTEGER NOT NULL,
    common_mse REAL,
    common_mae REAL,
    common_rmse REAL,
    common_mre REAL,
    common_count INTEGER NOT NULL,
    own_mse REAL,
    own_mae REAL,
    own_rmse REAL,
    own_mre REAL,
    own_count INTEGER NOT NULL,
    common_original_mse REAL,
    common_original_mae REAL,
    common_original_rmse REAL,
    common_original_mre REAL,
    common_original_count INTEGER NOT NULL,
    own_original_mse REAL,
    own_original_mae REAL,
    own_original_rmse REAL,
    own_original_mre REAL,
    own_original_count INTEGER NOT NULL,
    UNIQUE (run_id, epoch)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    time REAL NOT NULL,
    experiment_id TEXT REFERENCES experiments(id) ON DELETE CASCADE,
    run_id TEXT REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    text TEXT NOT NULL
);
CREATE INDEX events_by_run ON events (run_id);
CREATE TABLE facts (
    experiment_id TEXT NOT NULL REFERENCES experiments(id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (experiment_id, name)
);
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    json TEXT NOT NULL,
    revision INTEGER NOT NULL,
    updated REAL NOT NULL
);
PRAGMA application_id = 1298948450;
PRAGMA user_version = 1;
"""
NAIVE_SCORES = {"mse": 0.25, "mae": 0.5, "rmse": 0.5, "mre": 0.5, "count": 11}


def made_by_version_1(folder: Path, source: Path) -> None:
    """Write a store as version 1 made it, with what a store of today holds of its columns."""
    folder.mkdir()
    with (
        contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as old,
        contextlib.closing(sqlite3.connect(source / FILE_NAME)) as now,
    ):
        old.executescript(VERSION_1)
        for (table,) in old.execute("SELECT name FROM sqlite_master WHERE type = 'table'"):
            if table.startswith("sqlite_"):
                continue
            names = [row[1] for row in old.execute(f"PRAGMA table_info({table})")]
            told, marks = ", ".join(names), ", ".join("?" * len(names))
            rows = now.execute(f"SELECT {told} FROM {table}").fetchall()  # noqa: S608
            old.executemany(f"INSERT INTO {table} ({told}) VALUES ({marks})", rows)  # noqa: S608
        old.commit()


@pytest.fixture
def before(tmp_path: Path) -> tuple[Path, str]:
    """The folder of a store of version 1, and its experiment: two finished runs, naive scores."""
    now = Store.open(tmp_path / "now")
    identity = now.add_experiment(tiny(tmp_path))
    ledger = Ledger(now)
    for run in now.runs():
        claim = ledger.claim(run.id)
        ledger.record(claim, report(1))
        ledger.end(claim.run_id, claim.process, "finished", "")
    now.set_fact(identity, "naive", {"mean": [NAIVE_SCORES, NAIVE_SCORES]})
    now.database.close()
    made_by_version_1(tmp_path / "old", now.directory)
    return tmp_path / "old", identity


def test_runs_of_before_read_and_compare_without_mase(before):
    store, identity = Store.open(before[0]), before[1]
    assert store.experiment(identity).hash == identity
    frame = store.reports(identity)
    assert frame["common_rmse"].tolist() == [2.0, 2.0]
    assert frame[[f"{cells}_mase" for cells in schema.CELLS]].isna().all(axis=None)
    assert "common_mase" in frame.to_csv().splitlines()[0]
    known = comparison(store, identity, metric="rmse")
    assert known["mean"].tolist() == [2.0, 2.0, 0.5]
    unknown = comparison(store, identity, metric="mase")
    assert unknown["mean"].isna().all()
    assert unknown["n"].tolist()[:2] == [1, 1]


def test_the_tables_become_those_of_a_new_store(before, tmp_path):
    Store.open(before[0]).database.close()
    Store.open(tmp_path / "new").database.close()
    seen = []
    for folder in (before[0], tmp_path / "new"):
        with contextlib.closing(sqlite3.connect(folder / FILE_NAME)) as db:
            tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master ORDER BY name")]
            columns = {one: db.execute(f"PRAGMA table_info({one})").fetchall() for one in tables}
            seen.append((schema.version_of(db), columns))
    assert seen[0] == seen[1]


def test_a_run_that_goes_on_after_the_update_has_mase_from_then_on(before):
    store, identity = Store.open(before[0]), before[1]
    first = store.runs(identity)[0]
    with store.database.write() as db:
        row = dict(db.execute("SELECT * FROM reports WHERE run_id = ?", (first.id,)).fetchone())
        del row["id"]
        row |= {"epoch": 2, "is_best": 0} | {f"{cells}_mase": 0.75 for cells in schema.CELLS}
        names, marks = ", ".join(row), ", ".join("?" * len(row))
        db.execute(f"INSERT INTO reports ({names}) VALUES ({marks})", tuple(row.values()))  # noqa: S608
    found = curves(store.reports(identity), metric="mase").set_index(["strategy", "epoch"])
    assert found["n"].tolist() == [0, 1, 0]
    assert found.loc[(first.strategy, 2), "mean"] == 0.75
    # Its best epoch is still the one of before.
    assert comparison(store, identity, metric="mase")["mean"].isna().all()


def compared(capsys, folder, metric, form):
    with contextlib.suppress(SystemExit):
        main(["compare", "--store", str(folder), "--metric", metric, "--format", form])
    seen = capsys.readouterr()
    assert not seen.err
    return seen.out


def test_the_command_line_says_a_dash_an_empty_cell_and_null(before, capsys):
    table = compared(capsys, before[0], "mase", "table")
    rows = [
        one for one in table.splitlines() if one.split()[:1] in (["zero_fill"], ["carry"], ["mean"])
    ]
    assert [one.split().count("—") for one in rows] == [1, 1, 1]
    assert "nan" not in table.lower()
    for row in csv.DictReader(io.StringIO(compared(capsys, before[0], "mase", "csv"))):
        assert (row["metric"], row["mean"], row["difference"], row["scored"]) == ("mase", "", "", "11")  # fmt: skip
    records = json.loads(compared(capsys, before[0], "mase", "json"))
    assert [one["mean"] for one in records] == [None] * 3
    assert [one["scored"] for one in records] == [11] * 3
    known = json.loads(compared(capsys, before[0], "rmse", "json"))
    assert [one["mean"] for one in known] == [2.0, 2.0, 0.5]
