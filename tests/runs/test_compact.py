"""`masklab store compact` removes what nothing needs, and nothing else."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from masklab.runs import check as checks
from masklab.runs import logs
from masklab.runs.artifacts import CHECKPOINT, WEIGHTS, add
from masklab.runs.compact import compact
from masklab.runs.database import FILE_NAME
from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.archive_cases import everything, train, trained
from tests.runs.conftest import tiny


@pytest.fixture
def done(tmp_path: Path) -> tuple[Store, str]:
    store = Store.open(tmp_path / "a store")
    return store, trained(store, tmp_path)


def age(folder: Path) -> None:
    """Let all files of a folder be two hours old."""
    long_ago = time.time() - 7200
    for path in folder.rglob("*"):
        os.utime(path, (long_ago, long_ago))


def left_over(store: Store) -> list[Path]:
    """Lay files there that nothing names."""
    folder = store.directory
    paths = [
        folder / "artifacts" / "0123456789ab" / "weights-000001-01234567.safetensors",
        folder / "artifacts" / ".part-mask.safetensors",
        folder / "data" / ".part-x",
        folder / "data" / ("0" * 64) / "unused.csv",
        folder / "logs" / "0123456789ab-0000.log",
        folder / "logs" / "0123456789ab-0000.old.log",
    ]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 1000)
    return paths


def test_files_of_nothing_go_and_all_others_stay(done):
    store, identity = done
    for name in (store.runs()[0].id, f"{identity}-probe"):
        logs.path_of(store.directory, name).parent.mkdir(exist_ok=True)
        logs.path_of(store.directory, name).write_text("kept")
    kept = everything(store.directory)
    paths = left_over(store)
    age(store.directory)
    freed = compact(store)
    assert (freed.orphans, freed.superseded, freed.bytes) == (6, 0, 6000)
    assert not any(path.exists() for path in paths)
    kept.pop(FILE_NAME)
    now = everything(store.directory)
    now.pop(FILE_NAME)
    assert now == kept
    assert checks.check(store.directory) == []
    assert compact(store).orphans == 0


def test_what_was_just_written_stays(done):
    store, _ = done
    paths = left_over(store)
    assert compact(store).orphans == 0
    assert all(path.exists() for path in paths)


def test_a_dry_run_tells_the_same_and_removes_nothing(done):
    store, _ = done
    left_over(store)
    age(store.directory)
    before = everything(store.directory)
    dry = compact(store, dry=True)
    assert everything(store.directory) == before
    assert (dry.orphans, dry.bytes) == (6, 6000)
    assert compact(store).bytes == dry.bytes


def test_data_of_projects_stay(done):
    store, _ = done
    digest, path = store.add_file(b"a project's own", "mine.csv")
    store.save_project("p", f'{{"data": {{"sha256": "{digest}"}}}}')
    gone = store.add_file(b"nobody's", "other.csv")[1]
    age(store.directory)
    assert compact(store).orphans == 1
    assert path.exists()
    assert not gone.parent.exists()


def test_checkpoints_and_older_weights_of_finished_runs_go(done):
    store, identity = done
    run = store.runs()[0]
    (weights,) = store.artifacts(identity, run.id, WEIGHTS)
    for kind in (CHECKPOINT, WEIGHTS):
        add(
            store.database,
            lambda path: path.write_bytes(b"x" * 100) and None,
            experiment_id=identity, run_id=run.id, kind=kind, suffix=".safetensors", epoch=3,
        )  # fmt: skip
    newest = store.artifacts(identity, run.id, WEIGHTS)[0]
    freed = compact(store)
    assert freed.superseded == 2
    assert freed.bytes == 100 + weights.bytes
    assert store.artifacts(identity, run.id, CHECKPOINT) == []
    assert store.artifacts(identity, run.id, WEIGHTS) == [newest]
    assert checks.check(store.directory) == []


def test_a_run_that_is_to_go_on_keeps_its_checkpoint_and_goes_on(tmp_path):
    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path, epochs=5))
    run = store.runs()[0]
    train(store, run.id, until=3)
    age(store.directory)
    compact(store)
    assert len(store.artifacts(identity, run.id, CHECKPOINT)) == 2
    train(store, run.id)
    assert store.runs()[0].resumed_from == 3
    assert store.runs()[0].status == "finished"


def test_while_a_run_trains_its_files_and_the_store_s_own_are_left(tmp_path):
    store = Store.open(tmp_path / "a store")
    identity = store.add_experiment(tiny(tmp_path))
    claim = Ledger(store).claim(store.runs()[0].id)
    own = store.directory / "artifacts" / identity / claim.run_id / ".part-checkpoint.safetensors"
    own.parent.mkdir(parents=True)
    own.write_bytes(b"half")
    paths = left_over(store)
    age(store.directory)
    freed = compact(store)
    assert freed.waits
    assert freed.file == 0
    assert own.read_bytes() == b"half"
    assert not any(path.exists() for path in paths)


def test_the_store_s_own_file_gets_smaller(done):
    store, identity = done
    store.save_project("big", "x" * 3_000_000)
    with store.database.write() as db:
        db.execute("DELETE FROM projects")
    assert compact(store).file > 2_000_000
    assert len(store.reports(identity)) == 6


def test_a_deleted_experiment_s_data_go(done):
    store, identity = done
    store.delete_experiment(identity)
    age(store.directory)
    assert compact(store).orphans == 1
    assert not any((store.directory / "data").iterdir())
