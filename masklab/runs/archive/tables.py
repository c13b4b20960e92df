"""Read from a store, at one moment, the rows that make up an archive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from masklab.errors import StoreError
from masklab.runs.archive.lines import KINDS, LINES, FactLine, Line, in_words, real
from masklab.runs.archive.scrub import Scrubber

_ENDED = ("finished", "stopped", "failed")


@dataclass(frozen=True)
class Choice:
    """What to take: experiments by their ids, and of them all runs, or one."""

    experiments: tuple[str, ...]
    run: str | None = None

    def has(self, run_id: str | None) -> bool:
        """Whether something of a run, or of its experiment as a whole, is wanted."""
        return self.run is None or run_id in {None, self.run}


class Rows:
    """The rows of a store's choice, table by table, as lines without traces of this machine."""

    def __init__(self, db: sqlite3.Connection, choice: Choice, directory: Path) -> None:
        self._db, self._choice = db, choice
        self._scrub = scrubber(db, directory)

    def lines(self, table: str) -> Iterator[Line]:
        """Return the lines of a table, in an order that the content alone decides."""
        for row in self._rows(table):
            try:
                yield from line_of(table, row, self._scrub)
            except ValidationError as error:
                whose = row.get("run_id") or row.get("experiment_id") or row.get("id")
                raise StoreError(
                    f"A row of {table}, of {whose}, can't be exported ({in_words(error)}). "
                    "`masklab store check` tells what is damaged; "
                    "`masklab store export --rescue OUT.zip` leaves such rows out."
                ) from error

    def _rows(self, table: str) -> Iterator[dict[str, Any]]:
        owner, order = _ORDER[table]
        statement = f"SELECT * FROM {table} WHERE {owner} = ? ORDER BY {order}"  # noqa: S608
        for one in self._choice.experiments:
            if owner == "run_id":
                of_run = map(dict, self._runs(one))
                yield from (row for run in of_run for row in self._found(statement, run["id"]))
            else:
                yield from (
                    row
                    for row in self._found(statement, one)
                    if self._choice.has(row["id"] if table == "runs" else row.get("run_id"))
                )

    def _runs(self, experiment_id: str) -> list[sqlite3.Row]:
        rows = self._db.execute(
            "SELECT id FROM runs WHERE experiment_id = ? ORDER BY position", (experiment_id,)
        ).fetchall()
        return [row for row in rows if self._choice.has(row["id"])]

    def _found(self, statement: str, value: str) -> Iterator[dict[str, Any]]:
        return map(dict, self._db.execute(statement, (value,)))


_ORDER = {
    "experiments": ("id", "id"),
    "runs": ("experiment_id", "position"),
    "reports": ("run_id", "epoch"),
    "events": ("experiment_id", "id"),
    "facts": ("experiment_id", "name"),
    "parameters": ("run_id", "name"),
    "tags": ("experiment_id", "rowid"),
    "artifacts": ("experiment_id", "path"),
}
"""Whose the rows of a table are, and how they are ordered."""


def scrubber(db: sqlite3.Connection, directory: Path) -> Scrubber:
    """Return what takes this machine, and those that a store names, from its texts."""
    try:
        hosts = {row[0] for row in db.execute("SELECT DISTINCT host FROM runs")}
    except sqlite3.Error:  # an older store, or a damaged one
        hosts = set()
    return Scrubber(directory, {one for one in hosts if isinstance(one, str)} - {""})


def line_of(table: str, row: dict[str, Any], scrub: Scrubber) -> Iterator[Line]:
    """Return a store's row as a line, or nothing if it stays here.

    Raises `ValidationError` if it holds what no store writes.
    """
    fields = LINES[table].model_fields.items()
    told = {
        name: _told(row.get(name)) for name, field in fields if name in row or field.is_required()
    }
    if table == "runs":
        told |= _run(row, scrub)
    elif table == "events":
        if row.get("experiment_id") is None:
            return
        told["text"] = "" if row.get("kind") == "started" else scrub.text(str(row.get("text")))
    elif table == "facts":
        try:
            told["value"] = json.dumps(scrub.value(json.loads(row["value"])))
            yield FactLine.model_validate(told)
        except (ValidationError, ValueError, TypeError, RecursionError):
            # It can be worked out again: so much for what other versions wrote.
            pass
        return
    elif table == "artifacts" and row.get("kind") not in KINDS:
        return
    yield LINES[table].model_validate(told)


def _told(value: Any) -> Any:
    return real(value) if type(value) is float and not isfinite(value) else value


def _run(row: dict[str, Any], scrub: Scrubber) -> dict[str, Any]:
    ended = row.get("status") in _ENDED
    try:
        environment = scrub.value(json.loads(row.get("environment") or "{}"))
    except (ValueError, TypeError, RecursionError):
        environment = None
    return {
        "status": row["status"] if ended else "paused",
        "ended": row["ended"] if ended else None,
        "message": scrub.text(str(row.get("message"))),
        "environment": environment,
        # Those that stores of before lack.
        "rung": row.get("rung", 0),
        "resumed_from": row.get("resumed_from", 0),
        "device": row.get("device", ""),
    }
