"""Export what can be read of a damaged store: table by table, row by row, saying what was lost."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import sqlite3
import tempfile
from collections import Counter, deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any

from pydantic import ValidationError

from masklab.errors import StoreError
from masklab.runs import files, schema
from masklab.runs.archive.checking import Check
from masklab.runs.archive.exporting import export
from masklab.runs.archive.lines import LINES, Line
from masklab.runs.archive.manifest import Member
from masklab.runs.archive.tables import Choice, line_of, scrubber
from masklab.runs.archive.zipped import ArchiveError
from masklab.runs.database import FILE_NAME
from masklab.runs.store import Store

_TRIES = 100_000
"""Ranges of rows that are tried in vain before the rest of a table is given up."""


def rescue(directory: Path, out: str | os.PathLike[str]) -> list[str]:
    """Export what can be read of a store, damaged or not; return sentences on what was lost.

    The store's own files are not touched: a copy is read. Raises `StoreError` if nothing can be
    read of any experiment, or `out` can't be written.
    """
    directory = directory.expanduser().absolute()
    with tempfile.TemporaryDirectory(prefix="masklab-rescue-") as name:
        copy, clean = Path(name) / "copy", Store.open(Path(name) / "clean")
        _copy(directory, copy)
        with contextlib.closing(sqlite3.connect(copy / FILE_NAME, isolation_level=None)) as db:
            db.row_factory = sqlite3.Row
            # SQLite refuses a file that was cut off as a whole, unless it is told that we know.
            db.execute("PRAGMA writable_schema = ON")
            salvage = _Salvage(db, directory, clean)
            lost = salvage.whole()
        known = tuple(one.id for one in clean.experiments()[::-1])
        if not known:
            raise StoreError(_nothing(directory, lost))
        export(clean, Choice(known), out, lost, directory)
        clean.database.close()
    return lost


def _copy(directory: Path, folder: Path) -> None:
    """Copy the store's file and its log of newest changes: SQLite writes even where one only reads."""
    folder.mkdir()
    try:
        shutil.copyfile(directory / FILE_NAME, folder / FILE_NAME)
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(directory / f"{FILE_NAME}-wal", folder / f"{FILE_NAME}-wal")
    except OSError as error:
        raise StoreError(
            f"The store file {directory / FILE_NAME} can't be copied ({error.strerror or error}), "
            "and so not be read."
        ) from error


def _nothing(directory: Path, lost: list[str]) -> str:
    there = []
    for name in ("data", "artifacts"):
        count = sum(1 for one in (directory / name).rglob("*") if one.is_file())
        there.append(f"{count} file{'' if count == 1 else 's'} in {directory / name}")
    return (
        f"Nothing of an experiment can be read from the store file {directory / FILE_NAME}. "
        f"{' '.join([*lost[:1], 'Put a backup in its place.'])} Files stand apart from it: "
        f"{' and '.join(there)} are as they were; each {directory / 'artifacts'}/*/spec-*.yaml is "
        "an experiment that `masklab run` trains anew."
    )


