"""The run store: experiments, runs, epoch reports and projects in one folder, shared by processes."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from masklab.errors import StoreError
from masklab.runs import artifacts, files, logs, projects, queue, timing
from masklab.runs.database import Database
from masklab.runs.projects import RevisionConflict, UnknownProject
from masklab.runs.rows import (
    STATUSES,
    ArtifactRow,
    EventRow,
    ExperimentRow,
    ProjectRow,
    RunRow,
)

if TYPE_CHECKING:  # a supervisor needs neither pandas nor the families of rules
    import pandas as pd

    from masklab.data.series import Panel
    from masklab.runs.spec import Experiment


Change = Callable[[sqlite3.Connection, str, str], None]
"""Changes the runs that a condition with one value picks out."""

__all__ = ["RevisionConflict", "Store", "UnknownProject", "default_directory"]


def default_directory() -> Path:
    """Return the folder of the store: `MASKLAB_STORE`, or one in the user's data directory."""
    chosen = os.environ.get("MASKLAB_STORE")
    if chosen:
        return Path(chosen)
    import platformdirs  # noqa: PLC0415 - seldom needed

    return Path(platformdirs.user_data_dir("masklab", appauthor=False)) / "store"


class Store:
    """Experiments, runs, reports and projects of one folder.

    May be used by any number of threads and processes at once. Every method raises `StoreError`
    with one sentence where the folder can't be read or written, and leaves nothing half done.
    """

    def __init__(self, directory: str | os.PathLike[str], *, patience: float = 10.0) -> None:
        self.directory = Path(directory).expanduser().absolute()
        self.database = Database(self.directory, patience)

    @classmethod
    def open(cls, directory: str | os.PathLike[str] | None = None) -> Self:
        """Open the store in a folder, made if needed; None takes `default_directory()`.

        Raises `StoreError` if the folder can't be written, or its file is damaged, foreign, or of a
        newer MaskLab.
        """
        return cls(default_directory() if directory is None else directory)

    def __repr__(self) -> str:
        return f"Store({str(self.directory)!r})"

    # Experiments

    def add_experiment(
        self, experiment: Experiment, base_dir: str | os.PathLike[str] | None = None
    ) -> str:
        """Queue every run of an experiment and return its id, the hash of its specification.

        The data file is copied into the store; a relative path starts at `base_dir`. An experiment
        that is known keeps its rows and takes over name and units: its stopped and failed runs are
        queued again, those that are stopping as soon as their worker has ended; finished ones stay.
        """
        from masklab.runs.intake import origin_of, pin  # noqa: PLC0415 - reads files, imports pandas
        from masklab.runs.parameters import keep_parameters  # noqa: PLC0415

        pinned = pin(experiment, base_dir, self.directory)
        experiment_id, now = pinned.hash, time.time()
        with self.database.write() as db:
            db.execute(
                "INSERT INTO experiments (id, name, spec, created) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, spec = excluded.spec",
                (experiment_id, pinned.name, pinned.model_dump_json(), now),
            )
            place = queue.next_place(db)
            for position, (strategy, seed) in enumerate(pinned.runs()):
                db.execute(
                    "INSERT OR IGNORE INTO runs (id, experiment_id, position, strategy, "
                    "strategy_json, seed, epochs, created, place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        f"{experiment_id}-{position:04d}",
                        experiment_id,
                        position,
                        strategy.label,
                        strategy.model_dump_json(),
                        seed,
                        pinned.training.epochs,
                        now,
                        place + position,
                    ),
                )
            keep_parameters(db, experiment_id, pinned)
            db.execute(
                "INSERT OR REPLACE INTO facts VALUES (?, 'origin', ?)",
                (experiment_id, json.dumps(origin_of(experiment))),
            )
            queue.queue_again(db, "experiment_id = ?", experiment_id)
        return experiment_id

    def experiments(self) -> list[ExperimentRow]:
        """Return all experiments, the newest first."""
        counts = ", ".join(f"coalesce(sum(status = '{one}'), 0) AS {one}" for one in STATUSES)
        with self.database.read() as db:
            rows = db.execute(
                f"SELECT e.id, e.name, e.created, {counts} FROM experiments e "  # noqa: S608
                "LEFT JOIN runs r ON r.experiment_id = e.id GROUP BY e.id ORDER BY e.position DESC"
            ).fetchall()
        return [ExperimentRow(**row) for row in rows]

    def experiment(self, experiment_id: str) -> Experiment:
        """Return an experiment's specification; its data path points into the store."""
        from masklab.runs.intake import unpin  # noqa: PLC0415 - imports every rule

        with self.database.read() as db:
            row = db.execute(
                "SELECT spec FROM experiments WHERE id = ?", (experiment_id,)
            ).fetchone()
        if row is None:
            raise StoreError(
                f"There is no experiment {experiment_id!r} in the store {self.directory}."
            )
        return unpin(row["spec"], self.directory)

    def sees_whole_windows(self, experiment_id: str) -> bool:
        """Return whether its network reads past each step it predicts: a reconstruction, both ways.

        Tells it of experiments of other versions too; False for one that isn't there.
        """
        with self.database.read() as db:
            row = db.execute(
                "SELECT json_extract(spec, '$.task.kind') = 'reconstruct' "
                "AND json_extract(spec, '$.model.bidirectional') FROM experiments WHERE id = ?",
                (experiment_id,),
            ).fetchone()
        return bool(row and row[0])

    def portable(self, experiment_id: str) -> Experiment:
        """Return an experiment's specification to hand on: its data named without folders."""
        from masklab.runs.intake import portable  # noqa: PLC0415

        experiment = self.experiment(experiment_id)
        origin = self.fact(experiment_id, "origin") or Path(experiment.data.path).name
        return portable(experiment, origin)

    def panel(self, experiment_id: str) -> Panel:
        """Read the data of an experiment."""
        return self.experiment(experiment_id).load_panel(self.directory)

    def delete_experiment(self, experiment_id: str) -> None:
        """Delete an experiment with its runs and reports; a run that still trains ends by itself.

        The data file stays: projects may use it too.
        """
        with self.database.write() as db:
            db.execute("DELETE FROM experiments WHERE id = ?", (experiment_id,))
        artifacts.remove_folder(self.directory, experiment_id)

    # Runs

    def runs(self, experiment_id: str | None = None) -> list[RunRow]:
        """Return the runs of one experiment, or of all, the oldest experiment first."""
        # Others that are open stand in the same queue, and tell how long these wait.
        found = self._runs(
            "? IN (r.experiment_id, '') OR r.experiment_id IN "
            "(SELECT experiment_id FROM runs WHERE status IN ('queued', 'running'))",
            experiment_id or "",
        )
        return [run for run in found if experiment_id in (None, run.experiment_id)]

    def present(self, since: float) -> list[RunRow]:
        """Return the runs of all experiments in which something is still to be done or looked at.

        That is one with a waiting, training or paused run, or with one that stopped or failed after
        `since`, in seconds since 1970.
        """
        return self._runs(
            "r.experiment_id IN (SELECT experiment_id FROM runs WHERE status IN "
            "('queued', 'running', 'paused') OR (status IN ('stopped', 'failed') AND ended > ?))",
            since,
        )

    def _runs(self, which: str, value: object) -> list[RunRow]:
        with self.database.read() as db:
            rows = db.execute(
                f"SELECT {_RUN_COLUMNS} FROM runs r JOIN experiments e ON e.id = r.experiment_id "  # noqa: S608 - our own words
                f"WHERE {which} ORDER BY e.position, r.position",
                (value,),
            ).fetchall()
            known = db.execute("SELECT experiment_id, value FROM facts WHERE name = 'probe'")
            probed = {row["experiment_id"]: json.loads(row["value"]) for row in known}
        in_turn = sorted(rows, key=lambda row: (-row["priority"], row["place"]))
        left = timing.seconds_left(in_turn, self._slots(), probed)
        waiting = (row["id"] for row in in_turn if row["status"] == "queued")
        turns = {run_id: turn for turn, run_id in enumerate(waiting, 1)}
        return [_run_row(row, left.get(row["id"]), turns.get(row["id"])) for row in rows]

    def _slots(self) -> int | None:
        """Return how many runs train at once if the store's executor says so."""
        executor = self.setting("executor")
        return executor.get("slots") if isinstance(executor, dict) else None

    def reports(self, experiment_id: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
        """Return every epoch of an experiment's runs, in order of run and epoch.

        Columns: run_id, strategy, seed, epoch, training_loss, learning_rate, seconds, is_best, and for
        each of common, own, observed, hidden (scaled) and the same with _original (the data's units):
        _mse, _mae, _rmse, _mre, _mase, _count; NaN where a score is not defined or the epoch is older.
        `columns`: these alone beside run_id, strategy, seed and epoch; of a million epochs they are
        read in a fraction of a second. Raises `StoreError` for a name that is none of them.
        """
        from masklab.runs.frames import reports  # noqa: PLC0415 - imports pandas

        return reports(self.database, experiment_id, columns)

    def newest_report(self, experiment_id: str) -> tuple[int, int]:
        """Return a mark that changes whenever `reports` would: the newest row, and how many."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT coalesce(max(newest), 0), coalesce(sum(epoch), 0) FROM runs "
                "WHERE experiment_id = ?",
                (experiment_id,),
            ).fetchone()
        return row[0], row[1]

    def stop(self, *run_ids: str) -> None:
        """Take waiting runs from the queue, ask training ones to stop; else do nothing."""
        self._each(queue.stop, run_ids)

    def stop_all(self, experiment_id: str | None = None) -> None:
        """Stop every run of one experiment, or of all."""
        self._all(queue.stop, experiment_id)

    def pause(self, *run_ids: str) -> None:
        """Let runs wait outside the queue; one that trains comes there within a moment."""
        self._each(queue.pause, run_ids)

    def pause_all(self, experiment_id: str | None = None) -> None:
        """Pause every open run of one experiment, or of all."""
        self._all(queue.pause, experiment_id)

    def resume(self, *run_ids: str) -> None:
        """Bring paused runs back into the queue; they go on from where they were."""
        self._each(queue.resume, run_ids)

    def resume_all(self, experiment_id: str | None = None) -> None:
        """Resume every paused run of one experiment, or of all."""
        self._all(queue.resume, experiment_id)

    def retry(self, *run_ids: str) -> None:
        """Queue stopped and failed runs again; they go on from their last checkpoint.

        One that is stopping is queued as soon as its worker has ended.
        """
        self._each(queue.queue_again, run_ids)

    def prioritise(self, run_ids: Sequence[str], priority: int) -> None:
        """Let runs start before all of a lower priority; 0 is what they begin with."""
        with self.database.write() as db:
            queue.prioritise(db, list(run_ids), priority)

    def move(self, run_id: str, before: str | None) -> None:
        """Give a waiting run the turn before another waiting one; None: the last turn."""
        with self.database.write() as db:
            queue.move(db, run_id, before)

    def arrange(self, run_ids: Collection[str], where: queue.Where) -> None:
        """Move waiting runs to the front of the queue, to its end, or one turn up or down."""
        with self.database.write() as db:
            queue.arrange(db, set(run_ids), where)

    def _each(self, change: Change, run_ids: Sequence[str]) -> None:
        with self.database.write() as db:
            for run_id in run_ids:
                change(db, "id = ?", run_id)

    def _all(self, change: Change, experiment_id: str | None) -> None:
        with self.database.write() as db:
            change(db, "? IN (experiment_id, '')", experiment_id or "")

    def environment(self, run_id: str) -> dict[str, str]:
        """Return what a run was computed with: versions, device, commit; empty before it starts."""
        with self.database.read() as db:
            row = db.execute("SELECT environment FROM runs WHERE id = ?", (run_id,)).fetchone()
        return {} if row is None else dict(json.loads(row["environment"]))

    def spent(self, experiment_id: str) -> tuple[float, int]:
        """Return the seconds that an experiment's runs have trained, and their epochs."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT coalesce(sum(seconds), 0.0), coalesce(sum(epoch), 0) FROM runs "
                "WHERE experiment_id = ?",
                (experiment_id,),
            ).fetchone()
        return row[0], row[1]

    def parameters(
        self, experiment_id: str, run_id: str | None = None
    ) -> dict[str, dict[str, str]]:
        """Return for each run, or for one, its settings by dotted name, values as JSON."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT p.run_id, p.name, p.value FROM parameters p JOIN runs r ON r.id = p.run_id "  # noqa: S608
                f"WHERE r.experiment_id = ? {'AND r.id = ? ' if run_id else ''}"
                "ORDER BY r.position, p.name",
                (experiment_id, run_id) if run_id else (experiment_id,),
            ).fetchall()
        found: dict[str, dict[str, str]] = {}
        for row in rows:
            found.setdefault(row["run_id"], {})[row["name"]] = row["value"]
        return found

    def artifacts(
        self, experiment_id: str, run_id: str | None = None, kind: str | None = None
    ) -> list[ArtifactRow]:
        """Return the files of a run, or of the experiment as a whole; the newest first."""
        return artifacts.known(self.database, experiment_id, run_id, kind)

    def tag(self, experiment_id: str, tags: Sequence[str], run_id: str | None = None) -> None:
        """Give an experiment, or one of its runs, these tags and no others."""
        with self.database.write() as db:
            db.execute(
                "DELETE FROM tags WHERE experiment_id = ? AND run_id IS ?", (experiment_id, run_id)
            )
            db.executemany(
                "INSERT INTO tags SELECT id, ?, ? FROM experiments WHERE id = ?",
                [(run_id, tag, experiment_id) for tag in dict.fromkeys(tags)],
            )

    def tags(self, experiment_id: str) -> dict[str | None, list[str]]:
        """Return the tags of the experiment, under None, and of its runs, by their id."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT run_id, tag FROM tags WHERE experiment_id = ? ORDER BY rowid",
                (experiment_id,),
            ).fetchall()
        found: dict[str | None, list[str]] = {}
        for row in rows:
            found.setdefault(row["run_id"], []).append(row["tag"])
        return found

    def log_tail(self, run_id: str, lines: int = 20) -> list[str]:
        """Return the last lines that a run's worker wrote; empty before it starts."""
        return logs.tail(self.directory, run_id, lines)

    def setting(self, name: str) -> Any:
        """Return a setting of the store, a JSON value; None if it was never set."""
        with self.database.read() as db:
            row = db.execute("SELECT value FROM settings WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row["value"])

    def set_setting(self, name: str, value: Any) -> None:
        """Keep a setting of the store."""
        with self.database.write() as db:
            db.execute("INSERT OR REPLACE INTO settings VALUES (?, ?)", (name, json.dumps(value)))

    # What is known beside the runs

    def events(
        self, experiment_id: str | None = None, limit: int = 200, run_id: str | None = None
    ) -> list[EventRow]:
        """Return the newest events, of a run, of one experiment or of all, the newest first."""
        column, value = ("run_id", run_id) if run_id else ("experiment_id", experiment_id)
        with self.database.read() as db:
            rows = db.execute(
                "SELECT time, experiment_id, run_id, kind, text FROM events "  # noqa: S608
                f"{f'WHERE {column} = ? ' if value else ''}ORDER BY id DESC LIMIT ?",
                (value, limit) if value else (limit,),
            ).fetchall()
        return [EventRow(**row) for row in rows]

    def fact(self, experiment_id: str, name: str) -> Any:
        """Return something worked out about an experiment, a JSON value; None if it isn't known."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT value FROM facts WHERE experiment_id = ? AND name = ?",
                (experiment_id, name),
            ).fetchone()
        return None if row is None else json.loads(row["value"])

    def set_fact(self, experiment_id: str, name: str, value: Any) -> None:
        """Keep something worked out about an experiment; nothing if the experiment is gone."""
        with self.database.write() as db:
            db.execute(
                "INSERT OR REPLACE INTO facts SELECT id, ?, ? FROM experiments WHERE id = ?",
                (name, json.dumps(value), experiment_id),
            )

    # Files and projects

    def add_file(self, content: files.Content, name: str) -> tuple[str, Path]:
        """Keep bytes or a copy of a file; return its SHA-256 and its path in the store."""
        return files.add(self.directory / "data", content, name)

    def save_project(
        self, project_id: str, json_text: str, expected_revision: int | None = None
    ) -> int:
        """Save a project and return its new revision, from 1.

        With `expected_revision` (0 for a project that should be new), raises `RevisionConflict` if
        somebody else saved it since that revision was read; without it the last writer wins.
        """
        return projects.save(self.database, project_id, json_text, expected_revision)

    def load_project(self, project_id: str) -> tuple[str, int]:
        """Return a project's JSON and revision; raise `UnknownProject` if there is none."""
        return projects.load(self.database, project_id)

    def projects(self) -> list[ProjectRow]:
        """Return all saved projects, the one saved last first."""
        return projects.known(self.database)


_AS_THEY_ARE: tuple[str, ...] = (
    "id", "experiment_id", "strategy", "strategy_json", "seed", "status", "epoch", "epochs",
    "best_score", "seconds", "message", "created", "started", "ended", "priority", "rung",
    "resumed_from", "device", "host", "memory",
)  # fmt: skip
_RUN_COLUMNS = ", ".join(
    f"r.{name}" for name in (*_AS_THEY_ARE, "place", "stop_requested", "heartbeat")
)


def _run_row(row: sqlite3.Row, seconds_left: float | None, turn: int | None) -> RunRow:
    training = row["status"] == "running"
    return RunRow(
        # By place: to find each by its name would take longer than to read them all.
        **dict(zip(_AS_THEY_ARE, row, strict=False)),
        seconds_left=seconds_left,
        turn=turn,
        stopping=training and row["stop_requested"] in (queue.STOP, queue.STOP_AND_QUEUE),
        pausing=training and row["stop_requested"] == queue.PAUSE,
        again=training and row["stop_requested"] == queue.STOP_AND_QUEUE,
        heard=row["heartbeat"] if training else None,
    )
