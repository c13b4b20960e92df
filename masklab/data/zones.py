"""Time zones: local times to UTC, and zone names that can be used again."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import pandas as pd
from jaxtyping import Shaped

from masklab.data.log import Fix, Log


def known_zone(name: str, log: Log, chosen: bool = False) -> str:
    """Return an IANA zone name for a zone; a fixed offset in whole hours becomes `Etc/GMT-2`.

    A zone that has no such name becomes UTC with a note; stops if the user chose it.
    """
    name = _fixed(name) or name
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if chosen:
            _unknown(name, log)
        log.note(f"The times are {name}; they are shown in UTC. Choose a time zone to change that.")
        return "UTC"
    return name


def offset_name(offset: str) -> str:
    """Return '+02:00' for the ways in which an offset is written: Z, UTC, +02, +0200."""
    if offset in {"Z", "z", "UTC", "GMT"}:
        return "+00:00"
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return f"{offset[0]}{digits[:2]}:{digits[2:]}"


def in_utc(
    local: Shaped[np.ndarray, "row"], zone: str, log: Log, where: Callable[[int], str]
) -> Shaped[np.ndarray, "row"]:
    """Return local times of a zone in UTC; stop at one that the zone skips or has twice.

    The hour that comes twice in autumn is told apart by the order of the rows, where it is there
    twice.
    """
    known_zone(zone, log, chosen=True)
    times = pd.DatetimeIndex(local)
    known = ~np.isnat(local)
    name = _fixed(zone) or zone
    first = times.tz_localize(name, ambiguous="NaT", nonexistent="NaT")
    open_rows = np.asarray(first.isna()) & known
    if open_rows.any():
        with suppress(ValueError):  # where the rows' order doesn't tell: reported below
            first = times.tz_localize(name, ambiguous="infer", nonexistent="NaT")
        open_rows = np.asarray(first.isna()) & known
    if open_rows.any():
        row = int(np.argmax(open_rows))
        log.stop(
            f"{times[row]} in {where(row)} comes twice or never in {zone}, where clocks change "
            f"({int(open_rows.sum()):,} such rows). Leave the time zone out, or use times in UTC.",
            Fix("Leave the time zone out", {"timezone": None}),
        )
    return first.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")


def _fixed(name: str) -> str | None:
    """Return the IANA name of an offset in whole hours: 'UTC+02:00' is 'Etc/GMT-2'."""
    text = name.removeprefix("UTC").removeprefix("GMT")
    if not text:
        return "UTC"
    if text[0] not in "+-" or not text[1:].replace(":", "").isdigit():
        return None
    sign, hours, minutes = text[0], int(text[1:3]), text[3:].replace(":", "") or "00"
    if int(minutes):
        return None
    if hours == 0:
        return "UTC"
    return f"Etc/GMT{'-' if sign == '+' else '+'}{hours}"


def _unknown(name: str, log: Log) -> None:
    log.stop(
        f"There is no time zone {name!r}. Give an IANA name such as 'Europe/Berlin' or 'UTC'.",
        Fix("Leave the time zone out", {"timezone": None}),
    )
