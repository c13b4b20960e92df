"""The log of what happened to runs: an entry for each, beside the change that it tells of."""

from __future__ import annotations

import sqlite3
import time


def log_event(
    db: sqlite3.Connection, experiment_id: str, run_id: str, kind: str, text: str
) -> None:
    """Write an entry within the transaction of what it tells."""
    db.execute(
        "INSERT INTO events (time, experiment_id, run_id, kind, text) VALUES (?, ?, ?, ?, ?)",
        (time.time(), experiment_id, run_id, kind, text),
    )
