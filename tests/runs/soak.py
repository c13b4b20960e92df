"""A seeded driver that does to a store what may happen to it: kills, locks, damage, changes of mind."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from masklab.errors import StoreError
from masklab.runs.desk import SETTING
from masklab.runs.executors.local import LocalExecutor
from masklab.runs.ledger import Ledger
from masklab.runs.rows import RunRow
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from tests.runs.conftest import supervisor_pid, tiny

GO, STOPPED, PAUSED = "go", "stopped", "paused"

_LOCKER = """
import sqlite3, sys, time
with sqlite3.connect(sys.argv[1], isolation_level=None, timeout=30) as db:
    db.execute("BEGIN IMMEDIATE")
    time.sleep(float(sys.argv[2]))
    db.execute("ROLLBACK")
"""


@dataclass
class Wish:
    """What was last asked of a run, and when the store had taken it."""

    status: str = GO
    since: float = 0.0


@dataclass
class Soak:
    """Random events on one store; `wishes` say what a run should come to."""

    store: Store
    folder: Path
    seed: int
    wishes: dict[str, Wish] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)  # noqa: S311 - a test's
        self.ledger = Ledger(self.store)
        self.executor = LocalExecutor(slots=2, idle_seconds=3)
        self.experiments = variants(self.folder)
        self.lockers: list[subprocess.Popen[bytes]] = []
        self.store.set_setting(SETTING, {"epochs": 7, "seconds": 1})
        self._actions: dict[Callable[[], None], int] = {
            self.add: 4, self.stop: 3, self.pause: 3, self.resume: 4, self.retry: 5,
            self.reorder: 3, self.delete: 1, self.kill_worker: 5, self.end_worker: 3,
            self.kill_supervisor: 1, self.kill_all: 1, self.lock: 1, self.cut: 2, self.lose: 2,
            self.ensure_at_once: 2,
        }  # fmt: skip

    def disturb(self, seconds: float) -> None:
        """Let things happen for so long; end with a store that nobody locks."""
        deadline = time.monotonic() + seconds
        self.add()
        while time.monotonic() < deadline:
            self.ensure()
            time.sleep(self.random.uniform(0.05, 0.5))
            (action,) = self.random.choices(
                list(self._actions), weights=list(self._actions.values())
            )
            self.done.append(action.__name__)
            action()
        for locker in self.lockers:
            locker.wait(timeout=60)

    def ensure(self) -> None:
        """See to a supervisor, as the app does every few seconds."""
        with contextlib.suppress(StoreError):
            self.executor.ensure(self.store)

    def ensure_at_once(self) -> None:
        """Do so from several places, one of which doesn't look before."""
        others = [threading.Thread(target=self.ensure) for _ in range(2)]
        for one in others:
            one.start()
        LocalExecutor._start(self.executor, self.store.directory)
        for one in others:
            one.join()

    def add(self) -> None:
        """Add an experiment, perhaps one that is there."""
        identity = self.store.add_experiment(self.random.choice(self.experiments))
        now = time.time()
        for run in self.store.runs(identity):
            self.wishes[run.id] = Wish(GO, now)

    def delete(self) -> None:
        """Delete an experiment, whatever its runs do."""
        if (rows := self.store.experiments()) and len(rows) > 1:
            self.forget(self.random.choice(rows).id)

    def forget(self, experiment_id: str) -> None:
        """Delete an experiment and what was asked of its runs."""
        self.store.delete_experiment(experiment_id)
        for run_id in [one for one in self.wishes if one.startswith(experiment_id)]:
            del self.wishes[run_id]

    def stop(self) -> None:
        """Stop some runs."""
        self._ask(self.store.stop, lambda wish: STOPPED)

    def pause(self) -> None:
        """Pause some runs; one that was stopped stays so."""
        self._ask(self.store.pause, lambda wish: PAUSED if wish == GO else wish)

    def resume(self) -> None:
        """Resume some runs, if they were paused."""
        self._ask(self.store.resume, lambda wish: GO if wish == PAUSED else wish)

    def retry(self) -> None:
        """Queue some runs again."""
        self._ask(self.store.retry, lambda wish: GO)

    def _ask(self, ask: Callable[..., None], wish: Callable[[str], str]) -> None:
        runs = self.some()
        ask(*(run.id for run in runs))
        now = time.time()
        for run in runs:
            before = self.wishes[run.id]
            after = wish(before.status)
            if after != before.status:
                self.wishes[run.id] = Wish(after, now)

    def reorder(self) -> None:
        """Change priorities and turns."""
        if some := self.some():
            self.store.prioritise([run.id for run in some], self.random.randint(-1, 2))
            others = [None, *(run.id for run in self.store.runs())]
            self.store.move(some[0].id, self.random.choice(others))

    def some(self) -> list[RunRow]:
        """Return up to three runs, those that train more often than others."""
        runs = self.store.runs()
        runs += [run for run in runs if run.status == "running"] * 3
        return (
            list({run.id: run for run in self.random.choices(runs, k=3)}.values()) if runs else []
        )

    def kill_worker(self) -> None:
        """Kill a worker at any moment of its work."""
        self._signal(signal.SIGKILL)

    def end_worker(self) -> None:
        """Ask a worker to end, as the system does at shutdown."""
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> None:
        if running := self.ledger.running():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.random.choice(running).pid, number)

    def kill_supervisor(self) -> None:
        """Kill the supervisor; its workers train on."""
        if pid := supervisor_pid(self.store.directory):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, self.random.choice([signal.SIGKILL, signal.SIGTERM]))

    def kill_all(self) -> None:
        """Kill the supervisor and all that it started, as a machine that loses its power does."""
        for process in processes_of(self.store.directory):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def lock(self) -> None:
        """Lock the store from another program for a moment."""
        command = [sys.executable, "-c", _LOCKER, str(self.store.database.path)]
        seconds = self.random.uniform(0.5, 3)
        self.lockers.append(subprocess.Popen([*command, str(seconds)]))

    def cut(self) -> None:
        """Cut a checkpoint in half."""
        for path in self._a_checkpoint():
            with path.open("r+b") as file:
                file.truncate(path.stat().st_size // 2)

    def lose(self) -> None:
        """Delete a checkpoint's file."""
        for path in self._a_checkpoint():
            path.unlink()

    def _a_checkpoint(self) -> Iterator[Path]:
        found = sorted(self.store.directory.glob("artifacts/*/*/checkpoint*"))
        with contextlib.suppress(FileNotFoundError):  # its run was faster
            yield from self.random.sample(found, min(1, len(found)))


def variants(folder: Path) -> list[Experiment]:
    """Return experiments whose runs take a second or two; strategies of the last are halved."""
    more = [{"kind": "mean_fill"}, {"kind": "zero_fill"}, {"kind": "indicator"}]
    training = {"epochs": 40, "training_windows": 64, "patience": None}
    return [
        tiny(folder, epochs=60, seeds=(0, 1)),
        tiny(folder, epochs=50, seeds=(7,), model={"hidden_size": 3}),
        tiny(
            folder, name="halved", seeds=(3,), strategies=more, training=training | {"halving": 3}
        ),
    ]


def processes_of(directory: Path) -> list[psutil.Process]:
    """Return the supervisors of a store and all that they started: they live in its folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(directory) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found
