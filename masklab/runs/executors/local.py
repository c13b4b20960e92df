"""Train on this machine: a detached supervisor that outlives the app, one for each store."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, ClassVar, Literal

from pydantic import Field

import masklab
from masklab.errors import StoreError
from masklab.runs.executors.executor import Executor
from masklab.runs.lock import is_held

if TYPE_CHECKING:
    from masklab.runs.store import Store

LOG_NAME = "supervisor.log"

_LONGEST_LOG = 1 << 20
_STARTING = 10.0
_started: dict[Path, tuple[subprocess.Popen[bytes], float]] = {}


class LocalExecutor(Executor):
    """Worker processes on this machine, one thread each.

    `slots`: runs at once, by default one for each core. The supervisor ends when nothing has waited
    for `idle_seconds`.
    """

    title: ClassVar[str] = "This machine"

    kind: Literal["local"] = "local"
    slots: int | None = Field(default=None, ge=1, le=1024, title="Runs at once")
    """How many runs train side by side; None: one for each core."""
    idle_seconds: float = Field(default=300.0, ge=0)
    """The supervisor ends when nothing has waited or trained for so long."""

    def ensure(self, store: Store) -> None:
        """Start the store's supervisor unless it lives.

        Raises `StoreError` if it can't be started, or the one started before broke down.
        """
        directory = store.directory
        if is_held(directory):
            return
        if directory in _started:
            process, since = _started[directory]
            if process.poll() is None and time.monotonic() - since < self._grace():
                return  # it has not come to its lock yet
            del _started[directory]
            _check_end(process, directory)
        try:
            _started[directory] = self._start(directory), time.monotonic()
        except OSError as error:
            raise StoreError(
                f"The process that trains runs can't be started ({error.strerror or error}). "
                "The runs stay in the queue: start them again later."
            ) from error

    def _grace(self) -> float:
        """Seconds for a new supervisor to take its lock: less than it stays when idle."""
        return min(_STARTING, self.idle_seconds)

    @staticmethod
    def environment() -> dict[str, str]:
        """Return the variables of a process that imports this masklab from any folder."""
        home, known = str(Path(masklab.__file__).parent.parent), os.environ.get("PYTHONPATH")
        return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{known}" if known else home}

    def _start(self, directory: Path) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "masklab.runs.supervisor", "--store", str(directory)]
        command += ["--idle", str(self.idle_seconds)]
        command += [] if self.slots is None else ["--slots", str(self.slots)]
        with _open_log(directory / LOG_NAME) as log:
            process = subprocess.Popen(  # noqa: S603 - our own module
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=self.environment(),
                start_new_session=True,
            )
        # Somebody must wait for it, or it stays in the process table after its end.
        threading.Thread(target=process.wait, name="supervisor-reaper", daemon=True).start()
        return process


def _check_end(process: subprocess.Popen[bytes], directory: Path) -> None:
    if (process.returncode or 0) > 0:
        raise StoreError(
            f"The process that trains runs ended with code {process.returncode}; its last words are "
            f"in {directory / LOG_NAME}. The runs stay in the queue."
        )


def ensure_supervisor(store: Store) -> None:
    """See to it that the store's waiting runs get trained on this machine; returns at once."""
    known = store.setting("executor") or {}
    (LocalExecutor(**known) if known.get("kind") == "local" else LocalExecutor()).ensure(store)


def _open_log(path: Path) -> BinaryIO:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LONGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
