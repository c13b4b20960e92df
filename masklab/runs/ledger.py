"""What workers and the supervisor write about runs: claims, epochs, ends.

A run belongs to the one process named in its row. Each statement asks for that name, so that a
worker which was given up, or whose experiment was deleted, can't write any more.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

from masklab.runs import columns
from masklab.runs.event_log import log_event
from masklab.runs.processes import identity
from masklab.runs.queue import IN_TURN, PAUSE, STOP_AND_QUEUE, after_stop
from masklab.runs.rows import ArtifactRow, Status
from masklab.runs.schema import CELLS, METRICS, SCORE_COLUMNS

if TYPE_CHECKING:
    from masklab.runs.store import Store
    from masklab.training.report import EpochReport

INSERTED = (
    "run_id",
    "epoch",
    "training_loss",
    "learning_rate",
    "seconds",
    "is_best",
    *SCORE_COLUMNS,
)
# A resumed run comes to epochs that are known already, with the same numbers: they are written over.
_INSERT_REPORT = (
    f"INSERT OR REPLACE INTO reports ({', '.join(INSERTED)}) "  # noqa: S608 - our own column names
    f"VALUES ({', '.join('?' * len(INSERTED))})"
)
_OURS = "id = ? AND process = ? AND status = 'running'"
_RECORD_EPOCH = (
    "UPDATE runs SET epoch = max(epoch, :epoch), epochs = :epochs, heartbeat = :now, "
    "seconds = seconds + CASE WHEN :epoch > epoch THEN :seconds ELSE 0 END, "
    "deaths = CASE WHEN :epoch > epoch THEN 0 ELSE deaths END, "
    "best_score = CASE WHEN :is_best AND :epoch > epoch THEN :score ELSE best_score END, "
    "memory = max(coalesce(memory, 0), :memory) "
    "WHERE id = :run_id AND process = :process AND status = 'running'"
)
_NOBODY = "pid = NULL, process = NULL, heartbeat = NULL, stop_requested = 0"

MOST_DEATHS = 3
"""A run whose worker died so often in a row without a new epoch has failed."""


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
    """A run in the queue and how often it was started before.

    `memory`: bytes that a run of its experiment held at most, if one was measured. `device`: the
    device that its specification asks for.
    """

    run_id: str
    starts: int
    experiment_id: str
    memory: int | None
    device: str


class Running(NamedTuple):
    """A run that a process has claimed, and how far it came."""

    run_id: str
    pid: int
    process: str
    epoch: int
    stop_requested: int
    device: str


class Ledger:
    """The side of the store that runs are written through."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def waiting(self, limit: int) -> list[Waiting]:
        """Return the next runs: by priority, then in the order of the queue.

        One that waits for its peers at a rung is not among them.
        """
        with self.store.database.read() as db:
            rows = db.execute(
                "SELECT r.id, r.starts, r.experiment_id, "  # noqa: S608
                "(SELECT max(memory) FROM runs m WHERE m.experiment_id = r.experiment_id), "
                "coalesce(json_extract(e.spec, '$.training.device'), 'cpu') "
                "FROM runs r JOIN experiments e ON e.id = r.experiment_id "
                f"WHERE r.status = 'queued' AND r.rung = 0 ORDER BY {IN_TURN} LIMIT ?",
                (limit,),
            ).fetchall()
        return [Waiting(*row) for row in rows]

    def running(self) -> list[Running]:
        """Return all runs that a process has claimed."""
        with self.store.database.read() as db:
            rows = db.execute(
                "SELECT id, pid, process, epoch, stop_requested, device FROM runs "
                "WHERE status = 'running'"
            ).fetchall()
        return [Running(*row) for row in rows]

    def claim(self, run_id: str, host: str = "") -> Claim | None:
        """Make a waiting run this process's own; None if it's gone. Its epochs stay.

        `host`: the machine that trains it, where that is another one.
        """
        pid = os.getpid()
        process = identity(pid)
        with self.store.database.write() as db:
            taken = db.execute(
                "UPDATE runs SET status = 'running', process = ?, pid = ?, starts = starts + 1, "
                "started = ?, heartbeat = ?, ended = NULL, message = '', stop_requested = 0, "
                "host = ? WHERE id = ? AND status = 'queued'",
                (process, pid, time.time(), time.time(), host, run_id),
            )
            if taken.rowcount == 0 or process is None:
                return None
            row = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
            log_event(db, row["experiment_id"], run_id, "started", f"Process {pid}.")
        return Claim(run_id, row["experiment_id"], row["strategy"], row["seed"], process)

    def begin(
        self, claim: Claim, epoch: int, device: str, environment: Mapping[str, str], note: str = ""
    ) -> None:
        """Say from which epoch a run goes on (0: from the start), where, and with what."""
        with self.store.database.write() as db:
            ours = db.execute(
                f"UPDATE runs SET resumed_from = ?, device = ?, environment = ? WHERE {_OURS}",  # noqa: S608
                (epoch, device, json.dumps(dict(environment)), claim.run_id, claim.process),
            )
            if ours.rowcount and (epoch or note):
                log_event(db, claim.experiment_id, claim.run_id, "resumed", note or _resumed(epoch))

    def record(self, claim: Claim, report: EpochReport, memory: int = 0) -> None:
        """Write one epoch; raise `SupersededError` if the run isn't this process's any more.

        `memory`: bytes that the worker has held at most.
        """
        with self.store.database.write() as db:
            ours = db.execute(
                _RECORD_EPOCH,
                {
                    "epoch": report.epoch,
                    "epochs": report.epochs,
                    "now": time.time(),
                    "seconds": report.seconds,
                    "is_best": report.is_best,
                    "score": report.common.rmse,
                    "memory": memory,
                    "run_id": claim.run_id,
                    "process": claim.process,
                },
            )
            if ours.rowcount == 0:
                raise SupersededError(claim.run_id)
            newest = db.execute(_INSERT_REPORT, _values(claim.run_id, report)).lastrowid
            db.execute("UPDATE runs SET newest = ? WHERE id = ?", (newest, claim.run_id))

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

        A run that stops waits again, or pauses, if that was asked for.
        """
        with self.store.database.write() as db:
            _end(db, run_id, process, status, message, log)

    def is_ours(self, claim: Claim) -> bool:
        """Whether the run still belongs to the process that claimed it."""
        with self.store.database.read() as db:
            return _row_of(db, claim.run_id, claim.process) is not None

    def finish(self, claim: Claim, epoch: int, dropped: Iterable[ArtifactRow] = ()) -> None:
        """Say that a run came to its end with an epoch; what an earlier try did beyond it goes.

        So do the rows of `dropped`. Raises `SupersededError` if the run isn't this process's.
        """
        with self.store.database.write() as db:
            if _row_of(db, claim.run_id, claim.process) is None:
                raise SupersededError(claim.run_id)
            db.executemany("DELETE FROM artifacts WHERE id = ?", [(one.id,) for one in dropped])
            db.execute("DELETE FROM reports WHERE run_id = ? AND epoch > ?", (claim.run_id, epoch))
            db.execute(
                "UPDATE runs SET status = 'finished', message = '', ended = ?, stop_requested = 0, "
                "epoch = ? WHERE id = ?",
                (time.time(), epoch, claim.run_id),
            )
            columns.pack(db, claim.run_id)
            log_event(db, claim.experiment_id, claim.run_id, "finished", "")

    def log(self, claim: Claim, kind: str, text: str) -> None:
        """Write to the event log."""
        with self.store.database.write() as db:
            log_event(db, claim.experiment_id, claim.run_id, kind, text)

    def give_back(self, run_id: str, process: str, kind: str, text: str, rung: int = 0) -> None:
        """Let a run of the named process wait again, to go on from its last checkpoint.

        `kind`, `text`: what the event log says. `rung`: the epoch at which it waits for its peers.
        """
        with self.store.database.write() as db:
            _give_back(db, run_id, process, kind, text, rung)

    def bury(self, run_id: str, process: str, cause: str) -> None:
        """Say that a run's worker died; the run waits again, unless that keeps happening.

        `cause`: how it died, "was killed (signal 9)". Nothing if the run belongs to another by now.
        """
        with self.store.database.write() as db:
            ours = _row_of(db, run_id, process)
            if ours is None:
                return
            deaths, epoch = ours["deaths"] + 1, ours["epoch"]
            db.execute("UPDATE runs SET deaths = ? WHERE id = ?", (deaths, run_id))
            where = f"after epoch {epoch}" if epoch else "before its first epoch ended"
            text = f"The worker process {cause} {where}"
            if deaths < MOST_DEATHS or ours["stop_requested"]:
                text = f"{text}; the run goes on from its checkpoint."
                _give_back(db, run_id, process, "died", text)
                return
            message = (
                f"{text}, {deaths} times in a row without a new epoch. If memory ran out, let fewer "
                "runs train at once; then start it again."
            )
            _end(db, run_id, process, "failed", message)

    def rest(self, claim: Claim) -> None:
        """Let a run that has come to a rung wait for its peers, and its process go."""
        with self.store.database.read() as db:
            row = db.execute("SELECT epoch FROM runs WHERE id = ?", (claim.run_id,)).fetchone()
        epoch = 0 if row is None else int(row["epoch"])
        text = f"Waits after epoch {epoch} for the other strategies of seed {claim.seed}."
        self.give_back(claim.run_id, claim.process, "rests", text, rung=epoch)

    def refuse(self, run: Waiting, message: str) -> None:
        """Count a death of a run whose worker never came to claim it; fail it after some."""
        with self.store.database.write() as db:
            waits = db.execute(
                "UPDATE runs SET deaths = deaths + 1 WHERE id = ? AND starts = ? AND status = 'queued'",
                (run.run_id, run.starts),
            )
            if not waits.rowcount:
                return
            failed = db.execute(
                "UPDATE runs SET status = 'failed', message = ?, ended = ? "
                "WHERE id = ? AND deaths >= ?",
                (message, time.time(), run.run_id, MOST_DEATHS),
            )
            _log_run(db, run.run_id, "failed" if failed.rowcount else "died", message)


def _end(  # noqa: PLR0913, PLR0917 (a run, whose, and how it ends)
    db: sqlite3.Connection, run_id: str, process: str, status: Status, message: str, log: str = ""
) -> None:
    ours = _row_of(db, run_id, process)
    if ours is None:
        return
    db.execute(
        "UPDATE runs SET status = ?, message = ?, ended = ?, stop_requested = 0 WHERE id = ?",
        (status, message, time.time(), run_id),
    )
    columns.pack(db, run_id)
    wish = ours["stop_requested"]
    pauses = status == "stopped" and wish == PAUSE
    _log_run(db, run_id, "paused" if pauses else status, log or message)
    if status == "stopped" or wish == STOP_AND_QUEUE:
        after_stop(db, run_id, wish)


def _give_back(  # noqa: PLR0913, PLR0917 (a run, whose, and what is said of it)
    db: sqlite3.Connection, run_id: str, process: str, kind: str, text: str, rung: int = 0
) -> None:
    ours = _row_of(db, run_id, process)
    if ours is None:
        return
    columns.pack(db, run_id)
    if ours["stop_requested"]:
        wish = ours["stop_requested"]
        db.execute(
            f"UPDATE runs SET status = 'stopped', ended = ?, message = ?, rung = ?, {_NOBODY} "  # noqa: S608
            "WHERE id = ?",
            (time.time(), "Stopped on request.", rung, run_id),
        )
        _log_run(db, run_id, "paused" if wish == PAUSE else "stopped", text)
        after_stop(db, run_id, wish)
        return
    db.execute(
        f"UPDATE runs SET status = 'queued', rung = ?, {_NOBODY} WHERE id = ?",  # noqa: S608
        (rung, run_id),
    )
    _log_run(db, run_id, kind, text)


def _row_of(db: sqlite3.Connection, run_id: str, process: str) -> sqlite3.Row | None:
    """Return the row of a run that the named process trains; None if it is another's by now."""
    row: sqlite3.Row | None = db.execute(
        f"SELECT epoch, deaths, stop_requested FROM runs WHERE {_OURS}",  # noqa: S608
        (run_id, process),
    ).fetchone()
    return row


def _resumed(epoch: int) -> str:
    return f"Goes on after epoch {epoch}."


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
    log_event(db, row["experiment_id"], run_id, kind, text)
