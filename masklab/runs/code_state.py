"""Whether MaskLab's own files have changed since a process started: an update, or an edit."""

from __future__ import annotations

from pathlib import Path

import masklab

CodeState = frozenset[tuple[str, int, int]]


def code_state() -> CodeState:
    """Return path, time of change and size of each of MaskLab's modules, as they are on disk."""
    found = []
    for path in Path(masklab.__file__).parent.rglob("*.py"):
        try:
            status = path.stat()
        except FileNotFoundError:  # removed while we looked
            continue
        found.append((str(path), status.st_mtime_ns, status.st_size))
    return frozenset(found)
