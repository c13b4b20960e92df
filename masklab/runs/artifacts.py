"""Files that belong to runs: checkpoints, weights, predictions, masks; whole, or not there at all.

A file is written beside its goal, brought to the disk, put in its place, and named in the store with
the SHA-256 of its bytes last. So a row stands for a file that was once whole, and `whole` tells
whether it still is.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import time
import uuid
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.runs import files
from masklab.runs.ledger import SupersededError
from masklab.runs.rows import ArtifactRow

if TYPE_CHECKING:
    from masklab.runs.database import Database

FOLDER = "artifacts"

CHECKPOINT, WEIGHTS, PREDICTIONS = "checkpoint", "weights", "predictions"
"""Kinds of a run's artifacts; an experiment's own are named in `facts`."""

_COLUMNS = ", ".join(field.name for field in fields(ArtifactRow))


def add(  # noqa: PLR0913 (a file, whose, what of, and how it comes about)
    database: Database,
    write: Callable[[Path], None],
    *,
    experiment_id: str,
    kind: str,
    suffix: str,
    run_id: str | None = None,
    epoch: int | None = None,
    process: str | None = None,
) -> ArtifactRow:
    """Keep a file that `write` makes at the path it is given; return its row.

    `process`: the one that the run must still belong to, if it must. Raises `OSError` if the file
    can't be written, `StoreError` if it can't be named, and `SupersededError` if the experiment is
    gone or the run is not that process's any more; then nothing is kept.
    """
    folder = folder_of(database.directory, experiment_id, run_id)
    folder.mkdir(parents=True, exist_ok=True)
    number = f"-{epoch:06d}" if epoch is not None else ""
    target = folder / f"{kind}{number}-{uuid.uuid4().hex[:8]}{suffix}"
    part = folder / f".part-{target.name}"
    try:
        write(part)
        with part.open("rb") as file:
            digest, size = hashlib.file_digest(file, "sha256").hexdigest(), part.stat().st_size
            os.fsync(file.fileno())
        part.replace(target)
        _bring_to_disk(folder)
        path = target.relative_to(database.directory).as_posix()
        row = (experiment_id, run_id, kind, epoch, path, digest, size, time.time())
        with database.write() as db:
            whose = db.execute("SELECT 1 FROM experiments WHERE id = ?", (experiment_id,))
            if whose.fetchone() is None:
                raise SupersededError(experiment_id)
            added = db.execute(
                "INSERT INTO artifacts (experiment_id, run_id, kind, epoch, path, sha256, bytes, "
                "created) SELECT ?, ?, ?, ?, ?, ?, ?, ? WHERE ? IS NULL OR EXISTS "
                "(SELECT 1 FROM runs WHERE id = ? AND process = ? AND status = 'running')",
                (*row, process, run_id, process),
            )
            if not added.rowcount:
                raise SupersededError(run_id)
    except BaseException:
        for left in (part, target):
            left.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # they are not empty: others are there
            folder.rmdir()
            folder.parent.rmdir()
        raise
    return ArtifactRow(int(added.lastrowid or 0), *row)


def known(
    database: Database, experiment_id: str, run_id: str | None = None, kind: str | None = None
) -> list[ArtifactRow]:
    """Return artifacts, the newest first: those of a run, or of the experiment as a whole."""
    with database.read() as db:
        rows = db.execute(
            f"SELECT {_COLUMNS} FROM artifacts "  # noqa: S608 - our own column names
            "WHERE experiment_id = ? AND run_id IS ? AND ? IN (kind, '') ORDER BY id DESC",
            (experiment_id, run_id, kind or ""),
        ).fetchall()
    return [ArtifactRow(**row) for row in rows]


def path_of(directory: Path, row: ArtifactRow) -> Path:
    """Return an artifact's path; raise `StoreError` if it would lie outside of the store."""
    return files.inside(directory, row.path)


def is_whole(directory: Path, row: ArtifactRow) -> bool:
    """Whether the file has the bytes that were written."""
    try:
        with path_of(directory, row).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == row.sha256
    except OSError:
        return False


def remove(database: Database, rows: list[ArtifactRow]) -> None:
    """Forget artifacts and delete their files: the rows first, so that none names a missing file."""
    with database.write() as db:
        db.executemany("DELETE FROM artifacts WHERE id = ?", [(row.id,) for row in rows])
    for row in rows:
        path_of(database.directory, row).unlink(missing_ok=True)


def folder_of(directory: Path, experiment_id: str, run_id: str | None = None) -> Path:
    """Return the folder of an experiment's files, or of one of its runs'."""
    folder = directory / FOLDER / files.safe_name(experiment_id)
    return folder if run_id is None else folder / files.safe_name(run_id)


def remove_folder(directory: Path, experiment_id: str) -> None:
    """Delete the files of an experiment that is gone."""
    shutil.rmtree(folder_of(directory, experiment_id), ignore_errors=True)


def _bring_to_disk(folder: Path) -> None:
    """Make a new name in a folder survive a loss of power, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
