"""Give back the room that a store doesn't need: files of nothing, checkpoints of the finished."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.errors import StoreError
from masklab.runs import artifacts, belongings, panels
from masklab.runs.database import FILE_NAME
from masklab.runs.rows import ArtifactRow

if TYPE_CHECKING:
    from masklab.runs.store import Store

_COLUMNS = ", ".join(f"a.{field.name}" for field in fields(ArtifactRow))

# Weights and predictions of before, where a worker ended between keeping new ones and letting go.
_SUPERSEDED = f"""SELECT {_COLUMNS} FROM artifacts a JOIN runs r ON r.id = a.run_id
WHERE r.status = 'finished' AND (a.kind = 'checkpoint' OR a.id < (
    SELECT max(b.id) FROM artifacts b WHERE b.run_id = a.run_id AND b.kind = a.kind
)) ORDER BY a.id"""  # noqa: S608 - our own names


@dataclass(frozen=True)
class Freed:
    """What went, or would go: files that the store named, others, and bytes of all of them.

    `file`: bytes by which the store's own file got smaller. `waits`: runs train, so that the file
    was left as it is.
    """

    superseded: int
    orphans: int
    bytes: int
    file: int
    waits: bool


def compact(store: Store, *, dry: bool = False) -> Freed:
    """Remove files that nothing needs, and make the store's own file as small as it can be.

    While runs train, theirs are left alone and so is the store's own file. `dry`: only look.
    """
    with store.database.read() as db:
        rows = [ArtifactRow(**row) for row in db.execute(_SUPERSEDED)]
        training = [row[0] for row in db.execute("SELECT id FROM runs WHERE status = 'running'")]
        paths = [one for one in belongings.orphans(store.directory, db) if not _of(one, training)]
        if not training:  # what workers need not read twice, they can read again
            paths += (store.directory / panels.FOLDER).glob("*")
    size = sum(row.bytes for row in rows) + sum(map(_weight, paths))
    before, waits = _file_size(store.directory), bool(training)
    if not dry:
        artifacts.remove(store.database, rows)
        for path in paths:
            path.unlink(missing_ok=True)
        if not waits:
            _remove_empty_folders(store.directory)
            _shrink(store)
    return Freed(len(rows), len(paths), size, max(0, before - _file_size(store.directory)), waits)


def _of(path: Path, runs: list[str]) -> bool:
    return path.parent.name in runs or path.name.split(".")[0] in runs


def _weight(path: Path) -> int:
    """Return the bytes that go with a name; none while the file has others."""
    with contextlib.suppress(OSError):
        status = path.lstat()
        return status.st_size if status.st_nlink == 1 else 0
    return 0


def _remove_empty_folders(directory: Path) -> None:
    for name in (artifacts.FOLDER, "data", panels.FOLDER):
        folders = [path for path in (directory / name).rglob("*") if path.is_dir()]
        for folder in sorted(folders, reverse=True):
            with contextlib.suppress(OSError):  # it isn't empty
                folder.rmdir()


def _shrink(store: Store) -> None:
    store.database.close()
    connection = sqlite3.connect(
        store.directory / FILE_NAME, timeout=store.database.patience, isolation_level=None
    )
    try:
        with contextlib.closing(connection):
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except sqlite3.Error as error:
        raise StoreError(
            f"The store file {store.directory / FILE_NAME} could not be made smaller ({error}). "
            "What nothing needs was removed. Close what has the store open and free some space, then "
            "try again."
        ) from error


def _file_size(directory: Path) -> int:
    names = (FILE_NAME, f"{FILE_NAME}-wal")
    return sum((directory / one).stat().st_size for one in names if (directory / one).exists())
