"""Bring the experiments of an archive into a store: all of them, or nothing."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masklab.errors import StoreError
from masklab.runs import columns, files, queue
from masklab.runs.archive.checking import Checked, checked
from masklab.runs.archive.lines import ArtifactLine, FactLine, Line
from masklab.runs.archive.zipped import opened

if TYPE_CHECKING:
    from masklab.runs.store import Store

_SPARE = 64 * 2**20
"""Bytes of the disk that an import leaves free."""


@dataclass(frozen=True)
class Arrived:
    """What an import brought: ids of new experiments and runs; runs that were there before, and left.

    `paused`: how many of the new runs are to go on. `lost`: what the archive says of its own gaps.
    """

    experiments: tuple[str, ...]
    runs: tuple[str, ...]
    known: tuple[str, ...]
    paused: int
    lost: tuple[str, ...]


@contextlib.contextmanager
def arriving(path: Path) -> Iterator[Checked]:
    """Open and check an archive; raise `StoreError` if anything in it won't do."""
    with opened(path) as archive:
        yield checked(archive)


def import_archive(store: Store, path: str | os.PathLike[str]) -> Arrived:
    """Check an archive, then bring its experiments into a store; see `bring`."""
    with arriving(Path(path).expanduser()) as content:
        return bring(store, content)


def bring(store: Store, content: Checked) -> Arrived:
    """Bring experiments that the store lacks, and runs that its experiments lack.

    What is known stays as it is. Nothing starts by itself: runs that are to go on are paused.
    Raises `StoreError` if the disk won't take it; then nothing is kept.
    """
    news = _News.of(store, content)
    _check_space(store.directory, sum(news.files.values()))
    placed: list[Path] = []
    try:
        for name in sorted(news.files):
            _place(content, name, store.directory, placed)
        with store.database.write() as db:
            if news != _News.compared(db, content):
                raise StoreError("The store has changed while the archive was read. Try again.")
            _insert(db, content, news)
    except BaseException as error:
        for path in placed:
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, store.directory)
        if isinstance(error, OSError):
            raise StoreError(
                f"The archive can't be brought into the store {store.directory} "
                f"({error.strerror or error}). Nothing was changed. Free some space."
            ) from error
        raise
    new = [content.runs[one] for one in content.runs if one in news.runs]
    return Arrived(
        tuple(one for one in content.experiments if one in news.experiments),
        tuple(one.id for one in new),
        tuple(one for one in content.runs if one not in news.runs),
        sum(one.status == "paused" for one in new),
        tuple(content.archive.manifest.lost),
    )


@dataclass(frozen=True)
class _News:
    """What the store lacks; `files` by name, with their sizes."""

    experiments: frozenset[str]
    runs: frozenset[str]
    facts: frozenset[tuple[str, str]]
    artifacts: frozenset[str]
    files: dict[str, int]

    @classmethod
    def of(cls, store: Store, content: Checked) -> _News:
        with store.database.read() as db:
            return cls.compared(db, content)

    @classmethod
    def compared(cls, db: sqlite3.Connection, content: Checked) -> _News:
        experiments = content.experiments.keys() - _column(db, "SELECT id FROM experiments")
        runs = content.runs.keys() - _column(db, "SELECT id FROM runs")
        facts = {tuple(row) for row in db.execute("SELECT experiment_id, name FROM facts")}
        own = {
            tuple(row)
            for row in db.execute("SELECT experiment_id, kind FROM artifacts WHERE run_id IS NULL")
        }
        new = [
            one
            for one in content.artifacts
            if (one.run_id in runs if one.run_id else (one.experiment_id, one.kind) not in own)
        ]
        members = content.archive.manifest.members
        names = [content.data[one] for one in experiments] + [one.path for one in new]
        return cls(
            frozenset(experiments),
            frozenset(runs),
            frozenset(facts),
            frozenset(one.path for one in new),
            {name: members[name].bytes for name in names},
        )

    def has(self, line: Line) -> bool:
        """Whether a line is of something that the store lacks."""
        if isinstance(line, ArtifactLine):
            return line.path in self.artifacts
        if isinstance(line, FactLine):
            return (line.experiment_id, line.name) not in self.facts
        run_id = getattr(line, "run_id", None)
        if run_id is not None:
            return run_id in self.runs
        return getattr(line, "experiment_id", None) in self.experiments


def _column(db: sqlite3.Connection, statement: str) -> set[Any]:
    return {row[0] for row in db.execute(statement)}


def _insert(db: sqlite3.Connection, content: Checked, news: _News) -> None:
    for one in content.experiments.values():
        if one.id in news.experiments:
            _add(db, "experiments", one.row())
    place = queue.next_place(db)
    for run in content.runs.values():
        if run.id in news.runs:
            _add(db, "runs", run.row() | {"place": place + run.position})
    for table in ("reports", "events", "facts", "parameters", "tags", "artifacts"):
        for line in content.lines(table):
            if news.has(line):
                _add(db, table, line.row())
    for run_id in news.runs:
        columns.pack(db, run_id)
        db.execute(
            "UPDATE runs SET newest = (SELECT coalesce(max(id), 0) FROM reports WHERE run_id = ?) "
            "WHERE id = ?",
            (run_id, run_id),
        )


def _add(db: sqlite3.Connection, table: str, row: dict[str, Any]) -> None:
    db.execute(_statement(table, tuple(row)), row)


@cache
def _statement(table: str, names: tuple[str, ...]) -> str:
    values = ", ".join(f":{name}" for name in names)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({values})"  # noqa: S608 - our own names


def _check_space(directory: Path, needed: int) -> None:
    free = shutil.disk_usage(directory).free
    if needed + _SPARE > free:
        raise StoreError(
            f"The archive's files take {needed / 1e6:,.0f} MB, and the disk that holds the store "
            f"{directory} has {free / 1e6:,.0f} MB left. Free some space."
        )


def _place(content: Checked, name: str, directory: Path, placed: list[Path]) -> None:
    """Copy a member to its place, whole or not at all; a file that is there already stays."""
    target = files.inside(directory, name)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".part-{uuid.uuid4().hex[:8]}-{target.name}"[:200])
    placed.append(part)
    with content.archive.open(name) as source, part.open("xb") as file:
        shutil.copyfileobj(source, file, 1 << 20)
        file.flush()
        os.fsync(file.fileno())
    part.replace(target)
    placed[-1] = target


def _remove_empty(folder: Path, top: Path) -> None:
    """Remove a folder and those that hold it, as long as they are empty, up to `top`."""
    with contextlib.suppress(OSError):
        while folder != top.resolve() and folder.is_relative_to(top.resolve()):
            folder.rmdir()
            folder = folder.parent
