"""What a run's worker writes while it trains: a log for each run, of which the end is shown."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path

from masklab.runs.files import safe_name

FOLDER = "logs"
_LONGEST = 1 << 20
_TAIL = 1 << 16


def path_of(directory: Path, run_id: str) -> Path:
    """Return the path of a run's log."""
    return directory / FOLDER / f"{safe_name(run_id)}.log"


def tail(directory: Path, run_id: str, lines: int) -> list[str]:
    """Return the last lines of a run's log; empty if there is none."""
    try:
        with path_of(directory, run_id).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return []
    return text.splitlines()[-lines:]


def write_here(directory: Path, run_id: str) -> None:
    """Let all that this process writes go to the run's log; nothing if the disk won't take it."""
    path = path_of(directory, run_id)
    try:
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > _LONGEST:
            path.replace(path.with_suffix(".old.log"))
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    except OSError:
        return
    sys.stdout.flush()
    sys.stderr.flush()
    for stream in (1, 2):
        os.dup2(handle, stream)
    os.close(handle)


def say(text: str) -> None:
    """Write a line with the time before it; nothing where the disk won't take it."""
    with contextlib.suppress(OSError):
        sys.stderr.write(_line(text))
        sys.stderr.flush()


def add(directory: Path, run_id: str, text: str) -> None:
    """Write a line to a run's log from a process that looks after several runs."""
    path = path_of(directory, run_id)
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
        with path.open("a") as file:
            file.write(_line(text))


def _line(text: str) -> str:
    return f"{time.strftime('%Y-%m-%d %H:%M:%S')} {text}\n"
