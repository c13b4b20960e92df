"""Reports by column: the same numbers as by row, whoever trains, and never older ones."""

from __future__ import annotations

import pandas as pd
import pytest

from masklab.compare.scores import best_epochs, columns, curves, summary
from masklab.errors import StoreError
from masklab.runs import columns as packing
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import tiny
from tests.runs.test_store import report


@pytest.fixture
def experiment(store: Store, tmp_path) -> str:
    """Of four runs one has finished, one has failed, one trains, one waits."""
    identity = store.add_experiment(tiny(tmp_path, seeds=(0, 1)))
    ledger = Ledger(store)
    for run, ends in zip(store.runs(identity), ("finished", "failed", None), strict=False):
        claim = ledger.claim(run.id)
        for epoch in (1, 2, 3):
            ledger.record(claim, report(epoch, rmse=3 / epoch, best=epoch < 3, seconds=epoch))
        if ends == "finished":
            ledger.finish(claim, 3)
        elif ends:
            ledger.end(run.id, claim.process, ends, "For a reason.")
    return identity


def packed(store: Store) -> set[str]:
    with store.database.read() as db:
        return {row["run_id"] for row in db.execute("SELECT run_id FROM columns")}


def without_columns(store: Store, identity: str) -> pd.DataFrame:
    with store.database.write() as db:
        db.execute("DELETE FROM columns")
    return store.reports(identity)


def test_runs_have_columns_until_they_get_new_rows(store, experiment):
    finished, failed, _, _ = store.runs(experiment)
    assert packed(store) == {finished.id, failed.id}
    store.retry(failed.id)
    claim = Ledger(store).claim(failed.id)
    Ledger(store).record(claim, report(4))
    assert packed(store) == {finished.id}


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM reports WHERE epoch = 2",
        "UPDATE reports SET common_rmse = 7",
        "INSERT OR REPLACE INTO reports SELECT * FROM reports WHERE epoch = 1",
    ],
)
def test_whoever_changes_rows_columns_are_never_older(store, experiment, change):
    with store.database.write() as db:
        db.execute(change)
    pd.testing.assert_frame_equal(store.reports(experiment), without_columns(store, experiment))
    assert not packed(store)


def test_columns_tell_what_rows_tell(store, experiment):
    by_column = store.reports(experiment)
    assert len(by_column) == 9
    pd.testing.assert_frame_equal(by_column, without_columns(store, experiment))


def test_scores_that_were_not_known_yet_are_nan_in_both(store, experiment):
    run = store.runs(experiment)[0].id
    with store.database.write() as db:
        db.execute("UPDATE reports SET common_mase = NULL, training_loss = NULL")
        db.execute("DELETE FROM columns")
    by_row = store.reports(experiment)
    assert by_row["common_mase"].isna().all()
    with store.database.write() as db:
        packing.pack(db, run)
    pd.testing.assert_frame_equal(store.reports(experiment), by_row)


def test_columns_that_are_asked_for_come_beside_run_and_epoch(store, experiment):
    some = store.reports(experiment, ["own_original_mae", "is_best"])
    assert list(some) == ["run_id", "strategy", "seed", "epoch", "own_original_mae", "is_best"]
    pd.testing.assert_frame_equal(some, store.reports(experiment)[list(some)])


def test_a_column_that_is_none_is_refused_with_those_that_are(store, experiment):
    with pytest.raises(StoreError, match="no column 'rmse'; they have epoch, training_loss"):
        store.reports(experiment, ["rmse"])


@pytest.mark.parametrize("cells", ["common", "own"])
@pytest.mark.parametrize("units", ["scaled", "original"])
def test_comparisons_need_no_other_columns_than_they_name(store, experiment, cells, units):
    choice = {"cells": cells, "metric": "mae", "units": units}
    whole, some = store.reports(experiment), store.reports(experiment, columns(**choice))
    for compared in (curves, best_epochs):
        pd.testing.assert_frame_equal(compared(some, **choice), compared(whole, **choice))
    runs = store.runs(experiment)
    pd.testing.assert_frame_equal(summary(some, runs, **choice), summary(whole, runs, **choice))


def test_an_experiment_without_epochs_gives_an_empty_table_of_the_same_kinds(store, experiment, tmp_path):  # fmt: skip
    empty = store.reports(store.add_experiment(tiny(tmp_path, epochs=9)))
    assert len(empty) == 0
    assert dict(empty.dtypes) == dict(store.reports(experiment).dtypes)


def test_the_mark_of_the_newest_report_changes_with_each_epoch_and_each_that_is_told_again(
    store, experiment
):
    marks = [store.newest_report(experiment)]
    ledger, run = Ledger(store), store.runs(experiment)[1].id
    store.retry(run)
    claim = ledger.claim(run)
    assert store.newest_report(experiment) == marks[0]
    for epoch in (3, 4, 5):
        ledger.record(claim, report(epoch, seconds=9))
        marks.append(store.newest_report(experiment))
    ledger.finish(claim, 4)
    marks.append(store.newest_report(experiment))
    assert len(set(marks)) == 5
    mine = store.reports(experiment, ["seconds"]).query("run_id == @run")
    assert mine["seconds"].tolist() == [1, 2, 9, 9]


def test_runs_of_before_get_columns_but_for_one_that_trains(store, experiment):
    expected = store.reports(experiment)
    with store.database.write() as db:
        db.execute("DELETE FROM columns")
        packing.pack_all(db)
    runs = store.runs(experiment)
    assert packed(store) == {runs[0].id, runs[1].id}
    pd.testing.assert_frame_equal(store.reports(experiment), expected)
