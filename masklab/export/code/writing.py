"""Write a run's code into a folder, with the data that it reads beside it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from masklab.runs.store import Store

Kind = Literal["script", "notebook", "keras"]
KINDS: tuple[Kind, ...] = ("script", "notebook", "keras")


def write(store: Store, run_id: str, folder: Path, kind: Kind = "script") -> list[Path]:
    """Write a finished run's code and all that it reads into a folder; return the files."""
    raise NotImplementedError
