"""Which files of a store's folder belong to something in it, and which to nothing any more."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from masklab.runs import artifacts, files, logs

_YOUNG = 3600.0
"""Seconds for which a file may wait to be named in the store."""


def orphans(directory: Path, db: sqlite3.Connection) -> list[Path]:
    """Return files that nothing in the store names, sorted; what was just written is left out."""
    found = [*_unnamed_artifacts(directory, db), *_unused_data(directory, db)]
    found += [*_unowned_logs(directory, db), *_parts(directory)]
    return sorted({one for one in found if not _is_young(one)})


def data_in_use(db: sqlite3.Connection) -> set[str]:
    """Return the SHA-256 of each data file that an experiment's specification names."""
    rows = db.execute("SELECT json_extract(spec, '$.data.sha256') FROM experiments")
    return {row[0] for row in rows}


def _unnamed_artifacts(directory: Path, db: sqlite3.Connection) -> Iterator[Path]:
    named = {row[0] for row in db.execute("SELECT path FROM artifacts")}
    for path in _files(directory / artifacts.FOLDER):
        if path.relative_to(directory).as_posix() not in named:
            yield path


def _unused_data(directory: Path, db: sqlite3.Connection) -> Iterator[Path]:
    used = data_in_use(db)
    for path in _files(directory / "data"):
        digest = path.relative_to(directory / "data").parts[0]
        # A project names its data somewhere in its JSON, and what it can be taken back to.
        if digest not in used and not _is_in_a_project(db, digest):
            yield path


def _is_in_a_project(db: sqlite3.Connection, digest: str) -> bool:
    row = db.execute("SELECT 1 FROM projects WHERE instr(json, ?) LIMIT 1", (digest,)).fetchone()
    return row is not None


def _unowned_logs(directory: Path, db: sqlite3.Connection) -> Iterator[Path]:
    owners = {row[0] for row in db.execute("SELECT id FROM runs")}
    owners |= {f"{row[0]}-probe" for row in db.execute("SELECT id FROM experiments")}
    kept = {files.safe_name(one) for one in owners}
    for path in _files(directory / logs.FOLDER):
        if path.name.split(".")[0] not in kept:
            yield path


def _parts(directory: Path) -> Iterator[Path]:
    """Return what was being written when its writer ended."""
    for name in ("data", artifacts.FOLDER):
        yield from (path for path in _files(directory / name) if path.name.startswith(".part-"))


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.lstat().st_mtime < _YOUNG
    except OSError:  # gone while we looked
        return True
