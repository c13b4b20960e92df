"""A damaged store says so and what to do; what can be read of it is carried into a new one."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from masklab.errors import StoreError
from masklab.runs import schema
from masklab.runs.archive.importing import import_archive
from masklab.runs.archive.rescue import rescue
from masklab.runs.database import FILE_NAME
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.archive_cases import everything, trained
from tests.runs.conftest import tiny
from tests.runs.test_store import report

EPOCHS = 300
LEAF_OF_TABLE, LEAF_OF_INDEX = 13, 10


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store that no process but this one looks after, and that may be damaged."""
    return Store.open(tmp_path / "a store")


@pytest.fixture
def long(store: Store, tmp_path: Path) -> tuple[Store, str]:
    """A store with reports over many pages; a run that finished, and one that was stopped."""
    identity = store.add_experiment(tiny(tmp_path, epochs=EPOCHS))
    ledger = Ledger(store)
    for run in store.runs():
        claim = ledger.claim(run.id)
        for epoch in range(1, EPOCHS + 1):
            ledger.record(claim, report(epoch, rmse=1 + 1 / epoch))
        ledger.finish(claim, EPOCHS)
    store.database.close()
    with contextlib.closing(sqlite3.connect(store.directory / FILE_NAME)) as db:
        db.execute("DELETE FROM columns")  # so that the rows themselves are read
        db.commit()
        db.execute("VACUUM")
    return store, identity


