"""What pages ask of a store with many runs: each row whole, and none that nobody waits for."""

from __future__ import annotations

import math
from dataclasses import fields

from masklab.runs.ledger import Ledger
from masklab.runs.rows import RunRow
from tests.runs.conftest import tiny

ADDED = {"seconds_left", "stopping", "again", "heard", "pausing", "turn"}


def test_each_field_of_a_row_is_what_the_table_calls_so(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
    store.prioritise([store.runs(identity)[2].id], 7)
    Ledger(store).claim(store.runs(identity)[0].id, host="another")
    with store.database.read() as db:
        rows = {row["id"]: row for row in db.execute("SELECT * FROM runs")}
    for run in store.runs(identity):
        for field in fields(RunRow):
            if field.name not in ADDED:
                assert getattr(run, field.name) == rows[run.id][field.name], field.name


def test_runs_of_experiments_that_have_ended_are_present_only_for_a_while(store, tmp_path):
    assert store.present(0) == []
    ended, going = (store.add_experiment(tiny(tmp_path, epochs=epochs)) for epochs in (2, 3))
    first = store.runs(going)[0]
    store.stop(first.id)
    store.stop_all(ended)
    assert [run.status for run in store.present(math.inf)] == ["stopped", "queued"]
    assert store.present(math.inf) == store.runs(going)
    assert store.present(0) == store.runs()
    store.stop_all()
    assert store.present(math.inf) == []


def test_settings_of_each_run_are_its_own(store, tmp_path):
    identity = store.add_experiment(tiny(tmp_path, seeds=(4, 2)))
    known = store.parameters(identity)
    for run in store.runs(identity):
        assert known[run.id]["seed"] == str(run.seed)
        assert known[run.id]["strategy.kind"] == f'"{run.strategy}"'
