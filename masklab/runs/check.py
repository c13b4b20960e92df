"""Whether a store is whole: its file, what its rows say of each other, and every file they name."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from masklab.errors import StoreError
from masklab.runs import artifacts, belongings, files, schema
from masklab.runs.database import FILE_NAME
from masklab.runs.processes import is_alive
from masklab.runs.raw import looked_at
from masklab.runs.rows import ArtifactRow

_MOST = 20
_ENDED = "('finished', 'stopped', 'failed')"


def check(directory: Path) -> list[str]:
    """Return what is wrong with a store, a sentence or two each; empty if nothing is.

    Only reads; a store of another version, or a damaged one, is looked at as far as that goes.
    """
    directory = directory.expanduser().absolute()
    path = directory / FILE_NAME
    if not path.exists():
        return [f"There is no store file {path}. Name another folder with --store."]
    if not path.stat().st_size:
        return [f"The store file {path} is empty. Put a backup in its place."]
    try:
        with looked_at(directory) as db:
            return list(_findings(directory, db))
    except sqlite3.Error as error:
        return [_damaged(directory, str(error))]


def _findings(directory: Path, db: sqlite3.Connection) -> Iterator[str]:
    if schema.is_foreign(db):
        yield f"{directory / FILE_NAME} is another program's database. Name another folder with --store."
        return
    said = [str(row[0]) for row in db.execute(f"PRAGMA integrity_check({_MOST})")]
    if said != ["ok"]:
        yield _damaged(directory, "; ".join(said)[:600])
    version = schema.version_of(db)
    if version > schema.VERSION:
        yield (
            f"The store has schema version {version}, and this MaskLab knows versions up to "
            f"{schema.VERSION}: only its file was checked. Update MaskLab."
        )
    if version != schema.VERSION:
        return
    for look in (_references, _runs, _reports):
        yield from _as_far_as_it_goes(directory, look(db))
    for search in (_artifacts, _data, _orphans):
        yield from _as_far_as_it_goes(directory, search(directory, db))


def _as_far_as_it_goes(directory: Path, findings: Iterator[str]) -> Iterator[str]:
    try:
        yield from findings
    except sqlite3.Error as error:
        yield _damaged(directory, str(error))


def _damaged(directory: Path, said: str) -> str:
    return (
        f"The store file {directory / FILE_NAME} is damaged ({said}). Export what can be read of it "
        f"with `masklab store export --rescue OUT.zip --store '{directory}'`, and import that into a "
        "new folder; or put a backup in its place."
    )


def _references(db: sqlite3.Connection) -> Iterator[str]:
    counts: dict[tuple[str, str], int] = {}
    for row in db.execute("PRAGMA foreign_key_check"):
        counts[row[0], row[2]] = counts.get((row[0], row[2]), 0) + 1
    for (table, parent), count in counts.items():
        what = "1 row" if count == 1 else f"{count} rows"
        yield (
            f"{what} of {table} belong{'s' if count == 1 else ''} to {parent} that are gone. Export "
            "the store with --rescue, which leaves them out, and import that into a new folder."
        )


def _runs(db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT id, pid, process, host FROM runs WHERE status = 'running'"):
        if not row["host"] and not is_alive(row["pid"], row["process"]):
            yield (
                f"The run {row['id']} is said to train, but its process is gone. Open the app or "
                "start `masklab run`: it goes on from its checkpoint."
            )
    for row in db.execute(
        "SELECT id, status, ended FROM runs "  # noqa: S608 - our own words
        f"WHERE (status IN {_ENDED}) != (ended IS NOT NULL)"
    ):
        when = "no time" if row["ended"] is None else "a time"
        yield (
            f"The run {row['id']} is {row['status']}, and has {when} at which it ended. "
            "Start it again, or delete its experiment."
        )


def _reports(db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute(
        "SELECT r.id, r.status, r.epoch, count(p.id) AS there, coalesce(max(p.epoch), 0) AS last FROM runs r "
        "LEFT JOIN reports p ON p.run_id = r.id GROUP BY r.id "
        "HAVING there != r.epoch OR last != r.epoch ORDER BY r.id"
    ):
        if row["last"] > row["epoch"]:
            yield (
                f"The run {row['id']} has come to epoch {row['epoch']}, and has a report of epoch "
                f"{row['last']}. Train its experiment anew."
            )
        else:
            way = (
                "Train its experiment anew, or put a backup in the store's place"
                if row["status"] == "finished"
                else "Start it again to compute them"
            )
            yield (
                f"The run {row['id']} lacks {row['epoch'] - row['there']} of its {row['epoch']} "
                f"epochs' reports. {way}."
            )


def _artifacts(directory: Path, db: sqlite3.Connection) -> Iterator[str]:
    names = ", ".join(one.name for one in fields(ArtifactRow))
    rows = db.execute(f"SELECT {names} FROM artifacts ORDER BY path").fetchall()  # noqa: S608
    for row in (ArtifactRow(**one) for one in rows):
        whose = f"{row.kind} of {row.run_id or row.experiment_id}"
        try:
            there = artifacts.path_of(directory, row).is_file()
        except StoreError:
            yield f"The {whose} has a path that leads out of the store: {row.path!r}. Don't use it."
            continue
        if there and artifacts.is_whole(directory, row):
            continue
        if _is_gone(db, row):  # a worker let go of it while we looked
            continue
        what = "is not as it was written" if there else "is missing"
        way = (
            "The run goes on from an earlier one, or starts anew"
            if row.kind == artifacts.CHECKPOINT
            else "Put it back from a backup, or train the run anew in another folder"
        )
        yield f"The {whose}, {row.path}, {what}. {way}."


def _is_gone(db: sqlite3.Connection, row: ArtifactRow) -> bool:
    return db.execute("SELECT 1 FROM artifacts WHERE id = ?", (row.id,)).fetchone() is None


def _data(directory: Path, db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT id, name, spec FROM experiments ORDER BY position").fetchall():
        try:
            data = json.loads(row["spec"])["data"]
            there = files.inside(directory, data["path"]).is_file()
        except (ValueError, KeyError, TypeError, StoreError):
            yield f"The specification of {row['name']} ({row['id']}) can't be read. Delete it."
            continue
        if not there:
            yield (
                f"The data of {row['name']} ({row['id']}), {data['path']}, are missing. Put the file "
                "back: its SHA-256 is the name of its folder."
            )
    for path in sorted((directory / "data").glob("*/*")):
        if path.is_file() and _digest(path) != path.parent.name:
            yield (
                f"The data file {path.relative_to(directory)} is not as it was kept: its SHA-256 is "
                "not the name of its folder. Put it back from where it came."
            )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _orphans(directory: Path, db: sqlite3.Connection) -> Iterator[str]:
    found = belongings.orphans(directory, db)
    if found:
        size = sum(one.lstat().st_size for one in found) / 1e6
        one = len(found) == 1
        yield (
            f"{'1 file' if one else f'{len(found):,} files'} ({size:,.1f} MB) belong{'s' if one else ''} "
            "to nothing in the store. `masklab store compact` removes what belongs to nothing."
        )