def pages(path: Path) -> tuple[int, bytes]:
    """Return page size and content of a store's file, with all that its log holds in it."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return db.execute("PRAGMA page_size").fetchone()[0], path.read_bytes()


def damage(path: Path, numbers: list[int]) -> None:
    """Write garbage over pages, numbered from 1."""
    size, data = pages(path)
    content, noise = bytearray(data), random.Random(1)  # noqa: S311
    for number in numbers:
        content[(number - 1) * size : number * size] = noise.randbytes(size)
    path.write_bytes(content)


def pages_of(path: Path, name: str, kind: int) -> list[int]:
    """Return the pages of a table or index that are leaves of a kind."""
    size, data = pages(path)
    with contextlib.closing(sqlite3.connect(path)) as db:
        found = db.execute("SELECT pageno FROM dbstat WHERE name = ? ORDER BY pageno", (name,))
        return [one[0] for one in found if data[(one[0] - 1) * size] == kind]


def rescued(store: Store, folder: Path) -> tuple[Store, list[str]]:
    """Rescue a store, see that it was left as it was, and import what came of it."""
    before = everything(store.directory)
    lost = rescue(store.directory, folder / "rescued.zip")
    assert everything(store.directory) == before
    other = Store.open(folder / "new")
    assert list(import_archive(other, folder / "rescued.zip").lost) == lost
    return other, lost


def test_the_error_names_the_way_out(long):
    store, identity = long
    path = store.directory / FILE_NAME
    damage(path, pages_of(path, "reports", LEAF_OF_TABLE))
    with pytest.raises(StoreError, match="is damaged") as error:
        Store.open(store.directory).reports(identity)
    assert "masklab store export --rescue OUT.zip --store" in str(error.value)
    assert str(store.directory) in str(error.value)


def test_a_whole_store_is_rescued_whole(store, tmp_path):
    identity = trained(store, tmp_path)
    other, lost = rescued(store, tmp_path)
    assert lost == []
    assert other.reports(identity).equals(store.reports(identity))
    assert {run.status for run in other.runs()} == {"finished"}
    assert [one.kind for one in other.events()] == [one.kind for one in store.events()]


def test_a_damaged_page_of_reports_costs_its_epochs_and_nothing_else(long, tmp_path):
    store, identity = long
    kept, path = store.reports(identity), store.directory / FILE_NAME
    store.database.close()
    first = pages_of(path, "reports", LEAF_OF_TABLE)[2]
    damage(path, [first])
    other, lost = rescued(store, tmp_path)
    found = other.reports(identity)
    assert 0 < len(kept) - len(found) < 60
    assert (
        found.merge(kept, how="left", on=["run_id", "epoch"], indicator=True)["_merge"]
        .eq("both")
        .all()
    )
    columns = list(kept.columns)
    merged = found.merge(kept[["run_id", "epoch"]], on=["run_id", "epoch"])[columns]
    both = kept.merge(found[["run_id", "epoch"]], on=["run_id", "epoch"])[columns]
    assert merged.equals(both)
    missing = len(kept) - len(found)
    assert any(f"{missing} of its {EPOCHS} epochs were lost" in one for one in lost)
    whole, holed = sorted(other.runs(), key=lambda run: run.status)
    assert (whole.status, holed.status) == ("finished", "stopped")
    assert "Start it again" in holed.message


def test_pages_lost_here_and_there_cost_no_more_than_they_held(long, tmp_path):
    store, identity = long
    path = store.directory / FILE_NAME
    leaves = pages_of(path, "reports", LEAF_OF_TABLE)
    damage(path, [leaves[0], leaves[len(leaves) // 2], leaves[-1]])
    other, _ = rescued(store, tmp_path)
    assert len(other.reports(identity)) >= 2 * EPOCHS * (len(leaves) - 4) / len(leaves)


@pytest.mark.parametrize("name", ["sqlite_autoindex_reports_1", "runs_by_status"])
def test_a_damaged_index_costs_nothing(name, long, tmp_path):
    store, identity = long
    kept, path = store.reports(identity), store.directory / FILE_NAME
    store.database.close()
    damage(path, pages_of(path, name, LEAF_OF_INDEX))
    other, lost = rescued(store, tmp_path)
    assert lost == []
    assert other.reports(identity).equals(kept)


def test_a_file_cut_off_gives_what_is_left(long, tmp_path):
    store, identity = long
    path = store.directory / FILE_NAME
    _, data = pages(path)
    path.write_bytes(data[: int(0.8 * len(data)) + 77])
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(store.directory).reports(identity)
    other, lost = rescued(store, tmp_path)
    assert 0 < len(other.reports(identity)) < 2 * EPOCHS
    assert any("can't be read" in one for one in lost)


@pytest.mark.parametrize("kept", [0, 50, 99])
def test_where_nothing_can_be_read_that_is_said(kept, long, tmp_path):
    store, _ = long
    path = store.directory / FILE_NAME
    path.write_bytes(path.read_bytes()[:kept])
    for call in (lambda: Store.open(store.directory), lambda: rescue(store.directory, "out.zip")):
        with pytest.raises(StoreError) as error:
            call()
        assert "\n" not in str(error.value)
    assert "Nothing of an experiment can be read" in str(error.value)
    assert f"1 file in {store.directory / 'data'}" in str(error.value)
    assert path.stat().st_size == kept


def test_a_damaged_first_page_is_told(long, tmp_path):
    store, _ = long
    damage(store.directory / FILE_NAME, [1])
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(store.directory)
    with pytest.raises(StoreError, match="Nothing of an experiment can be read"):
        rescue(store.directory, tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_an_empty_file_is_a_new_store_only_where_nothing_else_is(tmp_path):
    (tmp_path / FILE_NAME).write_bytes(b"")
    assert Store.open(tmp_path).experiments() == []
    (tmp_path / "old" / "data" / "0").mkdir(parents=True)
    (tmp_path / "old" / FILE_NAME).write_bytes(b"")
    with pytest.raises(StoreError, match="is empty, while the folder holds files"):
        Store.open(tmp_path / "old")
    assert (tmp_path / "old" / FILE_NAME).read_bytes() == b""


def test_changes_whose_log_is_missing_are_lost_and_those_before_them_are_not(store, tmp_path):
    identity = trained(store, tmp_path)
    store.database.close()  # the log goes into the file
    kept = store.reports(identity)
    store.set_setting("later", 1)
    wal = store.directory / f"{FILE_NAME}-wal"
    assert wal.stat().st_size
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / FILE_NAME).write_bytes((store.directory / FILE_NAME).read_bytes())
    opened = Store.open(copy)
    assert opened.reports(identity).equals(kept)
    assert opened.setting("later") is None


def test_newest_changes_that_stand_in_the_log_alone_are_rescued(store, tmp_path):
    identity = trained(store, tmp_path)
    assert (store.directory / f"{FILE_NAME}-wal").stat().st_size
    other, lost = rescued(store, tmp_path)
    assert lost == []
    assert other.reports(identity).equals(store.reports(identity))


def test_rows_of_nonsense_are_left_out_and_told(store, tmp_path):
    identity = trained(store, tmp_path)
    first, second = (run.id for run in store.runs())
    with store.database.write() as db:
        db.execute(
            "UPDATE reports SET learning_rate = 'x' WHERE run_id = ? AND epoch = 2", (first,)
        )
        db.execute("UPDATE runs SET strategy_json = '{' WHERE id = ?", (second,))
        db.execute("UPDATE facts SET value = '[' WHERE name = 'naive'")
    other, lost = rescued(store, tmp_path)
    assert [run.id for run in other.runs()] == [first]
    assert sorted(other.reports(identity)["epoch"]) == [1, 3]
    assert other.fact(identity, "naive") is None
    said = " ".join(lost)
    assert f"the run {second} is none of its experiment's" in said
    assert "1 of the 2 runs of tiny" in said


@pytest.mark.parametrize("gone", ["data", "artifacts"])
def test_missing_files_are_told(gone, store, tmp_path):
    identity = trained(store, tmp_path)
    for path in (store.directory / gone).rglob("*"):
        if path.is_file():
            path.unlink()
    if gone == "data":
        with pytest.raises(StoreError, match=r"data file of the experiment .* is missing"):
            rescue(store.directory, tmp_path / "out.zip")
        return
    other, lost = rescued(store, tmp_path)
    assert other.reports(identity).equals(store.reports(identity))
    assert other.artifacts(identity) == []
    assert sum("is missing, or not as its row says" in one for one in lost) == 6


def test_a_store_of_version_2_is_rescued_too(store, tmp_path):
    identity = trained(store, tmp_path)
    kept = store.reports(identity)
    old = tmp_path / "old"
    old.mkdir()
    shutil.copytree(store.directory / "data", old / "data")
    with contextlib.closing(sqlite3.connect(old / FILE_NAME, isolation_level=None)) as db:
        for statements in schema.MIGRATIONS[:2]:
            for statement in statements:
                db.execute(statement)
        db.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
        db.execute("PRAGMA user_version = 2")
        db.execute("ATTACH ? AS new", (str(store.directory / FILE_NAME),))
        for table in ("experiments", "runs", "reports"):
            known = [row[1] for row in db.execute(f"PRAGMA main.table_info({table})")]
            names = ", ".join(known)
            db.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM new.{table}")  # noqa: S608
    assert rescue(old, tmp_path / "rescued.zip") == []
    other = Store.open(tmp_path / "new")
    import_archive(other, tmp_path / "rescued.zip")
    later = [name for name in kept if name.startswith(schema.SETS_OF_4)]
    found = other.reports(identity)
    assert found.drop(columns=later).equals(kept.drop(columns=later))
    assert (found[[name for name in later if name.endswith("_count")]] == 0).all(axis=None)
