"""How runs leave the queue and come back into it, as statements on the runs table."""

from __future__ import annotations

import sqlite3
import time

STOP, STOP_AND_QUEUE = 1, 2
"""What `stop_requested` says of a training run: stop, or stop and then start anew."""

_AFRESH = (
    "status = 'queued', stop_requested = 0, message = '', started = NULL, ended = NULL, "
    "pid = NULL, process = NULL, heartbeat = NULL"
)


def stop(db: sqlite3.Connection, which: str, value: str) -> None:
    """Take waiting runs from the queue, and ask training ones to stop."""
    db.execute(
        "UPDATE runs SET status = 'stopped', ended = ?, "  # noqa: S608 - our own words
        f"message = 'Stopped before it started.' WHERE status = 'queued' AND {which}",
        (time.time(), value),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {STOP} WHERE status = 'running' AND {which}",  # noqa: S608
        (value,),
    )


def queue_again(db: sqlite3.Connection, which: str, value: str) -> None:
    """Queue stopped and failed runs; those that are stopping wait for their worker's end."""
    db.execute(
        f"UPDATE runs SET {_AFRESH} WHERE status IN ('stopped', 'failed') AND {which}",  # noqa: S608
        (value,),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {STOP_AND_QUEUE} "  # noqa: S608
        f"WHERE status = 'running' AND stop_requested = {STOP} AND {which}",
        (value,),
    )


def queue_if_asked(db: sqlite3.Connection, run_id: str, wish: int) -> None:
    """Queue a run that has just ended, if that was asked for while it was stopping."""
    if wish == STOP_AND_QUEUE:
        queue_again(db, "id = ?", run_id)
