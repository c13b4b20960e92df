"""Successive halving: at some epochs the runs of a seed wait for each other, and the best go on.

Runs of one seed share initial weights, batches and scored cells, so that their strategies are
compared alike. All of them wait, so that what is decided does not depend on which came first.
Source: Jamieson & Talwalkar 2016, "Non-stochastic best arm identification".
"""

from __future__ import annotations

import math
import sqlite3
import time
from typing import TYPE_CHECKING

from masklab.runs.event_log import log_event

if TYPE_CHECKING:
    from masklab.runs.rows import RunRow
    from masklab.runs.spec import Experiment
    from masklab.runs.store import Store

_LEAST_EPOCHS = 1
_HALVED = "Stopped by successive halving: "


def rungs(epochs: int, strategies: int, keep_one_in: int | None) -> tuple[int, ...]:
    """Return the epochs after which runs wait for each other; none where nothing would be saved.

    Each rung has `keep_one_in` times the epochs of the one before it, and lets so much fewer go on;
    the last lets one strategy train to the end.
    """
    if keep_one_in is None or strategies < 2:
        return ()
    count = max(1, round(math.log(strategies, keep_one_in)))
    found = [epochs // keep_one_in**power for power in range(count, 0, -1)]
    return tuple(sorted({one for one in found if _LEAST_EPOCHS <= one < epochs}))


def rungs_of(experiment: Experiment) -> frozenset[int]:
    """Return the rungs of an experiment."""
    training = experiment.training
    return frozenset(rungs(training.epochs, len(experiment.strategies), training.halving))


def is_halved(run: RunRow) -> bool:
    """Whether a run was stopped as one that would not win."""
    return run.status == "stopped" and run.message.startswith(_HALVED)


def decide(store: Store) -> None:
    """Let the best of the runs that have all come to a rung go on, and stop the others."""
    with store.database.read() as db:
        resting = db.execute(
            "SELECT DISTINCT experiment_id, seed FROM runs WHERE rung > 0 AND status = 'queued'"
        ).fetchall()
    for row in resting:
        with store.database.write() as db:
            _decide(db, row["experiment_id"], row["seed"])


def _decide(db: sqlite3.Connection, experiment_id: str, seed: int) -> None:
    peers = db.execute(
        "SELECT id, strategy, status, rung, stop_requested FROM runs WHERE experiment_id = ? AND seed = ?",
        (experiment_id, seed),
    ).fetchall()
    resting = [one for one in peers if one["status"] == "queued" and one["rung"]]
    rung = min(one["rung"] for one in resting) if resting else 0
    # Paused ones may come yet; stopped and failed ones won't. Who is past the rung ended early.
    if not rung or any(
        one["status"] in {"queued", "running", "paused"} and one["rung"] < rung for one in peers
    ):
        return
    here = [one for one in resting if one["rung"] == rung]
    keep_one_in = db.execute(
        "SELECT json_extract(spec, '$.training.halving') FROM experiments WHERE id = ?",
        (experiment_id,),
    ).fetchone()[0]
    ended = [one for one in peers if one["status"] == "finished"]
    ranked = sorted(here + ended, key=lambda one: _score(db, one["id"], rung))
    kept = {one["id"] for one in ranked[: max(1, len(ranked) // max(1, keep_one_in or 1))]}
    for place, one in enumerate(ranked, 1):
        if one not in here:
            continue
        said = f"{_ordinal(place)} of {len(ranked)} strategies with seed {seed} after epoch {rung}"
        if one["id"] in kept:
            db.execute("UPDATE runs SET rung = 0 WHERE id = ?", (one["id"],))
            log_event(db, experiment_id, one["id"], "went on", f"Goes on: {said}.")
        else:
            message = f"{_HALVED}{said}."
            db.execute(
                "UPDATE runs SET status = 'stopped', rung = 0, message = ?, ended = ? WHERE id = ?",
                (message, time.time(), one["id"]),
            )
            log_event(db, experiment_id, one["id"], "halved", message)


def _score(db: sqlite3.Connection, run_id: str, rung: int) -> float:
    """Return the best score on the common cells up to a rung; infinite if it has none."""
    row = db.execute(
        "SELECT min(common_rmse) FROM reports WHERE run_id = ? AND epoch <= ?", (run_id, rung)
    ).fetchone()
    return math.inf if row[0] is None else float(row[0])


def _ordinal(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if 10 <= number % 100 <= 20 else ending}"
