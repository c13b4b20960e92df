"""A tiny experiment on a real file, and stores whose processes end with the test."""

from __future__ import annotations

import contextlib
import math
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.lock import FILE_NAME, is_held
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment, parse_experiment
from masklab.runs.store import Store

T = TypeVar("T")

LONG = 100_000


def tiny_csv(folder: Path) -> Path:
    """Write 300 hours of two smooth channels."""
    rows = [
        f"2024-01-{1 + hour // 24:02d}T{hour % 24:02d}:00,{math.sin(hour / 4):.4f},{math.cos(hour / 7):.4f}"
        for hour in range(300)
    ]
    path = folder / "tiny.csv"
    path.write_text("time,a,b\n" + "\n".join(rows) + "\n")
    return path


def tiny(folder: Path, *, epochs: int = 3, seeds: tuple[int, ...] = (0,), **changes) -> Experiment:
    """Return an experiment of two strategies that trains in a fraction of a second."""
    settings = {
        "name": "tiny",
        "data": {"path": str(tiny_csv(folder))},
        "recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]},
        "task": {"kind": "forecast", "window": 8, "horizon": 2},
        "strategies": [{"kind": "zero_fill"}, {"kind": "carry"}],
        "seeds": list(seeds),
        "model": {"hidden_size": 4},
        "training": {"epochs": epochs, "training_windows": 64, "patience": None},
    }
    return parse_experiment(settings | changes)


def eventually(
    look: Callable[[], T], holds: Callable[[T], object] = bool, seconds: float = 60
) -> T:
    """Look until what is seen holds; fail with the last sight of it."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if holds(seen):
            return seen
        if time.monotonic() > deadline:
            pytest.fail(f"Not within {seconds} s; seen last: {seen}")
        time.sleep(0.03)


def run_of(store: Store, run_id: str) -> RunRow:
    return next(run for run in store.runs() if run.id == run_id)


def until(store: Store, run_id: str, holds: Callable[[RunRow], object]) -> RunRow:
    """Wait until a run's row holds."""
    return eventually(lambda: run_of(store, run_id), holds)


def until_ended(store: Store, experiment_id: str) -> list[RunRow]:
    return eventually(
        lambda: store.runs(experiment_id), lambda runs: not any(run.is_open for run in runs)
    )


def worker_pid(store: Store, run_id: str) -> int:
    return next(run.pid for run in Ledger(store).running() if run.run_id == run_id)


def supervisor_pid(directory: Path) -> int | None:
    """Return the process number of the store's living supervisor; None if there is none."""
    text = (directory / FILE_NAME).read_text() if is_held(directory) else ""
    return int(text) if text.isdigit() else None


@contextlib.contextmanager
def processes_end(store: Store) -> Iterator[Store]:
    """Kill, at the end, the store's supervisor with all of its workers, and workers left alone."""
    try:
        yield store
    finally:
        pids = [run.pid for run in Ledger(store).running() if run.pid != os.getpid()]
        pids.append(supervisor_pid(store.directory) or -1)
        for pid in pids:
            with contextlib.suppress(psutil.NoSuchProcess, ValueError):
                found = psutil.Process(pid)
                for process in [*found.children(recursive=True), found]:
                    with contextlib.suppress(psutil.NoSuchProcess):
                        process.kill()
        eventually(lambda: supervisor_pid(store.directory) is None)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store without a supervisor."""
    with processes_end(Store.open(tmp_path / "a store")) as one:
        yield one


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with a supervisor of two slots; tests of a module share it."""
    with processes_end(Store.open(tmp_path_factory.mktemp("served") / "store")) as one:
        LocalExecutor(slots=2).ensure(one)
        yield one
