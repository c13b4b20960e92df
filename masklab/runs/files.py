"""Files in a store, named by the SHA-256 of their bytes and written all at once or not at all."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path, PurePosixPath, PureWindowsPath

from masklab.errors import StoreError
from masklab.runs import room

_CHUNK = 1 << 20
_LONGEST_NAME = 120

Content = bytes | bytearray | memoryview | os.PathLike[str]


def safe_name(name: str) -> str:
    """Return the last part of a name without anything that could lead out of a folder.

    The end of a long name is kept, so that its extension says what it said before.
    """
    last = PurePosixPath(PureWindowsPath(unicodedata.normalize("NFC", name)).name).name
    plain = re.sub(r"[^\w.()+=@ -]", "_", last).strip(" .")
    while len(plain.encode()) > _LONGEST_NAME:
        plain = plain[1:]
    return plain.strip(" .") or "file"


def add(directory: Path, content: Content, name: str) -> tuple[str, Path]:
    """Keep a file in `directory` and return its SHA-256 and path.

    The same bytes are kept once; another name for them is a link, where the disk has such. Raises
    `StoreError` if the disk or the folder has no room for more (`masklab/runs/room.py`).
    """
    try:
        return _add(directory, content, safe_name(name))
    except OSError as error:
        raise StoreError(_reason(error, directory, name)) from error


def inside(directory: Path, relative: str) -> Path:
    """Return a path of the store; raise `StoreError` if it would lie outside."""
    path = (directory / relative).resolve()
    if not path.is_relative_to(directory.resolve()):
        raise StoreError(f"The path {relative!r} leads out of the store {directory}.")
    return path


def _add(directory: Path, content: Content, name: str) -> tuple[str, Path]:
    directory.mkdir(parents=True, exist_ok=True)
    size = _size(content)
    room.check_disk(directory, name, size)
    temporary, digest = _spill(directory, _chunks(content))
    target = directory / digest / name
    try:
        if not target.parent.exists():
            room.check_folder(directory, name, size)
        target.parent.mkdir(exist_ok=True)
        if not target.exists() and not _linked(target):
            temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)
    return digest, target


def _linked(target: Path) -> bool:
    """Make `target` another name of a file beside it, whose bytes are the same; say if it is."""
    for known in target.parent.iterdir():
        with contextlib.suppress(OSError):  # no such links on this disk, or too many of them
            target.hardlink_to(known)
            return True
    return False


def _spill(directory: Path, chunks: Iterator[bytes] | list[bytes]) -> tuple[Path, str]:
    """Write chunks to a temporary file beside its goal; return it and the SHA-256 of its bytes."""
    digest = hashlib.sha256()
    handle, name = tempfile.mkstemp(prefix=".part-", dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name), digest.hexdigest()


def _size(content: Content) -> int:
    if isinstance(content, memoryview):
        return content.nbytes
    return len(content) if isinstance(content, bytes | bytearray) else Path(content).stat().st_size


def _chunks(content: Content) -> Iterator[bytes]:
    if isinstance(content, bytes | bytearray | memoryview):
        yield bytes(content)
        return
    with Path(content).open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _reason(error: OSError, directory: Path, name: str) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"The disk that holds the store {directory} is full: {name!r} was not kept. Free some space."
    return f"{name!r} can't be kept in the store {directory} ({error.strerror or error})."
