"""The run store: experiments, runs, epoch reports and projects in one folder, shared by processes."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from masklab.errors import StoreError
from masklab.runs import files, projects, queue, timing
from masklab.runs.database import Database
from masklab.runs.projects import RevisionConflict, UnknownProject
from masklab.runs.rows import STATUSES, EventRow, ExperimentRow, ProjectRow, RunRow

if TYPE_CHECKING:  # a supervisor needs neither pandas nor the families of rules
    import pandas as pd

    from masklab.data.series import Panel
    from masklab.runs.spec import Experiment


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

        pinned = pin(experiment, base_dir, self.directory)
        experiment_id, now = pinned.hash, time.time()
        with self.database.write() as db:
            db.execute(
                "INSERT INTO experiments (id, name, spec, created) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (id) DO UPDATE SET name = excluded.name, spec = excluded.spec",
                (experiment_id, pinned.name, pinned.model_dump_json(), now),
            )
            for position, (strategy, seed) in enumerate(pinned.runs()):
                db.execute(
                    "INSERT OR IGNORE INTO runs (id, experiment_id, position, strategy, "
                    "strategy_json, seed, epochs, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        f"{experiment_id}-{position:04d}",
                        experiment_id,
                        position,
                        strategy.label,
                        strategy.model_dump_json(),
                        seed,
                        pinned.training.epochs,
                        now,
                    ),
                )
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

    # Runs

    def runs(self, experiment_id: str | None = None) -> list[RunRow]:
        """Return the runs of one experiment, or of all, in the order in which they start."""
        # Others that are open stand in the same queue, and tell how long these wait.
        with self.database.read() as db:
            rows = db.execute(
                "SELECT r.* FROM runs r JOIN experiments e ON e.id = r.experiment_id "
                "WHERE ? IN (r.experiment_id, '') OR r.experiment_id IN "
                "(SELECT experiment_id FROM runs WHERE status IN ('queued', 'running')) "
                "ORDER BY e.position, r.position",
                (experiment_id or "",),
            ).fetchall()
        left = timing.seconds_left(rows)
        return [
            _run_row(row, left.get(row["id"]))
            for row in rows
            if experiment_id in (None, row["experiment_id"])
        ]

    def reports(self, experiment_id: str) -> pd.DataFrame:
        """Return every epoch of an experiment's runs, in order of run and epoch.

        Columns: run_id, strategy, seed, epoch, training_loss, learning_rate, seconds, is_best, and for
        each of common, own (scaled), common_original, own_original (the data's units): _mse, _mae,
        _rmse, _mre, _mase, _count; NaN where a score is not defined or older than the score.
        """
        from masklab.runs.frames import reports  # noqa: PLC0415 - imports pandas

        return reports(self.database, experiment_id)

    def newest_report(self, experiment_id: str) -> tuple[int, int]:
        """Return a mark that changes whenever `reports` would: the newest row, and how many."""
        with self.database.read() as db:
            row = db.execute(
                "SELECT coalesce(max(p.id), 0), count(p.id) FROM runs r "
                "JOIN reports p ON p.run_id = r.id WHERE r.experiment_id = ?",
                (experiment_id,),
            ).fetchone()
        return row[0], row[1]

    def stop(self, run_id: str) -> None:
        """Take a waiting run from the queue, or ask a training one to stop; else do nothing."""
        with self.database.write() as db:
            queue.stop(db, "id = ?", run_id)

    def stop_all(self, experiment_id: str | None = None) -> None:
        """Stop every run of one experiment, or of all."""
        with self.database.write() as db:
            queue.stop(db, "? IN (experiment_id, '')", experiment_id or "")

    def retry(self, run_id: str) -> None:
        """Queue a stopped or failed run again; its epochs go when it starts anew.

        One that is stopping is queued as soon as its worker has ended.
        """
        with self.database.write() as db:
            queue.queue_again(db, "id = ?", run_id)

    # What is known beside the runs

    def events(self, experiment_id: str | None = None, limit: int = 200) -> list[EventRow]:
        """Return the newest events, of one experiment or of all, the newest first."""
        with self.database.read() as db:
            rows = db.execute(
                "SELECT time, experiment_id, run_id, kind, text FROM events "
                "WHERE ? IN (experiment_id, '') ORDER BY id DESC LIMIT ?",
                (experiment_id or "", limit),
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


def _run_row(row: sqlite3.Row, seconds_left: float | None) -> RunRow:
    names: tuple[str, ...] = ("id", "experiment_id", "strategy", "strategy_json", "seed", "status")
    names += ("epoch", "epochs", "best_score", "seconds", "message", "created", "started", "ended")
    training = row["status"] == "running"
    return RunRow(
        **{name: row[name] for name in names},
        seconds_left=seconds_left,
        stopping=training and bool(row["stop_requested"]),
        again=training and row["stop_requested"] == queue.STOP_AND_QUEUE,
        heard=row["heartbeat"] if training else None,
    )
