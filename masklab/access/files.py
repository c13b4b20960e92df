"""Small files that only their owner may read: what users and cookies are checked with."""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path

from masklab.errors import AccessError

FOLDER = "access"
"""Where they lie in a store."""
_SECRET_BYTES = 32


def read(path: Path) -> bytes | None:
    """Return the content, None if there is no such file; raise `AccessError` if others may read it."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if os.name == "posix" and mode & 0o077:
                raise AccessError(
                    f"Others on this machine may read {path} (mode {mode & 0o777:o}). "
                    f"Take that back first: chmod 600 {path}"
                )
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AccessError(f"{path} can't be read ({error.strerror or error}).") from error


def write(path: Path, content: bytes) -> None:
    """Replace the file at once or not at all, readable by its owner alone."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".part-", dir=path.parent)  # made with mode 600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise AccessError(f"{path} can't be written ({error.strerror or error}).") from error


def secret(directory: Path) -> bytes:
    """Return the store's own secret, made when it is first asked for."""
    path = directory / FOLDER / "secret"
    known = read(path)
    if known is None:
        known = secrets.token_bytes(_SECRET_BYTES)
        write(path, known)
    if len(known) != _SECRET_BYTES:
        raise AccessError(
            f"{path} does not hold a secret of {_SECRET_BYTES} bytes, but {len(known)}. "
            "Delete it: a new one is made, and everybody logs in again."
        )
    return known
