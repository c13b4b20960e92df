"""Dates written as text: ISO first, then one order of day and month for the whole file."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from masklab.data.log import Fix, Log, count
from masklab.data.options import ReadOptions
from masklab.data.zones import known_zone, offset_name

# Looked for in the last six characters, where no time without an offset can match it.
_OFFSET = re.compile(r"(Z|UTC|GMT|[+-]\d\d:\d\d|[+-]\d{4}|\+\d\d|(?<=:\d\d)-\d\d)$")
_ISO = re.compile(r"\d{4}[-/.]\d{1,2}([-/.]\d{1,2})?([T ]+\d{1,2}.*)?|\d{8}T\d{2,6}.*")
_DAY_MONTH = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})\b(.*)")
_CLOCKS = (
    "", " %H:%M", " %H:%M:%S", " %H:%M:%S.%f", " %H", " %H.%M", " %H.%M.%S",
    " %I:%M %p", " %I:%M:%S %p", " %I:%M%p", " %I %p",
)  # fmt: skip
_NAMED = (
    "%d-%b-%Y", "%d %b %Y", "%d/%b/%Y", "%b %d %Y", "%b %d, %Y", "%d %B %Y", "%B %d %Y",
    "%B %d, %Y", "%d-%b-%y", "%b %Y", "%B %Y", "%Y-%b-%d", "%a %b %d %Y", "%a, %d %b %Y",
)  # fmt: skip


@dataclass(frozen=True)
class ParsedText:
    """Times without zone (UTC where the text has offsets), the zone if any, options settled."""

    clock: pd.Series[Any]
    timezone: str | None = None
    found: dict[str, Any] = field(default_factory=dict)


def parsed_text(
    text: pd.Series[Any], options: ReadOptions, log: Log | None, where: Callable[[int], str]
) -> ParsedText:
    """Return the times of a text column.

    With a log, stops at a cell that can't be read, and where day and month can't be told apart.
    Without one (to try a column) such cells are NaT.
    """
    text = text.str.strip()
    filled = text.dropna()
    first = str(filled.iloc[0]) if len(filled) else ""
    if _ISO.fullmatch(first):
        parsed = _iso(text, options, log, where)
    elif _DAY_MONTH.fullmatch(first):
        parsed = _day_month(text, options, log)
    else:
        forms = [date + clock for date in _NAMED for clock in _CLOCKS]
        parsed = ParsedText(_by_formats(text, forms))
    if log is not None:
        _check(text, parsed.clock, log, where)
    return parsed


def _iso(
    text: pd.Series[Any], options: ReadOptions, log: Log | None, where: Callable[[int], str]
) -> ParsedText:
    """Read year-first dates: any ISO 8601 form, and the same with / or . between the parts."""
    start = str(text.dropna().iloc[0])
    if start[4] in "/.":
        text = text.str.replace(rf"^(\d{{4}})\{start[4]}(\d+)\{start[4]}", r"\1-\2-", regex=True)
    tails = text.str.slice(-6)
    found = {tail: _OFFSET.search(str(tail)) for tail in tails.dropna().unique()}
    offsets = {match.group(1) if match else "" for match in found.values()}
    if offsets == {""} or not offsets:
        clock = pd.to_datetime(text, format="ISO8601", errors="coerce")
        if clock.isna().sum() > text.isna().sum():
            clock = clock.fillna(_by_formats(text, [f"%Y-%m-%d{end}" for end in _CLOCKS]))
        return ParsedText(clock)
    if "" in offsets and log is not None:
        bare = tails.isin([tail for tail, match in found.items() if not match]).to_numpy()
        log.stop(
            f"Time column {text.name!r} has an offset from UTC in some rows and none in others, "
            f"first none in {where(int(np.argmax(bare)))}. Write all times in one way."
        )
    text = text.str.replace(r"\s*(UTC|GMT)$", "Z", regex=True)
    clock = pd.to_datetime(text, format="ISO8601", errors="coerce", utc=True).dt.tz_localize(None)
    return ParsedText(clock, timezone=_zone({offset_name(o) for o in offsets if o}, options, log))


def _zone(offsets: set[str], options: ReadOptions, log: Log | None) -> str:
    if log is None:
        return "UTC"
    if options.timezone is not None:
        return known_zone(options.timezone, log, chosen=True)
    if len(offsets) == 1:
        return known_zone(offsets.pop(), log)
    log.note(
        f"The times carry {len(offsets)} offsets from UTC ({', '.join(sorted(offsets))}), as where "
        "clocks change in summer; they are shown in UTC. Choose the time zone to change that."
    )
    return "UTC"


def _day_month(text: pd.Series[Any], options: ReadOptions, log: Log | None) -> ParsedText:
    """Read dates such as 3/4/2024, all in one order; stop if both orders fit."""
    first = str(text.dropna().iloc[0])
    match = _DAY_MONTH.fullmatch(first)
    sign, year = (match.group(2), match.group(4)) if match else ("/", "2000")
    text = text.str.replace(r"[T,]\s*", " ", regex=True)
    orders = {
        True: f"%d{sign}%m{sign}{'%Y' if len(year) == 4 else '%y'}",
        False: f"%m{sign}%d{sign}{'%Y' if len(year) == 4 else '%y'}",
    }
    read = {}
    for day_first, date in orders.items():
        if options.day_first in {None, day_first}:
            read[day_first] = _by_formats(text, [date + clock for clock in _CLOCKS])
    order = _order(read, text, sign, log)
    return ParsedText(read[order], found={"day_first": order})


def _order(
    read: dict[bool, pd.Series[Any]], text: pd.Series[Any], sign: str, log: Log | None
) -> bool:
    """Return whether the day comes first: what was asked for, what alone fits, what goes forward."""
    if len(read) == 1:
        return next(iter(read))
    failures = {order: int(clock.isna().sum()) for order, clock in read.items()}
    if failures[True] != failures[False]:
        return failures[True] < failures[False]
    if sign == "." or read[True].equals(read[False]):
        return True
    odd = {order: _odd_steps(clock) for order, clock in read.items()}
    if 5 * min(odd.values()) < max(odd.values()) and max(odd.values()) >= 3:
        order = odd[True] < odd[False]
        if log is not None:
            log.note(
                f"Dates such as {text.dropna().iloc[0]} were read with the "
                f"{'day' if order else 'month'} first: so time goes forward in even steps."
            )
        return order
    if log is None:
        return True
    return log.stop(
        f"Dates such as {text.dropna().iloc[0]} fit day first and month first. Say which is meant.",
        Fix("Day first", {"day_first": True}),
        Fix("Month first", {"day_first": False}),
    )


def _odd_steps(clock: pd.Series[Any]) -> int:
    """Return how many steps go back, or differ from the median step by more than half of it."""
    steps = np.diff(clock.dropna().to_numpy()).astype(np.int64)
    if not len(steps):
        return 0
    median = np.median(steps)
    return int(((steps < 0) | (np.abs(steps - median) > 0.5 * abs(median))).sum())


def _by_formats(text: pd.Series[Any], formats: Sequence[str]) -> pd.Series[Any]:
    """Return the times by the format that fits most of a sample, and by others where it fails."""
    sample = text.dropna().iloc[:: max(1, len(text) // 40)].head(60)
    scores = {f: _parse(sample, f).notna().sum() for f in formats}
    ranked = sorted((f for f in formats if scores[f]), key=lambda f: -scores[f])
    clock = pd.Series(pd.NaT, index=text.index, dtype="datetime64[us]")
    for number, form in enumerate(ranked or formats[:2]):
        left = clock.isna() & text.notna()
        if not left.any():
            break
        clock = _parse(text, form) if number == 0 else clock.fillna(_parse(text[left], form))
    return clock


def _parse(text: pd.Series[Any], form: str) -> pd.Series[Any]:
    return pd.to_datetime(text, format=form, errors="coerce").astype("datetime64[us]")


def _check(
    text: pd.Series[Any], clock: pd.Series[Any], log: Log, where: Callable[[int], str]
) -> None:
    wrong = (clock.isna() & text.notna()).to_numpy()
    if not wrong.any():
        return
    row = int(np.argmax(wrong))
    log.stop(
        f"Time column {text.name!r} holds {text.iloc[row]!r} in {where(row)}, which can't be read as "
        f"a time ({count(int(wrong.sum()), 'such cell')} of {len(text):,}). Write times as "
        "2024-02-07 15:30, or choose another time column.",
        Fix("Use row numbers", {"clock": "step", "time": None}),
    )
