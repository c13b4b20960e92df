"""One SQLite file for many threads and processes: opening it, transactions, errors in words."""

from __future__ import annotations

import contextlib
import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

from masklab.errors import StoreError
from masklab.runs import columns, schema

FILE_NAME = "masklab.db"

_IDLE_CONNECTIONS = 4


class Database:
    """Short transactions on one SQLite file in WAL mode.

    Connections are lent to one thread at a time and kept for the next, so that threads that come
    and go (Streamlit's) cost nothing. `patience`: seconds to wait for another process's lock.
    """

    def __init__(self, directory: Path, patience: float = 10.0) -> None:
        self.directory = directory
        self.path = directory / FILE_NAME
        self.patience = patience
        self._idle: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        _prepare_directory(directory)
        with self._in_words(), _locked(directory / "open.lock"):
            self._initialise()
        weakref.finalize(self, _close_all, self._idle)

    @contextlib.contextmanager
    def read(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that sees one moment of the store."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Lend a connection that changes the store: all of the block, or nothing if it raises."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    def close(self) -> None:
        """Close the connections that wait for their next use; the next one opens another."""
        with self._guard:
            _close_all(self._idle)

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with self._in_words():
            connection = self._borrow()
            try:
                connection.execute(begin)
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                connection.close()  # rolls back
                raise
            self._give_back(connection)

    def _borrow(self) -> sqlite3.Connection:
        with self._guard:
            if self._idle:
                return self._idle.pop()
        # mode=rw: a store that somebody deleted must not come back as an empty file.
        return self._connect("rw")

    def _give_back(self, connection: sqlite3.Connection) -> None:
        with self._guard:
            if len(self._idle) < _IDLE_CONNECTIONS:
                self._idle.append(connection)
                return
        connection.close()

    def _connect(self, mode: str) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self.path.as_uri()}?mode={mode}",
            uri=True,
            timeout=self.patience,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        return connection

    def _initialise(self) -> None:
        if self.path.exists() and not self.path.stat().st_size and _has_files(self.directory):
            raise StoreError(
                f"The store file {self.path} is damaged: it is empty, while the folder holds files of "
                "its experiments. Put a backup in its place, or choose another folder with --store."
            )
        with contextlib.closing(self._connect("rwc")) as connection:
            self._check_version(connection)
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                raise StoreError(
                    f"The folder {self.directory} can't hold a run store: its file system lacks "
                    "shared memory, as network disks do. Choose a folder on a local disk."
                )
            if schema.version_of(connection) < schema.VERSION:
                schema.migrate(connection)
                columns.pack_all(connection)

    def _check_version(self, connection: sqlite3.Connection) -> None:
        if schema.is_foreign(connection):
            raise StoreError(
                f"{self.path} is another program's database, not a run store. "
                "Choose another folder with --store."
            )
        version = schema.version_of(connection)
        if version > schema.VERSION:
            raise StoreError(
                f"The store {self.directory} has schema version {version}; this MaskLab knows "
                f"versions up to {schema.VERSION}. Update MaskLab, or choose another folder with --store."
            )

    @contextlib.contextmanager
    def _in_words(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise _as_store_error(error, self.directory, self.patience) from error


def _has_files(directory: Path) -> bool:
    """Whether experiments of a store left files; its database comes before them."""
    return any(any((directory / name).glob("*")) for name in ("data", "artifacts"))


def _prepare_directory(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(_unwritable(directory, os.strerror(error.errno or 0))) from error


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time create or migrate the store."""
    try:
        file = path.open("a")
    except OSError as error:
        raise StoreError(_unwritable(path.parent, os.strerror(error.errno or 0))) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _close_all(connections: list[sqlite3.Connection]) -> None:
    for connection in connections:
        connection.close()
    connections.clear()


def _unwritable(directory: Path, reason: str) -> str:
    return (
        f"The folder {directory} can't hold a run store ({reason}). "
        "Choose a folder that you may write to, with --store or MASKLAB_STORE."
    )


def _as_store_error(error: sqlite3.Error, directory: Path, patience: float) -> StoreError:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StoreError(
            f"The store {directory} has been locked by another program for {patience:g} s. "
            "Close what else has it open, then try again."
        )
    if code == sqlite3.SQLITE_FULL:
        return StoreError(
            f"The disk that holds the store {directory} is full; nothing was changed. "
            "Free some space, then try again."
        )
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StoreError(
            f"The store file {directory / FILE_NAME} is damaged ({error}). Export what can be read "
            f"of it with `masklab store export --rescue OUT.zip --store '{directory}'`, and import "
            "that into a new folder; or put a backup in its place."
        )
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return StoreError(_unwritable(directory, str(error)))
    return StoreError(f"The store {directory} can't be read or written ({error}). Check its disk.")
