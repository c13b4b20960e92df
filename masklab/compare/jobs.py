"""Computations on trained runs that take a while: apart from the app, their results kept in the store.

`start` sets one going in a process of its own, as the app must not import torch; `job_of` says how
far it is, `stop` ends it. The same arguments to the same code name the same job: what was computed
once is there at once. One is computed at a time; the others wait for their turn.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import json
import os
import sys
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields, replace
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import masklab
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

LOG = "jobs.log"
_LOCK = "jobs.lock"
_STARTING = 20.0
_TOLD_EVERY = 0.5
_LOOK_EVERY = 0.2
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Job:
    """How far a computation is: `done` is a share; `result` its JSON value once it has finished.

    `message`: one sentence on why it failed, else empty. `since`: when it was asked for; `began`:
    when its turn came, 0 before. `token` names the process whose job it is: one that was taken for
    dead, or was stopped, writes nothing more. `asked`: the arguments, until it has ended.
    """

    status: Literal["running", "finished", "failed"]
    done: float = 0.0
    result: Any = None
    message: str = ""
    since: float = 0.0
    pid: int | None = None
    process: str | None = None
    token: str = ""
    began: float = 0.0
    asked: dict[str, Any] | None = None

    def seconds_left(self, now: float) -> float | None:
        """Return how long it may still take; None where nothing is known yet."""
        if self.status != "running" or not self.began or self.done < 0.01:
            return None
        return (now - self.began) * (1 - self.done) / self.done


class TakenAwayError(MaskLabError):
    """The job was stopped or given to another process, or its experiment was deleted."""

    def __init__(self) -> None:
        super().__init__("The computation was stopped, or its experiment was deleted.")


def start(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> None:
    """Compute in a process of its own, unless that is going on or was done.

    Where no process can be started, `job_of` says so.
    """
    name, token = _name(kind, arguments), uuid.uuid4().hex

    def claimed(found: Job | None) -> Job | None:
        if found is not None and _settled(found).status != "failed":
            return None
        return Job("running", since=time.time(), token=token, asked=arguments)

    if not _exchange(store, experiment_id, name, claimed):
        return
    told = ["--store", str(store.directory), "--experiment", experiment_id]
    told += ["--kind", kind, "--name", name, "--token", token]
    try:
        pid = start_detached(store.directory, Command(__name__, told, LOG)).pid
    except OSError as error:
        why = f"No process can be started ({error.strerror or error}). Try again later."
        _update(store, experiment_id, name, token, lambda own: _failed(own, why))
        return
    # Known at once, so that one that breaks down at its start is seen to be gone.
    with contextlib.suppress(TakenAwayError):
        _update(
            store, experiment_id, name, token,
            lambda own: own if own.pid else replace(own, pid=pid, process=identity(pid)),
        )  # fmt: skip


def job_of(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> Job | None:
    """Return how far a computation is; None if it was never asked for."""
    known = _read(store.fact(experiment_id, _name(kind, arguments)))
    return None if known is None else _settled(known)


def stop(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> None:
    """End a computation that goes on, within a moment; nothing if none does."""

    def stopped(found: Job | None) -> Job | None:
        if found is None or found.status != "running":
            return None
        return replace(_failed(found, "It was stopped."), token="")

    _exchange(store, experiment_id, _name(kind, arguments), stopped)


def run(store: Store, experiment_id: str, kind: str, arguments: dict[str, Any]) -> Any:
    """Compute here and now; return the result and keep it. Raises what the computation raises.

    Raises `TakenAwayError` as soon as the job was stopped or its experiment is gone.
    """
    return _run(store, experiment_id, kind, _name(kind, arguments), arguments)


def _run(  # noqa: PLR0913, PLR0917 (a job is these)
    store: Store,
    experiment_id: str,
    kind: str,
    name: str,
    arguments: dict[str, Any],
    token: str = "",
) -> Any:
    """Compute under a name; `token`: of the job that was started, "" to make it this process's."""
    now = time.time()
    own = Job("running", since=now, began=now, pid=os.getpid(), process=identity(os.getpid()))
    own = replace(own, token=token or uuid.uuid4().hex, asked=arguments)
    if not _exchange(
        store, experiment_id, name,
        lambda found: own if not token or (found and found.token == token) else None,
    ):  # fmt: skip
        raise TakenAwayError
    told = time.monotonic()

    def tell(done: float) -> None:
        nonlocal told
        if time.monotonic() - told < _TOLD_EVERY:
            return
        told = time.monotonic()
        share = min(max(done, 0.0), 1.0)
        _update(store, experiment_id, name, own.token, lambda found: replace(found, done=share))

    try:
        result = import_module(KINDS[kind]).compute(store, experiment_id, arguments, tell)
        ended = replace(own, status="finished", done=1.0, result=result, asked=None)
        _update(store, experiment_id, name, own.token, lambda _: ended)
    except TakenAwayError:
        raise
    except BaseException as error:
        why = _in_words(error)
        _exchange(
            store, experiment_id, name,
            lambda found: _failed(found, why) if found and found.token == own.token else None,
        )  # fmt: skip
        raise
    return result


