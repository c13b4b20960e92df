"""Whose page sends a request: hosts that a server answers to, and pages of its own."""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_loopback(address: str) -> bool:
    """Whether only this machine can reach an address."""
    if address.lower().rstrip(".") in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def host_name(host: str) -> str | None:
    """Return the name in a Host header without its port, None if it isn't one."""
    try:
        parts = urlsplit(f"//{host}")
        _ = parts.port  # raises for what is no number
    except ValueError:
        return None
    if parts.netloc != host or "@" in host or not parts.hostname:
        return None
    return parts.hostname.rstrip(".")


def answers_to(host: str | None, names: Collection[str] | None) -> bool:
    """Whether a Host header names one of `names` (None: any). `*.x` stands for what ends with `.x`.

    A page elsewhere whose name is made to point here (DNS rebinding) sends its own name.
    """
    found = None if host is None else host_name(host)
    if found is None or names is None:
        return found is not None
    known = [name.strip().lower().strip("[]") for name in names]
    return any(
        name in ("*", found) or (name.startswith("*.") and found.endswith(name[1:]))
        for name in known
    )


def is_own(origin: str | None, host: str | None, allowed: Collection[str] = ()) -> bool:
    """Whether a request comes from a page of this server, or of `allowed`, or from no page at all.

    The Origin's host and port must be those of the Host header: another program's page on this
    machine is not ours either.
    """
    if origin is None or origin in allowed:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and host is not None and parts.netloc == host.lower()
