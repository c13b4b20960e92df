"""Write to a store that is locked or full for a while: wait for it instead of losing what was done."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from masklab.errors import StoreError
from masklab.runs import logs
from masklab.runs.database import FILE_NAME

T = TypeVar("T")

_AGAIN = 1.0
_PATIENCE = 3600.0


def insist(
    directory: Path,
    action: Callable[[], T],
    check: Callable[[], None] | None = None,
    say: Callable[[str], None] = logs.say,
) -> T:
    """Do something with a store until it succeeds; give up when the store is gone, or after an hour.

    Raises what `action` raised last, or what `check` raises, which is asked before each new
    try. `say`: hears what stands in the way.
    """
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return action()
        except (OSError, StoreError) as error:
            if not (directory / FILE_NAME).exists() or time.monotonic() > deadline:
                raise
            if check is not None:
                check()
            say(f"The store can't be written: {reason(error)}. Trying again.")
            time.sleep(_AGAIN)


def reason(error: OSError | StoreError) -> str:
    """Return what went wrong, without a full stop."""
    said = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return said.rstrip(".")
