"""Computations on trained runs that take a while: apart from the app, their results kept in the store.

`start` sets one going in a process of its own, as the app must not import torch; `job_of` says how
far it is. The same arguments name the same job: what was computed once is there at once.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from masklab.errors import MaskLabError
from masklab.runs import logs
from masklab.runs.detached import Command
from masklab.runs.detached import start as start_detached
from masklab.runs.processes import identity, is_alive
from masklab.runs.store import Store

Tell = Callable[[float], None]
"""Hears which share of a computation is done, 0 to 1."""

KINDS = {
    "cross": "masklab.compare.cross",
    "audit": "masklab.compare.leakage",
}
"""Each module has `compute(store, experiment_id, arguments, tell)`, which returns a JSON value."""

_STARTING = 20.0
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """How far a computation is: `done` is a share; `result` its JSON value once it has finished.

    `message`: one sentence on why it failed, else empty.
    """

    status: Literal["running", "finished", "failed"]
    done: float = 0.0
    result: Any = None
    message: str = ""
    since: float = 0.0
    pid: int | None = None
    process: str | None = None


def start(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> None:
    """Compute in a process of its own, unless that is going on or was done.

    Raises `OSError` if no process can be started.
    """
    found = job_of(store, experiment_id, kind, arguments)
    if found is not None and found.status != "failed":
        return
    _keep(store, experiment_id, kind, arguments, Job("running", since=time.time()))
    given = json.dumps(arguments, sort_keys=True)
    told = ["--store", str(store.directory), "--experiment", experiment_id]
    command = Command(__name__, [*told, "--kind", kind, "--arguments", given], "jobs.log")
    start_detached(store.directory, command)


def job_of(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> Job | None:
    """Return how far a computation is; None if it was never asked for."""
    known = store.fact(experiment_id, _name(kind, arguments))
    if known is None:
        return None
    job = Job(**known)
    if job.status != "running":
        return job
    starting = job.pid is None and time.time() - job.since < _STARTING
    if starting or is_alive(job.pid, job.process):
        return job
    return replace(job, status="failed", message="Its process was ended. Start it again.")


def run(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> Any:
    """Compute here and now; return the result and keep it. Raises what the computation raises."""
    own = Job("running", since=time.time(), pid=os.getpid(), process=identity(os.getpid()))
    _keep(store, experiment_id, kind, arguments, own)

    def tell(done: float) -> None:
        _keep(store, experiment_id, kind, arguments, replace(own, done=done))

    try:
        result = import_module(KINDS[kind]).compute(store, experiment_id, arguments, tell)
    except BaseException as error:
        said = str(error) if isinstance(error, MaskLabError) else f"{type(error).__name__}: {error}"
        _keep(store, experiment_id, kind, arguments, replace(own, status="failed", message=said))
        raise
    ended = replace(own, status="finished", done=1.0, result=result)
    _keep(store, experiment_id, kind, arguments, ended)
    return result


def _keep(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any], job: Job) -> None:
    store.set_fact(experiment_id, _name(kind, arguments), asdict(job))


def _name(kind: str, arguments: dict[str, Any]) -> str:
    text = json.dumps(arguments, sort_keys=True).encode()
    return f"job:{kind}:{hashlib.sha256(text).hexdigest()[:16]}"


def main() -> int:
    """Compute what the arguments name; 1 if it fails."""
    parser = argparse.ArgumentParser(prog="masklab.compare.jobs")
    parser.add_argument("--store", type=Path, required=True)
    for name in ("--experiment", "--kind", "--arguments"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    os.nice(5)
    try:
        store = Store(given.store, patience=30.0)
        run(store, given.experiment, given.kind, json.loads(given.arguments))
    except MaskLabError as error:
        logs.say(str(error))
        return 1
    except Exception:
        logs.say(traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
