"""What a store knows of audits: results in a few words for a table, whole for one run. No torch."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from masklab.compare import jobs
from masklab.compare.jobs import Job
from masklab.compare.leakage.finding import VERSION, Audit, from_json, in_words
from masklab.runs.processes import is_alive
from masklab.runs.rows import RunRow
from masklab.runs.store import Store

KIND = "audit"

_KNOWN = (
    "SELECT json_extract(value, '$.result.run') AS run, json_extract(value, '$.result.failed') AS "
    "failed, json_extract(value, '$.result.counted') AS counted, json_extract(value, '$.result.seconds') AS seconds FROM facts WHERE experiment_id IN "
    "(SELECT value FROM json_each(?)) AND name LIKE 'job:audit:%' AND json_extract(value, '$.status') = 'finished' "
    "AND json_type(value, '$.result') = 'object' AND json_extract(value, '$.result.version') = ?"
)


_RUNNING = (
    "SELECT json_extract(value, '$.pid') AS pid, json_extract(value, '$.process') AS process "
    "FROM facts WHERE experiment_id = ? AND name LIKE 'job:audit:%' "
    "AND json_extract(value, '$.status') = 'running'"
)


@dataclass(frozen=True)
class Short:
    """How many of the checks that count failed, and how long the audit took."""

    failed: int
    counted: int
    seconds: float = 0.0

    def __str__(self) -> str:
        return in_words(self.failed, self.counted)


def shorts(store: Store, *experiment_ids: str) -> dict[str, Short]:
    """Return by run what every audit of experiments found; one query, whatever the number of runs."""
    with store.database.read() as db:
        rows = db.execute(_KNOWN, (json.dumps(experiment_ids), VERSION)).fetchall()
    return {row["run"]: Short(row["failed"], row["counted"], row["seconds"]) for row in rows}


def badges(store: Store, *experiment_ids: str) -> dict[str, str]:
    """Return by run the words of its badge: "passed 12 of 12"; runs without an audit are left out."""
    return {run: str(found) for run, found in shorts(store, *experiment_ids).items()}


def badge(store: Store, run: RunRow) -> str | None:
    """Return the words of a run's badge; None if it was not audited. `badges` tells of many at once."""
    return badges(store, run.experiment_id).get(run.id)


def audit_of(store: Store, experiment_id: str, run_id: str) -> Audit | None:
    """Return a run's audit with all evidence; None if it was not audited."""
    job = jobs.job_of(store, experiment_id, KIND, {"run": run_id})
    if job is None or job.status != "finished" or job.result.get("version") != VERSION:
        return None
    return from_json(job.result)


def start(store: Store, experiment_id: str, run_ids: Collection[str]) -> None:
    """Audit runs in a process of its own, one after the other; raise `OSError` if none starts."""
    jobs.start(store, experiment_id, KIND, several(run_ids))


def is_going_on(store: Store, experiment_id: str) -> bool:
    """Whether some audit of an experiment is computed at the moment."""
    with store.database.read() as db:
        rows = db.execute(_RUNNING, (experiment_id,)).fetchall()
    return any(is_alive(row["pid"], row["process"]) for row in rows)


def job_of(store: Store, experiment_id: str, run_ids: Collection[str]) -> Job | None:
    """Return how far the audit of just these runs is; None if it was not asked for."""
    return jobs.job_of(store, experiment_id, KIND, several(run_ids))


def several(run_ids: Collection[str]) -> dict[str, object]:
    """Return the arguments of a job that audits runs."""
    return {"runs": sorted(run_ids), "version": VERSION}
