"""Who may log in: named users of a store with a workspace each, or one password for the store."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from masklab.access import files
from masklab.access.passwords import Hashed, hashed, random_token
from masklab.errors import AccessError

FILE_NAME = "users.json"
MOST = 1000
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}")
_HASHES = TypeAdapter(dict[str, Hashed])


class Keys(ABC):
    """What a login is checked against."""

    asks_name: bool
    """Whether a name is asked for."""

    @abstractmethod
    def key(self, name: str) -> Hashed | None:
        """Return a user's hashed password, None if there is no such user."""

    @abstractmethod
    def workspace(self, name: str) -> Path:
        """Return the folder of a user's own store."""

    def fits(self, name: str, password: str) -> bool:
        """Whether a user of that name has that password; takes as long if there is none."""
        known = self.key(name)
        return (known or _nobody()).fits(password) and known is not None


class OnePassword(Keys):
    """One password, and behind it the store itself."""

    asks_name = False
    NAME = "owner"

    def __init__(self, directory: Path, password: str) -> None:
        self._directory = directory
        # Salted by the store's secret, not at random: cookies outlive a restart.
        self._key = hashed(password, files.secret(directory))

    def key(self, name: str) -> Hashed | None:
        """Return the password's hash."""
        return self._key if name == self.NAME else None

    def workspace(self, name: str) -> Path:
        """Return the store's own folder."""
        return self._directory


class Users(Keys):
    """The users that `masklab users` keeps; each has a store of its own in `users/NAME`.

    The file is read again whenever it has changed: who is removed is out at once.
    """

    asks_name = True

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._path = directory / files.FOLDER / FILE_NAME
        self._read: tuple[tuple[int, int, int] | None, dict[str, Hashed]] = (None, {})

    def __len__(self) -> int:
        return len(self._known())

    def names(self) -> list[str]:
        """Return all names in alphabetical order."""
        return sorted(self._known())

    def key(self, name: str) -> Hashed | None:
        """Return a user's hash."""
        return self._known().get(name)

    def workspace(self, name: str) -> Path:
        """Return `users/NAME`; raise `AccessError` if that is no user's name."""
        return self._directory / "users" / _checked(name)

    def add(self, name: str, password: str) -> None:
        """Add a user; raise `AccessError` if there is one, or name or password won't do."""
        known = self._known()
        if _checked(name) in known:
            raise AccessError(
                f"There is a user {name!r} already. To change the password, remove the user and add "
                "them again: their workspace stays."
            )
        if len(known) >= MOST:
            raise AccessError(f"A store has up to {MOST:,} users. Remove some first.")
        self._write(known | {name: hashed(password)})

    def remove(self, name: str) -> None:
        """Remove a user, whose sessions end at once; the workspace stays on the disk."""
        known = self._known()
        if name not in known:
            names = ", ".join(sorted(known)[:20]) or "none"
            raise AccessError(f"There is no user {name!r}; there are: {names}.")
        self._write({one: key for one, key in known.items() if one != name})

    def _known(self) -> dict[str, Hashed]:
        try:
            status = self._path.stat()
        except OSError:
            return {}
        stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
        if self._read[0] != stamp:
            try:
                content = _HASHES.validate_json(files.read(self._path) or b"{}")
            except ValidationError as error:
                raise AccessError(
                    f"{self._path} is damaged, so nobody can log in. Delete it and add the users "
                    "again: their workspaces stay."
                ) from error
            self._read = (stamp, content)
        return self._read[1]

    def _write(self, known: dict[str, Hashed]) -> None:
        plain = {name: key.model_dump() for name, key in sorted(known.items())}
        files.write(self._path, json.dumps(plain, indent=1).encode())


def _checked(name: str) -> str:
    """Return a name that is safe as a folder's on every system; raise `AccessError` for others."""
    if not _NAME.fullmatch(name):
        raise AccessError(
            f"{name[:60]!r} can't be a user's name. Take up to 32 of a-z, 0-9, - and _, "
            "beginning with a letter."
        )
    return name


@cache
def _nobody() -> Hashed:
    """Return what the password of somebody unknown is compared with: the answer takes as long."""
    return hashed(random_token())
