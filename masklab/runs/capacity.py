"""What this machine has room for: memory that is free, GPUs that are there."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import psutil

FIRST_GUESS = 400 << 20
"""Bytes that a run is thought to need before one of its experiment was measured."""

_GROUP = Path("/sys/fs/cgroup")


def free_memory() -> int:
    """Return the bytes that a new process may take: of the machine, or of its container."""
    free = int(psutil.virtual_memory().available)
    limit, used = (_number(_GROUP / name) for name in ("memory.max", "memory.current"))
    return free if limit is None or used is None else min(free, max(0, limit - used))


@cache
def gpus() -> tuple[str, ...]:
    """Return the numbers of the NVIDIA GPUs that this process may use; empty if there are none."""
    allowed = os.environ.get("CUDA_VISIBLE_DEVICES")
    if allowed is not None:
        return tuple(one.strip() for one in allowed.split(",") if one.strip())
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return ()
    command = [tool, "--query-gpu=index", "--format=csv,noheader"]
    try:
        told = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return tuple(told.stdout.split()) if told.returncode == 0 else ()


def _number(path: Path) -> int | None:
    try:
        text = path.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None
