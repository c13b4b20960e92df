"""Names of time zones: what a user types, as the one name that every converter knows."""

from __future__ import annotations

import re
from functools import cache
from zoneinfo import available_timezones

_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+\-−])(\d{1,2})(?::?(\d{2}))?", re.IGNORECASE)
_UTC = frozenset({"utc", "gmt", "z"})


def zone_name(text: str) -> str | None:
    """Return the IANA name of a zone, whatever its case; None if there is none.

    An offset in whole hours has one: '+2', '+02:00', '+0200', 'UTC+2' and 'GMT+02:00' are
    'Etc/GMT-2', whose sign is turned round by the database's own rule. '+05:30' has none.
    """
    text = text.strip()
    if text.casefold() in _UTC:
        return "UTC"
    offset = _OFFSET.fullmatch(text)
    if offset is None:
        return _names().get(text.replace(" ", "_").casefold())
    sign, hours, minutes = offset.group(1), int(offset.group(2)), int(offset.group(3) or 0)
    if minutes:
        return None
    if hours == 0:
        return "UTC"
    return _names().get(f"etc/gmt{'-' if sign == '+' else '+'}{hours}")


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in available_timezones()}
