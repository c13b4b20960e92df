"""The gate: who logs in gets a signed cookie that says so, and shows it with every request."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from masklab.access import files
from masklab.access.users import Keys

HOURS = 12
"""A session's length: a day's work, then the password once more."""
_FORM = re.compile(r"([a-z][a-z0-9_-]{0,31})\.([0-9]{10,12})\.([0-9a-f]{32})\.([0-9a-f]{64})")
_LEFT_MOST = 10_000


@dataclass(frozen=True)
class Session:
    """A cookie that was checked: whose it is, its own id, and until when (seconds of the epoch)."""

    name: str
    identity: str
    until: int


class Gate:
    """Checks passwords and cookies. A cookie is bound to its user's password hash.

    So it ends with that password or user, at its own time, or by `leave`. `secure`: the browser
    may send it over TLS alone.
    """

    def __init__(
        self,
        directory: Path,
        keys: Keys,
        *,
        secure: bool = False,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.keys = keys
        self.secure = secure
        # The prefix makes browsers refuse one that another host, or plain HTTP, has set.
        self.cookie = "__Host-masklab" if secure else "masklab"
        self._secret = files.secret(directory)
        self._clock = clock
        self._left: dict[str, int] = {}

    def enter(self, name: str, password: str) -> str | None:
        """Return the cookie for a user with that password, None if there is none."""
        if not self.keys.fits(name, password):
            return None
        until = int(self._clock()) + HOURS * 3600
        text = f"{name}.{until}.{secrets.token_hex(16)}"
        signature = self._signature(name, text)
        return None if signature is None else f"{text}.{signature}"

    def session(self, cookie: str | None) -> Session | None:
        """Return the session of a cookie; None if it is forged, altered, over, or its user is gone."""
        found = _FORM.fullmatch(cookie or "")
        if cookie is None or found is None:
            return None
        name, until, identity, signature = found.groups()
        right = self._signature(name, cookie.rpartition(".")[0])
        if right is None or not hmac.compare_digest(signature, right):
            return None
        if int(until) <= self._clock() or identity in self._left:
            return None
        return Session(name, identity, int(until))

    def leave(self, cookie: str | None) -> None:
        """End a session before its time, for as long as this server runs."""
        session = self.session(cookie)
        if session is None:
            return
        now = self._clock()
        self._left = {one: until for one, until in self._left.items() if until > now}
        while len(self._left) >= _LEFT_MOST:
            self._left.pop(next(iter(self._left)))
        self._left[session.identity] = session.until

    def _signature(self, name: str, text: str) -> str | None:
        key = self.keys.key(name)
        if key is None:
            return None
        bound = hmac.digest(self._secret, key.digest.encode(), "sha256")
        return hmac.new(bound, text.encode(), hashlib.sha256).hexdigest()
