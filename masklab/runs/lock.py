"""The lock that lets one supervisor at a time look after a store; the kernel frees it at death."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

FILE_NAME = "supervisor.lock"


class SupervisorLock:
    """An exclusive lock on a store's folder; the file holds the owner's process number."""

    def __init__(self, directory: Path) -> None:
        self._file = (directory / FILE_NAME).open("a+")

    def take(self, patience: float = 1.0) -> bool:
        """Take the lock; False if another supervisor has it for longer than `patience` seconds.

        Patience is needed: `is_held` takes the lock for a moment to see whether it is free.
        """
        deadline = time.monotonic() + patience
        while not _try(self._file.fileno()):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return True

    def release(self) -> None:
        """Let another supervisor take over."""
        fcntl.flock(self._file, fcntl.LOCK_UN)

    def close(self) -> None:
        """Close the file, and with it the lock."""
        self._file.close()


def is_held(directory: Path) -> bool:
    """Whether a living supervisor looks after the store."""
    try:
        with (directory / FILE_NAME).open("rb") as file:
            return not _try(file.fileno(), fcntl.LOCK_SH)
    except FileNotFoundError:
        return False


def _try(file: int, kind: int = fcntl.LOCK_EX) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
