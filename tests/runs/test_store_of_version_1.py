"""A store made before MASE opens, reads, compares and exports; MASE is not known there."""

from __future__ import annotations

import contextlib
import json
import sqlite3

from masklab.compare.table import comparison
from masklab.runs import schema
from masklab.runs.database import FILE_NAME
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import tiny
from tests.runs.test_store import report

OLD_SCORES = ("mse", "mae", "rmse", "mre", "count")


def made_by_version_1(folder, spec_of):
    """Write the tables of version 1 with one finished run, as that version wrote them."""
    with contextlib.closing(sqlite3.connect(folder / FILE_NAME, isolation_level=None)) as db:
        for statement in schema.MIGRATIONS[0]:
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 1")
        columns = [row[1] for row in db.execute("PRAGMA table_info(reports)")]
        assert columns[7:] == [f"{cells}_{name}" for cells in schema.CELLS for name in OLD_SCORES]
        source = sqlite3.connect(spec_of / FILE_NAME)
        for table in ("experiments", "runs", "facts"):
            for row in source.execute(f"SELECT * FROM {table}"):  # noqa: S608
                db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
        names = ", ".join(columns[1:])
        for row in source.execute(f"SELECT {names} FROM reports"):  # noqa: S608
            db.execute(f"INSERT INTO reports ({names}) VALUES ({', '.join('?' * len(row))})", row)  # noqa: S608
        source.close()


def test_runs_of_before_read_compare_and_export_without_mase(tmp_path):
    now, old = Store.open(tmp_path / "now"), tmp_path / "old"
    identity = now.add_experiment(tiny(tmp_path))
    ledger = Ledger(now)
    for run in now.runs():
        claim = ledger.claim(run.id)
        ledger.record(claim, report(1))
        ledger.end(claim.run_id, claim.process, "finished", "")
    scores = dict.fromkeys(OLD_SCORES, 0.5) | {"count": 11}
    now.set_fact(identity, "naive", {"mean": [scores, scores]})
    now.database.close()
    old.mkdir()
    made_by_version_1(old, now.directory)
    store = Store.open(old)
    frame = store.reports(identity)
    assert frame["common_rmse"].tolist() == [2.0, 2.0]
    assert frame[[f"{cells}_mase" for cells in schema.CELLS]].isna().all(axis=None)
    assert "common_mase" in frame.to_csv().splitlines()[0]
    known = comparison(store, identity, metric="rmse")
    assert known["mean"].tolist() == [2.0, 2.0, 0.5]
    unknown = comparison(store, identity, metric="mase")
    assert unknown["mean"].isna().all()
    assert unknown["n"].tolist()[:2] == [1, 1]
    assert store.experiment(identity).hash == json.loads(json.dumps(identity))
