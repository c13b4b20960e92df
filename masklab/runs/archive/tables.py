"""Read from a store, at one moment, the rows that make up an archive."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from masklab.errors import StoreError
from masklab.runs.archive.lines import KINDS, LINES, FactLine, Line, ReportLine, in_words, real
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
        hosts = {row[0] for row in db.execute("SELECT DISTINCT host FROM runs")}
        self._scrub = Scrubber(directory, hosts - {""})

    def lines(self, table: str) -> Iterator[Line]:
        """Return the lines of a table, in an order that the content alone decides."""
        for raw in getattr(self, f"_{table}")():
            try:
                yield LINES[table].model_validate(raw)
            except ValidationError as error:
                whose = raw.get("run_id") or raw.get("experiment_id") or raw.get("id")
                raise StoreError(
                    f"A row of {table}, of {whose}, can't be exported ({in_words(error)}). "
                    "`masklab store check` tells what is damaged; "
                    "`masklab store export --rescue OUT.zip` leaves such rows out."
                ) from error

    def _of_experiments(self, statement: str) -> Iterator[dict[str, Any]]:
        for one in self._choice.experiments:
            for row in self._db.execute(statement, (one,)):
                yield dict(row)

    def _of_runs(self, statement: str) -> Iterator[dict[str, Any]]:
        for one in self._choice.experiments:
            known = self._db.execute(
                "SELECT id FROM runs WHERE experiment_id = ? ORDER BY position", (one,)
            ).fetchall()
            for run in known:
                if self._choice.has(run["id"]):
                    yield from map(dict, self._db.execute(statement, (run["id"],)))

    def _experiments(self) -> Iterator[dict[str, Any]]:
        return self._of_experiments("SELECT id, name, spec, created FROM experiments WHERE id = ?")

    def _runs(self) -> Iterator[dict[str, Any]]:
        names = [name for name in LINES["runs"].model_fields if name != "environment"]
        for row in self._of_runs("SELECT * FROM runs WHERE id = ?"):
            ended = row["status"] in _ENDED
            environment = self._scrub.value(json.loads(row["environment"]))
            yield {name: row[name] for name in names} | {
                "status": row["status"] if ended else "paused",
                "ended": row["ended"] if ended else None,
                "best_score": real(row["best_score"]),
                "message": self._scrub.text(row["message"]),
                "environment": environment,
            }

    def _reports(self) -> Iterator[dict[str, Any]]:
        names = ", ".join(ReportLine.model_fields)
        statement = f"SELECT {names} FROM reports WHERE run_id = ? ORDER BY epoch"  # noqa: S608
        for row in self._of_runs(statement):
            yield {name: real(one) if isinstance(one, float) else one for name, one in row.items()}

    def _events(self) -> Iterator[dict[str, Any]]:
        for row in self._of_experiments(
            "SELECT time, experiment_id, run_id, kind, text FROM events "
            "WHERE experiment_id = ? ORDER BY id"
        ):
            if self._choice.has(row["run_id"]):
                text = "" if row["kind"] == "started" else self._scrub.text(row["text"])
                yield row | {"text": text}

    def _facts(self) -> Iterator[dict[str, Any]]:
        for row in self._of_experiments(
            "SELECT experiment_id, name, value FROM facts WHERE experiment_id = ? ORDER BY name"
        ):
            told = row | {"value": json.dumps(self._scrub.value(json.loads(row["value"])))}
            # What is worked out about the data can be worked out again; so much for other versions'.
            if _is_fact(told):
                yield told

    def _parameters(self) -> Iterator[dict[str, Any]]:
        return self._of_runs(
            "SELECT run_id, name, value FROM parameters WHERE run_id = ? ORDER BY name"
        )

    def _tags(self) -> Iterator[dict[str, Any]]:
        for row in self._of_experiments(
            "SELECT experiment_id, run_id, tag FROM tags WHERE experiment_id = ? ORDER BY rowid"
        ):
            if self._choice.has(row["run_id"]):
                yield row

    def _artifacts(self) -> Iterator[dict[str, Any]]:
        for row in self._of_experiments(
            "SELECT experiment_id, run_id, kind, epoch, path, sha256, bytes, created FROM artifacts "
            "WHERE experiment_id = ? ORDER BY path"
        ):
            if self._choice.has(row["run_id"]) and row["kind"] in KINDS:
                yield row


def _is_fact(row: dict[str, Any]) -> bool:
    try:
        FactLine.model_validate(row)
    except ValidationError:
        return False
    return True
