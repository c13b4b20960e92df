"""Which column, or columns, hold the time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from masklab.data.log import Fix, Log, listed
from masklab.data.options import ReadOptions
from masklab.data.times import PARTS, looks_like_time

TIME_NAMES = (
    "datetime", "timestamp", "date_time", "date/time", "time", "date", "ds", "ts", "utc",
    "valid_time", "time_utc", "datetime_utc", "unix", "epoch", "unixtime", "period", "day", "week",
    "month", "year", "zeit", "datum", "fecha", "heure",
)  # fmt: skip
COUNTER_NAMES = frozenset({"t", "time", "step", "seconds", "sec", "elapsed", "cycle", "time_s"})
CALENDAR = frozenset({*PARTS, "weekday", "minutes", "seconds", "mon", "min", "sec", "hr", "yr"})


@dataclass(frozen=True)
class TimeChoice:
    """The column or columns that make the time; none for row numbers."""

    columns: tuple[str, ...] = ()
    by_steps: bool = False


def choose_time(frame: pd.DataFrame, options: ReadOptions, log: Log) -> TimeChoice:
    """Return the time as asked for, or as guessed from names and cells; stop if there is none."""
    if options.clock == "step":
        return TimeChoice(by_steps=True)
    if options.time_parts:
        return TimeChoice(options.time_parts)
    if options.time:
        return TimeChoice((options.time,))
    found = _guess(frame)
    if found:
        return TimeChoice(found)
    return log.stop(
        f"No column reads as a time; the file has {listed([str(name) for name in frame])}. "
        "Choose the time column, or use row numbers as steps.",
        Fix("Use row numbers", {"clock": "step"}),
    )


def _guess(frame: pd.DataFrame) -> tuple[str, ...] | None:
    """Return, in this order: a full date and time, a date with a time beside it, parts, a counter."""
    names = sorted((str(name) for name in frame), key=_rank)
    texts = [name for name in names if not pd.api.types.is_numeric_dtype(frame[name])]
    dates = [name for name in texts if looks_like_time(frame[name])]
    if dates:
        best = max(dates, key=lambda name: (_has_clock(pd.Series(frame[name])), -_rank(name)))
        beside = next((n for n in texts if n not in dates and _is_clock(frame[n])), None)
        return (best, beside) if beside and not _has_clock(frame[best]) else (best,)
    parts = _parts(frame)
    if parts:
        return parts
    numbers = [name for name in names if name not in texts and _rank(name) < len(TIME_NAMES)]
    stamps = [name for name in numbers if looks_like_time(frame[name])]
    counters = [str(n) for n in frame if str(n).lower() in COUNTER_NAMES and str(n) not in texts]
    for found in (stamps, counters):
        if found:
            return (found[0],)
    return None


def _rank(name: str) -> int:
    """Return the place among the usual names of a time column; those that contain one come after."""
    plain = name.strip().lower()
    if plain in TIME_NAMES:
        return TIME_NAMES.index(plain)
    inside = any(word in plain for word in ("time", "date", "zeit", "datum"))
    return len(TIME_NAMES) - 1 if inside else len(TIME_NAMES)


def _has_clock(column: pd.Series[Any]) -> bool:
    """Return whether cells hold a time of day beside the date."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return bool((column.dropna().dt.normalize() != column.dropna()).any())
    text = column.dropna().head(50).astype("str")
    return bool(text.str.contains(r"(?:[T ]\d+[:.]\d\d|T\d{4})", regex=True).any())


def _is_clock(column: pd.Series[Any]) -> bool:
    """Return whether cells hold a time of day alone, as 18:00, 18.00.00 or 6:00 PM."""
    sample = column.dropna().head(50).astype("str").str.strip()
    pattern = r"\d{1,2}[:.]\d{2}([:.]\d{2}(\.\d+)?)?( ?[AaPp][Mm])?"
    return bool(len(sample) and sample.str.fullmatch(pattern).mean() > 0.9)


def _parts(frame: pd.DataFrame) -> tuple[str, ...] | None:
    """Return year, month, day and what follows, if the table has them as columns of numbers."""
    by_name = {str(name).strip().lower(): str(name) for name in frame}
    found = []
    for part in PARTS:
        name = by_name.get(part)
        if name is None or not pd.api.types.is_numeric_dtype(frame[name]):
            break
        found.append(name)
    if not found or not frame[found[0]].dropna().between(1000, 3000).all():
        return None
    return tuple(found)