class _Folder:
    """The files of a store's folder."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.member = cache(self._member)

    def _member(self, name: str) -> Member | None:
        try:
            path = files.inside(self._directory, name)
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                return Member(bytes=file.tell(), sha256=digest)
        except (OSError, StoreError, ValueError):
            return None

    @contextlib.contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        with files.inside(self._directory, name).open("rb") as file:
            yield file

    def read(self, name: str, most: int) -> bytes:
        with self.open(name) as file:
            content = file.read(most + 1)
        if len(content) > most:
            raise ArchiveError(f"{name} is longer than {most:,} bytes")
        return content


class _Salvage:
    """Brings good rows from a damaged file into a clean store, and keeps account of the others."""

    def __init__(self, db: sqlite3.Connection, directory: Path, clean: Store) -> None:
        self._from, self._clean = db, clean
        self._check, self._scrub = Check(_Folder(directory)), scrubber(db, directory)
        self._lost: list[str] = []

    def whole(self) -> list[str]:
        """Do it; return what was lost."""
        with self._clean.database.write() as db:
            for table in LINES:
                self._table(db, table)
            self._missing_runs()
            self._missing_epochs(db)
        return self._lost

    def _table(self, db: sqlite3.Connection, table: str) -> None:
        reasons: Counter[str] = Counter()
        broken = _Broken()
        for row in _readable(self._from, table, broken):
            try:
                for line in line_of(table, row, self._scrub):
                    if table != "reports":  # they come in no order
                        self._check.look(line)
                    _add(db, table, line, row["rowid"])
            except ArchiveError as error:
                reasons[error.reason] += 1
            except (ValidationError, sqlite3.IntegrityError, OverflowError):
                reasons["it holds what no store writes, or is of a run that is lost"] += 1
        if broken.said:
            self._lost.append(f"Part of the table {table} can't be read ({broken.said}).")
        self._lost += [
            f"Left out: {count} row{'s' if count > 1 else ''} of {table}; {reason}."
            for reason, count in reasons.most_common(20)
        ]

    def _missing_runs(self) -> None:
        for identity, spec in self._check.specs.items():
            there = sum(one.experiment_id == identity for one in self._check.runs.values())
            missing = len(spec.runs()) - there
            if missing:
                self._lost.append(
                    f"{missing} of the {len(spec.runs())} runs of {spec.name} ({identity}) are lost; "
                    "`masklab run` trains them anew."
                )

    def _missing_epochs(self, db: sqlite3.Connection) -> None:
        """Stop runs that lack epochs, and let them start anew: their scores would mislead."""
        db.execute(
            "DELETE FROM reports WHERE epoch > (SELECT epoch FROM runs WHERE id = reports.run_id)"
        )
        holes = db.execute(
            "SELECT r.id, r.strategy, r.seed, r.epoch, r.epoch - count(p.id) AS missing FROM runs r "
            "LEFT JOIN reports p ON p.run_id = r.id GROUP BY r.id HAVING missing ORDER BY r.rowid"
        ).fetchall()
        for row in holes:
            said = f"{row['missing']} of its {row['epoch']} epochs were lost with a damaged store"
            self._lost.append(
                f"The run {row['id']} ({row['strategy']}, seed {row['seed']}): {said}. "
                "Start it again to compute them."
            )
            db.execute(
                "UPDATE runs SET status = 'stopped', message = ?, ended = coalesce(ended, started, created) "
                "WHERE id = ?",
                (f"{said[0].upper()}{said[1:]}. Start it again to compute them.", row["id"]),
            )
            db.execute(
                "DELETE FROM artifacts WHERE run_id = ? AND kind = 'checkpoint'", (row["id"],)
            )


class _Broken:
    """What SQLite said last of a table that it can't read through; "" if it could."""

    said = ""


def _readable(db: sqlite3.Connection, table: str, broken: _Broken) -> Iterator[dict[str, Any]]:
    """Return the rows that can be read, in no order: of a range that breaks off, the halves of the rest.

    They are sought by their number alone: an index may be damaged where the table is whole.
    """
    try:
        db.execute(f"SELECT 1 FROM {table} LIMIT 0")  # noqa: S608 - our own names
    except sqlite3.Error as error:
        older = "no such table" in str(error) and 0 < schema.version_of(db) < schema.VERSION
        broken.said = "" if older else str(error)
        return
    ranges, tries = deque([(1, _highest(db, table))]), 0
    while ranges and tries < _TRIES:
        low, high = ranges.popleft()
        tries += 1
        try:
            for row in db.execute(
                f"SELECT rowid AS rowid, * FROM {table} "  # noqa: S608 - our own names
                "WHERE rowid BETWEEN ? AND ? ORDER BY rowid",
                (low, high),
            ):
                if not low <= row[0] <= high:  # pages that lead back to each other, for ever
                    raise sqlite3.DatabaseError("its rows stand out of order")
                low = row[0] + 1
                yield dict(row) | {"rowid": row[0]}
        except sqlite3.Error as error:
            broken.said = str(error)
            if low < high:
                middle = (low + high) // 2
                ranges += [(low, middle), (middle + 1, high)]


def _highest(db: sqlite3.Connection, table: str) -> int:
    """Return a number that no row's is above."""
    most: int = db.execute("PRAGMA page_count").fetchone()[0] * 1000
    with contextlib.suppress(sqlite3.Error, TypeError, ValueError):
        for row in db.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)):
            return max(int(row[0]), 1)
    return most


def _add(db: sqlite3.Connection, table: str, line: Line, rowid: int) -> None:
    row = line.row() | {"rowid": rowid} | ({"place": rowid} if table == "runs" else {})
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    db.execute(f"INSERT INTO {table} ({names}) VALUES ({values})", row)  # noqa: S608 - our own names
