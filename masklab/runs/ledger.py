"""What workers and the supervisor write about runs: claims, epochs, ends.

A run belongs to the one process named in its row. Each statement asks for that name, so that a
worker which was given up, or whose experiment was deleted, can't write any more.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from masklab.runs.processes import identity
from masklab.runs.queue import queue_if_asked
from masklab.runs.rows import Status
from masklab.runs.schema import CELLS, METRICS, SCORE_COLUMNS

if TYPE_CHECKING:
    from masklab.runs.store import Store
    from masklab.training.report import EpochReport

_REPORT = (
    "run_id",
    "epoch",
    "training_loss",
    "learning_rate",
    "seconds",
    "is_best",
    *SCORE_COLUMNS,
)
_INSERT_REPORT = (
    f"INSERT INTO reports ({', '.join(_REPORT)}) "  # noqa: S608 - our own column names
    f"VALUES ({', '.join('?' * len(_REPORT))})"
)
_OURS = "id = ? AND process = ? AND status = 'running'"
_RECORD_EPOCH = (
    "UPDATE runs SET epoch = ?, epochs = ?, seconds = seconds + ?, heartbeat = ?, "  # noqa: S608
    "best_score = CASE WHEN ? THEN ? ELSE best_score END "
    f"WHERE {_OURS}"
)


class SupersededError(Exception):
    """The run was deleted, or given to another process: what this one finds is not wanted."""


@dataclass(frozen=True)
class Claim:
    """A run that belongs to this process."""

    run_id: str
    experiment_id: str
    strategy: str
    seed: int
    process: str


class Waiting(NamedTuple):
    """A run in the queue, and how often it was started before."""

    run_id: str
    starts: int


class Running(NamedTuple):
    """A run that a process has claimed, and how far it came."""

    run_id: str
    pid: int
    process: str
    epoch: int
    stop_requested: int


class Ledger:
    """The side of the store that runs are written through."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def waiting(self, limit: int) -> list[Waiting]:
        """Return the next runs: the oldest experiment first, seed by seed within it."""
        with self.store.database.read() as db:
            rows = db.execute(
                "SELECT r.id, r.starts FROM runs r JOIN experiments e ON e.id = r.experiment_id "
                "WHERE r.status = 'queued' ORDER BY e.position, r.position LIMIT ?",
                (limit,),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def running(self) -> list[Running]:
        """Return all runs that a process has claimed."""
        with self.store.database.read() as db:
            rows = db.execute(
                "SELECT id, pid, process, epoch, stop_requested FROM runs WHERE status = 'running'"
            ).fetchall()
        return [Running(*row) for row in rows]

    def claim(self, run_id: str) -> Claim | None:
        """Make a waiting run this process's own and clear its earlier epochs; None if it's gone."""
        pid = os.getpid()
        process = identity(pid)
        with self.store.database.write() as db:
            taken = db.execute(
                "UPDATE runs SET status = 'running', process = ?, pid = ?, starts = starts + 1, "
                "started = ?, heartbeat = ?, ended = NULL, message = '', stop_requested = 0, "
                "epoch = 0, seconds = 0, best_score = NULL WHERE id = ? AND status = 'queued'",
                (process, pid, time.time(), time.time(), run_id),
            )
            if taken.rowcount == 0 or process is None:
                return None
            db.execute("DELETE FROM reports WHERE run_id = ?", (run_id,))
            row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
            _log(db, row["experiment_id"], run_id, "started", f"Process {pid}.")
        return Claim(run_id, row["experiment_id"], row["strategy"], row["seed"], process)

    def record(self, claim: Claim, report: EpochReport) -> None:
        """Write one epoch; raise `SupersededError` if the run isn't this process's any more."""
        with self.store.database.write() as db:
            ours = db.execute(
                _RECORD_EPOCH,
                (
                    report.epoch,
                    report.epochs,
                    report.seconds,
                    time.time(),
                    report.is_best,
                    report.common.rmse,
                    claim.run_id,
                    claim.process,
                ),
            )
            if ours.rowcount == 0:
                raise SupersededError(claim.run_id)
            db.execute(_INSERT_REPORT, _values(claim.run_id, report))

    def beat(self, claim: Claim) -> None:
        """Say that the worker lives."""
        with self.store.database.write() as db:
            db.execute(
                f"UPDATE runs SET heartbeat = ? WHERE {_OURS}",  # noqa: S608
                (time.time(), claim.run_id, claim.process),
            )

    def should_stop(self, claim: Claim) -> bool:
        """Whether somebody asked the run to stop, deleted it, or gave it to another process."""
        with self.store.database.read() as db:
            row = db.execute(
                f"SELECT stop_requested FROM runs WHERE {_OURS}",  # noqa: S608
                (claim.run_id, claim.process),
            ).fetchone()
        return row is None or bool(row["stop_requested"])

    def end(self, run_id: str, process: str, status: Status, message: str, log: str = "") -> None:
        """End a run of the named process; nothing if it has ended or belongs to another by now.

        A run that was asked for again while it was stopping goes back into the queue.
        """
        with self.store.database.write() as db:
            ours = db.execute(
                f"SELECT stop_requested FROM runs WHERE {_OURS}",  # noqa: S608
                (run_id, process),
            ).fetchone()
            if ours is None:
                return
            db.execute(
                "UPDATE runs SET status = ?, message = ?, ended = ?, stop_requested = 0 WHERE id = ?",
                (status, message, time.time(), run_id),
            )
            _log_run(db, run_id, status, log or message)
            queue_if_asked(db, run_id, ours["stop_requested"])

    def refuse(self, run: Waiting, message: str) -> None:
        """Fail a run that waits because its worker never came to claim it."""
        with self.store.database.write() as db:
            failed = db.execute(
                "UPDATE runs SET status = 'failed', message = ?, ended = ? "
                "WHERE id = ? AND starts = ? AND status = 'queued'",
                (message, time.time(), run.run_id, run.starts),
            )
            if failed.rowcount:
                _log_run(db, run.run_id, "failed", message)


def _values(run_id: str, report: EpochReport) -> tuple[object, ...]:
    scores = {cells: asdict(getattr(report, cells)) for cells in CELLS}
    flat = [scores[cells][name] for cells in CELLS for name in (*METRICS, "count")]
    return (
        run_id,
        report.epoch,
        report.training_loss,
        report.learning_rate,
        report.seconds,
        report.is_best,
        *flat,
    )


def _log_run(db: sqlite3.Connection, run_id: str, kind: str, text: str) -> None:
    row = db.execute("SELECT experiment_id FROM runs WHERE id = ?", (run_id,)).fetchone()
    _log(db, row["experiment_id"], run_id, kind, text)


def _log(db: sqlite3.Connection, experiment_id: str, run_id: str, kind: str, text: str) -> None:
    db.execute(
        "INSERT INTO events (time, experiment_id, run_id, kind, text) VALUES (?, ?, ?, ?, ?)",
        (time.time(), experiment_id, run_id, kind, text),
    )
