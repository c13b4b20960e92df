"""Epoch reports as one table for comparisons and charts."""

from __future__ import annotations

import pandas as pd

from masklab.runs.database import Database
from masklab.runs.schema import SCORE_COLUMNS

_KINDS = {
    "run_id": "str",
    "strategy": "str",
    "seed": "int64",
    "epoch": "int64",
    "training_loss": "float64",
    "learning_rate": "float64",
    "seconds": "float64",
    "is_best": "bool",
} | {name: "int64" if name.endswith("_count") else "float64" for name in SCORE_COLUMNS}

_FROM_RUN = ("strategy", "seed")


def reports(database: Database, experiment_id: str) -> pd.DataFrame:
    """Return every epoch of an experiment's runs; see `Store.reports`."""
    names = ", ".join(f"{'r' if name in _FROM_RUN else 'p'}.{name}" for name in _KINDS)
    with database.read() as db:
        rows = db.execute(
            f"SELECT {names} FROM reports p JOIN runs r ON r.id = p.run_id "  # noqa: S608
            "WHERE r.experiment_id = ? ORDER BY r.position, p.epoch",
            (experiment_id,),
        ).fetchall()
    frame = pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(_KINDS))
    return frame.astype(_KINDS)
