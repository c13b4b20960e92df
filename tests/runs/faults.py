"""What the fault tests share: an experiment, what undisturbed training makes of it, and claims."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

import masklab
from masklab.runs.database import FILE_NAME
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.processes import is_alive
from masklab.runs.schema import CELLS
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from tests.runs.conftest import eventually, supervisor_pid, tiny

EPOCHS = 160

LOCK = (
    "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
    "c.execute('BEGIN EXCLUSIVE'); print(flush=True); input(); c.execute('ROLLBACK')"
)


def experiment(folder: Path, **changes) -> Experiment:
    """Two runs of some seconds, with dropout, so that every random state counts."""
    settings = {"model": {"hidden_size": 4, "num_layers": 2, "dropout": 0.3}}
    return tiny(folder, epochs=EPOCHS, **settings | changes)


def undisturbed(folder: Path, **changes) -> pd.DataFrame:
    """Return every epoch's numbers as training in this process gives them."""
    rows = []
    for one in masklab.train(experiment(folder, **changes)):
        row = {"strategy": one.strategy, "seed": one.seed, "epoch": one.epoch}
        row |= {"training_loss": one.training_loss, "is_best": one.is_best}
        for cells in CELLS:
            row |= {f"{cells}_{name}": value for name, value in vars(getattr(one, cells)).items()}
        rows.append(row)
    return _ordered(pd.DataFrame(rows))


def assert_as_undisturbed(store: Store, identity: str, expected: pd.DataFrame) -> None:
    """Every run finished, every epoch stands there once, and every number is as it should be."""
    runs = store.runs(identity)
    assert [(run.status, run.message) for run in runs] == [("finished", "")] * len(runs)
    found = store.reports(identity)
    assert not found.duplicated(["run_id", "epoch"]).any()
    pd.testing.assert_frame_equal(
        _ordered(found[list(expected.columns)]), expected, check_exact=True, check_dtype=False
    )
    last = expected.groupby(["strategy", "seed"])["epoch"].max()
    assert {(run.strategy, run.seed): run.epoch for run in runs} == last.to_dict()
    for run in runs:
        kinds = [row.kind for row in store.artifacts(identity, run.id)]
        assert sorted(kinds) == ["predictions", "weights"]


def checkpoint_often(store: Store) -> Store:
    """Let runs keep a checkpoint every few epochs."""
    store.set_setting("checkpoints", {"epochs": 5, "seconds": 1})
    return store


def running(store: Store) -> list[int]:
    return [run.pid for run in Ledger(store).running() if is_alive(run.pid, run.process)]


def all_train(store: Store, identity: str, beyond: int = 0) -> list[int]:
    """Wait until every run has come beyond an epoch; return the epochs."""
    runs = eventually(
        lambda: store.runs(identity),
        lambda runs: all(run.epoch > beyond for run in runs),
        seconds=120,
    )
    return [run.epoch for run in runs]


def kill(pid: int | None, number: int = signal.SIGKILL) -> None:
    if pid is not None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def kill_supervisor(store: Store, number: int = signal.SIGKILL) -> None:
    pid = supervisor_pid(store.directory)
    assert pid is not None
    kill(pid, number)
    eventually(lambda: supervisor_pid(store.directory) is None)


def carry_on(store: Store) -> None:
    LocalExecutor(slots=2).ensure(store)


def epochs_known(store: Store, identity: str) -> set[tuple[str, int]]:
    frame = store.reports(identity)
    return set(zip(frame["run_id"], frame["epoch"], strict=True))


@contextlib.contextmanager
def locked(store: Store) -> Iterator[None]:
    """Let another process hold the store's lock."""
    command = [sys.executable, "-c", LOCK, str(store.directory / FILE_NAME)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        try:
            yield
        finally:
            other.stdin.write(b"\n")
            other.stdin.flush()


def _ordered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(["strategy", "seed", "epoch"]).reset_index(drop=True)
