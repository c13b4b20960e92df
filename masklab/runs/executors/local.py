"""Train on this machine: a detached supervisor that outlives the app, one for each store."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
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
_started: dict[Path, subprocess.Popen[bytes]] = {}


class LocalExecutor(Executor):
    """Worker processes on this machine, one thread each.

    `slots`: runs at once, by default one for each core. The supervisor ends when nothing has waited
    for `idle_seconds`.
    """

    title: ClassVar[str] = "This machine"

    kind: Literal["local"] = "local"
    slots: int | None = Field(default=None, ge=1)
    idle_seconds: float = Field(default=300.0, ge=0)

    def ensure(self, store: Store) -> None:
        """Start the store's supervisor unless it lives; raise `StoreError` if that can't be done."""
        directory = store.directory
        mine = _started.get(directory)
        if is_held(directory) or (mine is not None and mine.poll() is None):
            return
        try:
            _started[directory] = self._start(directory)
        except OSError as error:
            raise StoreError(
                f"The process that trains runs can't be started ({error.strerror or error}). "
                "The runs stay in the queue: start them again later."
            ) from error

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


def ensure_supervisor(store: Store) -> None:
    """See to it that the store's waiting runs get trained on this machine; returns at once."""
    LocalExecutor().ensure(store)


def _open_log(path: Path) -> BinaryIO:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LONGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
