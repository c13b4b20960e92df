"""Name a process so that its number, used again by another one, is not taken for it."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import psutil


def identity(pid: int) -> str | None:
    """Return a name of the living process `pid` that no other process will ever have; None if dead.

    A zombie is dead. On Linux the name is made of kernel ticks, which no change of the wall clock
    moves; elsewhere of the start time that psutil tells.
    """
    if sys.platform == "linux":
        return _linux_identity(pid)
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        return f"{pid}@{process.create_time():.2f}"
    except psutil.Error:
        return None


def is_alive(pid: int | None, name: str | None) -> bool:
    """Whether the process that was given this name still lives."""
    return pid is not None and name is not None and identity(pid) == name


def _linux_identity(pid: int) -> str | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets, and may hold brackets and spaces itself.
    fields = text.rpartition(")")[2].split()
    state, start_ticks = fields[0], fields[19]
    return None if state in "ZXx" else f"{pid}@{start_ticks}@{_boot()}"


@cache
def _boot() -> str:
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
