"""Look at a store's file without opening the store: nothing is made, migrated or mended."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from masklab.runs.database import FILE_NAME


@contextlib.contextmanager
def looked_at(directory: Path) -> Iterator[sqlite3.Connection]:
    """Lend a connection that only reads; `sqlite3.Error` where that can't be done."""
    path = directory / FILE_NAME
    connection = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    with contextlib.closing(connection):
        connection.row_factory = sqlite3.Row
        yield connection
