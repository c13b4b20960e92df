"""Take from texts what tells of one machine: folders, its name, its user's name, process numbers."""

from __future__ import annotations

import getpass
import os
import re
import socket
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import masklab

_QUOTED = re.compile(r"""(["'])((?:/|[A-Za-z]:[\\/]|\\\\)[^"'\n]*)\1""")
_ABSOLUTE = re.compile(r"""(?<![\w/.~])(?:[A-Za-z]:\\|\\\\|/)(?:[^\s"'<>|:;,()\[\]\\/]+[\\/])+""")
_PROCESS = re.compile(r"\b(process|pid)\b(\s*[=:#]?\s*)\d+", re.IGNORECASE)
_NOBODY = {"root", "user", "users", "localhost", "home"}
"""Names that tell of nobody, and are words of other texts."""


class Scrubber:
    """Replaces paths by the bare name of the file, and names of machine and user by what they are."""

    def __init__(self, directory: Path, hosts: Iterable[str] = ()) -> None:
        folders = [directory, Path.cwd(), Path.home(), Path(tempfile.gettempdir())]
        folders += [Path(sys.prefix), Path(masklab.__file__).parent.parent]
        known = {str(form) for one in folders for form in (one.absolute(), one.resolve())}
        # The longest first: the home of a user holds the others.
        self._roots = sorted((one for one in known if len(Path(one).parts) > 1), key=len)[::-1]
        self._names = {
            re.compile(rf"\b{re.escape(name)}\b"): word
            for word, names in (
                ("a machine", {socket.gethostname(), *hosts}),
                ("a user", {_user()}),
            )
            for name in names
            if len(name) > 2 and name.casefold() not in _NOBODY
        }

    def text(self, text: str) -> str:
        """Return a text without them."""
        text = _QUOTED.sub(lambda found: f"{found[1]}{_last(found[2])}{found[1]}", text)
        for root in self._roots:
            within = re.escape(root) + r"""(?:[\\/][^\s"'<>|:;,()\[\]]*)?(?![\w-])"""
            text = re.sub(within, lambda found: _last(found[0]), text)
        text = _ABSOLUTE.sub("", text)
        for pattern, word in self._names.items():
            text = pattern.sub(word, text)
        return _PROCESS.sub(r"\1", text)

    def value(self, value: Any) -> Any:
        """Return a JSON value whose texts are without them."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(one) for one in value]
        if isinstance(value, dict):
            return {name: self.value(one) for name, one in value.items()}
        return value


def _last(path: str) -> str:
    return re.split(r"[\\/]", path.rstrip("\\/"))[-1]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return os.environ.get("USER", "")
