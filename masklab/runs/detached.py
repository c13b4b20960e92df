"""Start a process that outlives the one that starts it, and say once how it ended if it broke down."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import BinaryIO, NamedTuple

import masklab
from masklab.errors import StoreError

Started = dict[Path, tuple[subprocess.Popen[bytes], float]]
"""By store, the process that was started last for it, and when."""

_LONGEST_LOG = 1 << 20
_STARTING = 10.0


class Command(NamedTuple):
    """A module of ours that looks after a store, its arguments, and where its words go."""

    module: str
    arguments: list[str]
    log_name: str


def ensure(started: Started, directory: Path, command: Command, idle: float) -> None:
    """Start a command for a store, unless one was started that may yet take its lock.

    `idle`: seconds that it stays without work. Raises `StoreError` if it can't be started, or the
    one started before broke down.
    """
    if directory in started:
        process, since = started[directory]
        # It takes less time to come to its lock than it stays when idle.
        if process.poll() is None and time.monotonic() - since < min(_STARTING, idle):
            return
        del started[directory]
        _check_end(process, directory / command.log_name)
    try:
        started[directory] = start(directory, command), time.monotonic()
    except OSError as error:
        raise StoreError(
            f"The process that trains runs can't be started ({error.strerror or error}). "
            "The runs stay in the queue: start them again later."
        ) from error


def start(directory: Path, command: Command) -> subprocess.Popen[bytes]:
    """Start a command in the store's folder; what it says goes to the log there."""
    with _open_log(directory / command.log_name) as log:
        process = subprocess.Popen(  # noqa: S603 - our own module
            [sys.executable, "-m", command.module, *command.arguments],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=directory,
            env=environment(),
            start_new_session=True,
        )
    # Somebody must wait for it, or it stays in the process table after its end.
    threading.Thread(target=process.wait, name="reaper", daemon=True).start()
    return process


def environment() -> dict[str, str]:
    """Return the variables of a process that imports this masklab from any folder."""
    home, known = str(Path(masklab.__file__).parent.parent), os.environ.get("PYTHONPATH")
    return {**os.environ, "PYTHONPATH": f"{home}{os.pathsep}{known}" if known else home}


def _check_end(process: subprocess.Popen[bytes], log: Path) -> None:
    if (process.returncode or 0) > 0:
        raise StoreError(
            f"The process that trains runs ended with code {process.returncode}; its last words are "
            f"in {log}. The runs stay in the queue."
        )


def _open_log(path: Path) -> BinaryIO:
    with contextlib.suppress(FileNotFoundError):
        if path.stat().st_size > _LONGEST_LOG:
            path.replace(path.with_suffix(".old.log"))
    return path.open("ab")
