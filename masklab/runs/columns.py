"""Epoch reports once more, column by column: charts read one score of thirty, of a million epochs.

Written where a process lets go of a run; the database drops them (a trigger) when a row of the run
changes. Where there are none the rows are read: `reports` stays what counts.
"""

from __future__ import annotations

import math
import sqlite3
from array import array
from collections.abc import Sequence

from masklab.runs.schema import SCORE_COLUMNS

KINDS: dict[str, str] = {
    "epoch": "q",
    "training_loss": "d",
    "learning_rate": "d",
    "seconds": "d",
    "is_best": "q",
} | {name: "q" if name.endswith("_count") else "d" for name in SCORE_COLUMNS}
"""The columns and what they hold: whole numbers (q) or floats (d), eight bytes each."""

_NAMES = ", ".join(KINDS)


def pack(db: sqlite3.Connection, run_id: str) -> None:
    """Write the columns of a run from its rows, in place of what was there."""
    rows = db.execute(
        f"SELECT {_NAMES} FROM reports WHERE run_id = ? ORDER BY epoch",  # noqa: S608
        (run_id,),
    ).fetchall()
    packed = zip(KINDS.items(), zip(*rows, strict=True), strict=True) if rows else ()
    db.executemany(
        "INSERT OR REPLACE INTO columns VALUES (?, ?, ?)",
        [(run_id, name, _bytes(kind, values)) for (name, kind), values in packed],
    )


def pack_all(db: sqlite3.Connection) -> None:
    """Write the columns of every run that has rows, no columns, and nobody who trains it."""
    rows = db.execute(
        "SELECT id FROM runs WHERE status != 'running' AND EXISTS "
        "(SELECT 1 FROM reports WHERE run_id = runs.id) AND NOT EXISTS "
        "(SELECT 1 FROM columns WHERE run_id = runs.id)"
    ).fetchall()
    for row in rows:
        pack(db, row[0])


def of_experiment(
    db: sqlite3.Connection, experiment_id: str, names: Sequence[str]
) -> dict[str, dict[str, bytes]]:
    """Return by run and name the columns that are known, as bytes."""
    rows = db.execute(
        "SELECT c.run_id, c.name, c.data FROM runs r JOIN columns c ON c.run_id = r.id "  # noqa: S608
        f"WHERE r.experiment_id = ? AND c.name IN ({', '.join('?' * len(names))})",
        (experiment_id, *names),
    ).fetchall()
    found: dict[str, dict[str, bytes]] = {}
    for run_id, name, data in rows:
        found.setdefault(run_id, {})[name] = data
    return found


def of_rows(db: sqlite3.Connection, run_id: str, names: Sequence[str]) -> dict[str, bytes]:
    """Return by name the columns of a run that has none yet, made from its rows."""
    rows = db.execute(
        f"SELECT {', '.join(names)} FROM reports WHERE run_id = ? ORDER BY epoch",  # noqa: S608
        (run_id,),
    ).fetchall()
    values = zip(*rows, strict=True) if rows else ((),) * len(names)
    return {name: _bytes(KINDS[name], one) for name, one in zip(names, values, strict=True)}


def _bytes(kind: str, values: Sequence[float | None]) -> bytes:
    return array(kind, [math.nan if one is None else one for one in values]).tobytes()
