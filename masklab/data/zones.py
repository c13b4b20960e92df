"""Time zones of a file: local times to UTC, the hour that comes twice told apart by the rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int64, Shaped

from masklab.data.log import Fix, Log
from masklab.data.zonenames import zone_name

ONE_WAY = 0.9
"""Share of a series' steps that go one way where its rows count as in order."""


def known_zone(name: str, log: Log, chosen: bool = False) -> str:
    """Return the IANA name of a zone, with a note where that is not what was written.

    A zone that has no such name becomes UTC with a note; stops if the user chose it.
    """
    found = zone_name(name)
    if found is None and chosen:
        log.stop(
            f"There is no time zone {name!r}. Give an IANA name such as 'Europe/Berlin' or 'UTC', "
            "or an offset in whole hours such as '+02:00'.",
            Fix("Leave the time zone out", {"timezone": None}),
        )
    if found is None:
        log.note(f"The times are {name}; they are shown in UTC. Choose a time zone to change that.")
        return "UTC"
    if chosen and found.casefold() != name.casefold():
        log.note(f"The time zone {name} is called {found} in the database of time zones.")
    return found


def offset_name(offset: str) -> str:
    """Return '+02:00' for the ways in which an offset is written: Z, UTC, +02, +0200."""
    if offset in {"Z", "z", "UTC", "GMT"}:
        return "+00:00"
    digits = offset[1:].replace(":", "").ljust(4, "0")
    return f"{offset[0]}{digits[:2]}:{digits[2:]}"


def in_utc(
    local: Shaped[np.ndarray, "row"],
    zone: str,
    log: Log,
    where: Callable[[int], str],
    series: Int64[np.ndarray, "row"] | None = None,
) -> Shaped[np.ndarray, "row"]:
    """Return local times of a zone in UTC; stop at one that the zone skips or has twice.

    `zone` is a name that `known_zone` gave. The hour that comes twice in autumn is told apart by
    the order of the rows of each series (one, unless `series` numbers them), oldest or newest
    first, where that hour is there twice.
    """
    times = pd.DatetimeIndex(local)
    known = ~np.isnat(local)
    found = times.tz_localize(zone, ambiguous="NaT", nonexistent="NaT")
    open_rows = np.asarray(found.isna()) & known
    if open_rows.any():
        exists = times.tz_localize(zone, ambiguous=np.ones(len(times), bool), nonexistent="NaT")
        twice = open_rows & np.asarray(exists.notna())
        order = np.zeros(len(times), dtype=np.int64) if series is None else series
        summer, told = _told_apart(local, twice, order)
        found = times.tz_localize(zone, ambiguous=summer, nonexistent="NaT")
        open_rows &= ~told
    if open_rows.any():
        row = int(np.argmax(open_rows))
        log.stop(
            f"{times[row]} in {where(row)} comes twice or never in {zone}, where clocks change "
            f"({int(open_rows.sum()):,} such rows). Leave the time zone out, or use times in UTC.",
            Fix("Leave the time zone out", {"timezone": None}),
        )
    return found.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[us]")


def _told_apart(
    local: Shaped[np.ndarray, "row"],
    twice: Bool[np.ndarray, "row"],
    series: Int64[np.ndarray, "row"],
) -> tuple[Bool[np.ndarray, "row"], Bool[np.ndarray, "row"]]:
    """Return which rows of the hour that comes twice are in summer time, and which are told apart."""
    order = np.argsort(series, kind="stable")
    order = order[~np.isnat(local[order])]
    clock, open_rows, code = local[order], twice[order], series[order]
    summer, told = np.zeros(len(local), dtype=bool), np.zeros(len(local), dtype=bool)
    ways = _ways(clock, code)
    day = clock.astype("datetime64[D]")
    new = open_rows.copy()
    new[1:] &= ~open_rows[:-1] | (code[1:] != code[:-1]) | (day[1:] != day[:-1])
    rows = np.flatnonzero(open_rows)
    for run in np.split(rows, np.searchsorted(rows, np.flatnonzero(new)[1:])):
        way = int(ways[run[0]]) if len(run) else 0
        hour = run[::way] if way else run[:0]
        back = np.flatnonzero(np.diff(clock[hour]) <= np.timedelta64(0, "us"))
        if len(back) == 1 and _between_neighbours(run, way, clock, code):
            told[order[hour]] = True
            summer[order[hour[: back[0] + 1]]] = True
    return summer, told


def _ways(
    clock: Shaped[np.ndarray, "known"], code: Int64[np.ndarray, "known"]
) -> Int64[np.ndarray, "known"]:
    """Return for each row 1 if its series goes forward, -1 if newest first, 0 if neither."""
    inside = np.diff(code) == 0
    step = np.sign(np.diff(clock).astype(np.int64)) * inside
    forward = np.bincount(code[1:], weights=step > 0, minlength=int(code.max()) + 1)
    backward = np.bincount(code[1:], weights=step < 0, minlength=int(code.max()) + 1)
    enough = ONE_WAY * (forward + backward)
    ways = np.where(forward > backward, 1, -1) * (np.maximum(forward, backward) >= enough)
    found: Int64[np.ndarray, "known"] = (ways * (forward + backward > 0))[code].astype(np.int64)
    return found


def _between_neighbours(
    run: Int64[np.ndarray, "hour"],
    way: int,
    clock: Shaped[np.ndarray, "known"],
    code: Int64[np.ndarray, "known"],
) -> bool:
    """Return whether the rows just before and after an hour lie before and after it in time."""
    before, after = int(run[0]) - 1, int(run[-1]) + 1
    zero = np.timedelta64(0, "us")
    starts = before < 0 or code[before] != code[run[0]]
    ends = after >= len(clock) or code[after] != code[run[0]]
    return bool(
        (starts or way * (clock[run[0]] - clock[before]) > zero)
        and (ends or way * (clock[after] - clock[run[-1]]) > zero)
    )
