"""How runs leave the queue, wait outside it, come back, and change turns: statements on their table."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Set
from typing import Literal

Where = Literal["first", "up", "down", "last"]
"""Where waiting runs can be moved: to the front of the queue, a turn up or down, to its end."""

STOP, STOP_AND_QUEUE, PAUSE = 1, 2, 3
"""What `stop_requested` says of a training run: stop; stop, then wait again; pause."""

IN_TURN = "priority DESC, place"
"""The order in which waiting runs start."""

_WAITS = (
    "status = 'queued', stop_requested = 0, message = '', ended = NULL, deaths = 0, rung = 0, "
    "pid = NULL, process = NULL, heartbeat = NULL"
)


def stop(db: sqlite3.Connection, which: str, value: str) -> None:
    """Take waiting and paused runs from the queue, and ask training ones to stop."""
    db.execute(
        "UPDATE runs SET status = 'stopped', ended = ?, "  # noqa: S608 - our own words
        "message = CASE WHEN epoch THEN 'Stopped on request.' ELSE 'Stopped before it started.' END "
        f"WHERE status IN ('queued', 'paused') AND {which}",
        (time.time(), value),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {STOP} WHERE status = 'running' AND {which}",  # noqa: S608
        (value,),
    )


def pause(db: sqlite3.Connection, which: str, value: str) -> None:
    """Let waiting runs wait outside the queue, and ask training ones to come there too."""
    db.execute(
        f"UPDATE runs SET status = 'paused' WHERE status = 'queued' AND {which}",  # noqa: S608
        (value,),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {PAUSE} "  # noqa: S608
        f"WHERE status = 'running' AND stop_requested IN (0, {STOP_AND_QUEUE}) AND {which}",
        (value,),
    )


def resume(db: sqlite3.Connection, which: str, value: str) -> None:
    """Bring paused runs back into the queue; those that are pausing come as soon as they have."""
    db.execute(
        f"UPDATE runs SET status = 'queued' WHERE status = 'paused' AND {which}",  # noqa: S608
        (value,),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {STOP_AND_QUEUE} "  # noqa: S608
        f"WHERE status = 'running' AND stop_requested = {PAUSE} AND {which}",
        (value,),
    )


def queue_again(db: sqlite3.Connection, which: str, value: str) -> None:
    """Queue stopped, paused and failed runs, to go on from their checkpoints.

    Those that are stopping wait for their worker's end.
    """
    db.execute(
        f"UPDATE runs SET {_WAITS} "  # noqa: S608
        f"WHERE status IN ('stopped', 'failed', 'paused') AND {which}",
        (value,),
    )
    db.execute(
        f"UPDATE runs SET stop_requested = {STOP_AND_QUEUE} "  # noqa: S608
        f"WHERE status = 'running' AND stop_requested IN ({STOP}, {PAUSE}) AND {which}",
        (value,),
    )


def after_stop(db: sqlite3.Connection, run_id: str, wish: int) -> None:
    """Queue or pause a run that has just stopped, if that was asked for."""
    if wish == STOP_AND_QUEUE:
        queue_again(db, "id = ?", run_id)
    if wish == PAUSE:
        db.execute(
            "UPDATE runs SET status = 'paused', message = '', ended = NULL WHERE id = ?", (run_id,)
        )


def next_place(db: sqlite3.Connection) -> float:
    """Return a place behind all runs."""
    return float(db.execute("SELECT coalesce(max(place), 0) + 1 FROM runs").fetchone()[0])


def prioritise(db: sqlite3.Connection, run_ids: list[str], priority: int) -> None:
    """Give runs a priority: higher ones start first."""
    db.executemany(
        "UPDATE runs SET priority = ? WHERE id = ?", [(priority, one) for one in run_ids]
    )


def move(db: sqlite3.Connection, run_id: str, before: str | None) -> None:
    """Give a waiting run the turn before another waiting one, whose priority it takes; None: last."""
    rows = db.execute(
        f"SELECT id, priority, place FROM runs WHERE status IN ('queued', 'paused') AND id != ? "  # noqa: S608
        f"ORDER BY {IN_TURN}",
        (run_id,),
    ).fetchall()
    at = next((index for index, row in enumerate(rows) if row["id"] == before), len(rows))
    if not rows:
        return None
    priority = rows[at]["priority"] if at < len(rows) else rows[-1]["priority"]
    beside = [row["place"] for row in rows[max(at - 1, 0) : at] if row["priority"] == priority]
    above = beside[0] if beside else None
    below = rows[at]["place"] if at < len(rows) else None
    if above is None or below is None:
        place = below - 1 if below is not None else next_place(db)
    else:
        place = (above + below) / 2
        if not above < place < below:  # halved once too often: number all of them anew
            _number(db, rows)
            return move(db, run_id, before)
    db.execute(
        "UPDATE runs SET priority = ?, place = ? WHERE id = ? AND status IN ('queued', 'paused')",
        (priority, place, run_id),
    )
    return None


def arrange(db: sqlite3.Connection, run_ids: Set[str], where: Where) -> None:
    """Move waiting runs within the queue, in their own order; they take the priority of the place."""
    rows = [
        (row["id"], row["priority"], row["place"])
        for row in db.execute(
            f"SELECT id, priority, place FROM runs WHERE status = 'queued' ORDER BY {IN_TURN}"  # noqa: S608
        )
    ]
    moved = _moved([(run_id, priority) for run_id, priority, _ in rows], run_ids, where)
    places = sorted(place for _, _, place in rows)
    db.executemany(
        "UPDATE runs SET priority = ?, place = ? WHERE id = ?",
        [
            (priority, place, run_id)
            for (run_id, priority), place, old in zip(moved, places, rows, strict=True)
            if (run_id, priority, place) != old
        ],
    )


def _moved(rows: list[tuple[str, int]], chosen: Set[str], where: Where) -> list[tuple[str, int]]:
    """Return ids with priorities in their new turns, from those in their old ones."""
    ours = [row for row in rows if row[0] in chosen]
    others = [row for row in rows if row[0] not in chosen]
    if not ours or not others:
        return rows
    if where == "first":
        return [(one, max(priority, others[0][1])) for one, priority in ours] + others
    if where == "last":
        return others + [(one, min(priority, others[-1][1])) for one, priority in ours]
    # A chosen run changes turns with its neighbour; behind a chosen one that can't, it stays.
    found = rows[::-1] if where == "down" else rows[:]
    for index in range(1, len(found)):
        before, here = found[index - 1], found[index]
        if here[0] in chosen and before[0] not in chosen:
            found[index - 1], found[index] = (here[0], before[1]), before
    return found[::-1] if where == "down" else found


def _number(db: sqlite3.Connection, rows: list[sqlite3.Row]) -> None:
    base = next_place(db)
    db.executemany(
        "UPDATE runs SET place = ? WHERE id = ?",
        [(base + index, row["id"]) for index, row in enumerate(rows)],
    )