def _in_words(error: BaseException) -> str:
    if isinstance(error, MaskLabError):
        return str(error)
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first or 'no more is known'}. The store's {LOG} tells more."


def _failed(job: Job, why: str) -> Job:
    return replace(job, status="failed", message=why, asked=None)


def _settled(job: Job) -> Job:
    """Return the job, failed where its process is gone."""
    if job.status != "running":
        return job
    starting = job.pid is None and time.time() - job.since < _STARTING
    if starting or is_alive(job.pid, job.process):
        return job
    return _failed(job, "Its process was ended before it was done.")


def _read(known: Any) -> Job | None:
    """Return a job as the store has it; None where a later version wrote something else."""
    names = {field.name for field in fields(Job)}
    if not isinstance(known, dict) or "status" not in known or not names.issuperset(known):
        return None
    return Job(**known)


def _update(
    store: Store, experiment_id: str, name: str, token: str, step: Callable[[Job], Job]
) -> None:
    """Change a job; raise `TakenAwayError` if it isn't that token's any more."""
    if not _exchange(
        store, experiment_id, name,
        lambda found: step(found) if found and found.token == token else None,
    ):  # fmt: skip
        raise TakenAwayError


def _exchange(
    store: Store, experiment_id: str, name: str, step: Callable[[Job | None], Job | None]
) -> bool:
    """Change a job with nobody in between; `step` returns None to leave it. False if nothing was kept."""
    with store.database.write() as db:
        row = db.execute(
            "SELECT value FROM facts WHERE experiment_id = ? AND name = ?", (experiment_id, name)
        ).fetchone()
        changed = step(None if row is None else _read(json.loads(row["value"])))
        if changed is None:
            return False
        kept = db.execute(
            "INSERT OR REPLACE INTO facts SELECT id, ?, ? FROM experiments WHERE id = ?",
            (name, json.dumps(asdict(changed)), experiment_id),
        )
        return kept.rowcount > 0


def _name(kind: str, arguments: dict[str, Any]) -> str:
    """Return the name of a job: made of its arguments and of the code that computes it."""
    found = find_spec(KINDS[kind])
    code = Path(found.origin).read_bytes() if found is not None and found.origin else b""
    told = [masklab.__version__, hashlib.sha256(code).hexdigest(), arguments]
    text = json.dumps(told, sort_keys=True).encode()
    return f"job:{kind}:{hashlib.sha256(text).hexdigest()[:16]}"


@contextlib.contextmanager
def _turn(directory: Path, check: Callable[[], object]) -> Iterator[None]:
    """Wait until no other job of the store is computed; `check` may end the waiting."""
    with (directory / _LOCK).open("a") as file:
        looked = time.monotonic()
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(_LOOK_EVERY)
            if time.monotonic() - looked > 10 * _LOOK_EVERY:
                check()
                looked = time.monotonic()
        yield


def main() -> int:
    """Compute what the arguments name; 1 if it fails."""
    parser = argparse.ArgumentParser(prog="masklab.compare.jobs")
    parser.add_argument("--store", type=Path, required=True)
    for name in ("--experiment", "--kind", "--name", "--token"):
        parser.add_argument(name, required=True)
    given = parser.parse_args()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    os.nice(5)
    try:
        store = Store(given.store, patience=30.0)
        own = (store, given.experiment, given.name, given.token)
        with _turn(given.store, lambda: _update(*own, lambda found: found)):
            asked = _read(store.fact(given.experiment, given.name))
            if asked is None or asked.asked is None:
                raise TakenAwayError
            _run(store, given.experiment, given.kind, given.name, asked.asked, given.token)
    except TakenAwayError:
        return 0
    except MaskLabError as error:
        logs.say(str(error))
        return 1
    except Exception:
        logs.say(traceback.format_exc())
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
