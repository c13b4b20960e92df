"""Columns as times: ISO first, then one order of day and month for the file, then numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64, Shaped

from masklab.data.dates import parsed_text
from masklab.data.log import Fix, Log, count
from masklab.data.options import ReadOptions
from masklab.data.series import ClockKind
from masklab.data.zones import in_utc, known_zone

EPOCHS = {"s": 1_000_000.0, "ms": 1000.0, "us": 1.0, "ns": 0.001}
"""Microseconds in one unit."""
_EARLIEST, _LATEST = 1e8, 4.2e9  # seconds from 1970: 1973 to 2103
_COMPACT = {8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
PARTS = ("year", "month", "day", "hour", "minute", "second")


@dataclass(frozen=True)
class Times:
    """A clock read from columns: `clock` (row) datetime64[us], NaT where the file has no time.

    `found` holds the reading options that were settled on the way (`day_first`, `epoch`).
    """

    clock: Shaped[np.ndarray, "row"]
    kind: ClockKind = "time"
    timezone: str | None = None
    found: dict[str, Any] = field(default_factory=dict)


Where = Callable[[int], str]
Series = Int64[np.ndarray, "row"] | None


def read_times(
    column: pd.Series[Any], options: ReadOptions, log: Log, where: Where, series: Series = None
) -> Times:
    """Return the clock of one column; stop if a cell can't be read or the order is open.

    `series` numbers the series of each row: where clocks change, their order tells times apart.
    """
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        naive = column.dt.tz_convert("UTC").dt.tz_localize(None)
        asked = options.timezone is not None
        zone = known_zone(options.timezone or str(column.dtype.tz), log, chosen=asked)
        return Times(_microseconds(naive), timezone=zone)
    if pd.api.types.is_datetime64_dtype(column):
        return _localised(Times(_microseconds(column)), options, log, where, series)
    if pd.api.types.is_numeric_dtype(column) and column.dtype != bool:
        return _localised(_from_numbers(column, options, log, where), options, log, where, series)
    parsed = parsed_text(column.astype("str"), options, log, where)
    times = Times(_microseconds(parsed.clock), timezone=parsed.timezone, found=parsed.found)
    return times if parsed.timezone else _localised(times, options, log, where, series)


def read_parts(
    frame: pd.DataFrame, options: ReadOptions, log: Log, where: Where, series: Series = None
) -> Times:
    """Return the clock of several columns: numbers from the year down, or texts joined."""
    if all(pd.api.types.is_numeric_dtype(frame[name]) for name in frame):
        numbers = {PARTS[n]: frame[name] for n, name in enumerate(frame) if n < len(PARTS)}
        for name in PARTS[:3]:
            numbers.setdefault(name, pd.Series(1, index=frame.index))
        clock = pd.to_datetime(pd.DataFrame(numbers), errors="coerce")
        wrong = clock.isna() & frame.notna().all(axis=1)
        if wrong.any():
            row = int(np.argmax(wrong))
            log.stop(
                f"{where(row).capitalize()} holds {frame.iloc[row].tolist()} in {list(frame)}, which "
                "is no date. Choose the columns in the order year, month, day, hour, minute, second."
            )
        return _localised(Times(_microseconds(clock)), options, log, where, series)
    names = [str(name) for name in frame]
    text = frame[names[0]].astype("str")
    for name in names[1:]:
        text = text + " " + frame[name].astype("str")
    return read_times(text.rename(" + ".join(names)), options, log, where, series)


def looks_like_time(column: pd.Series[Any]) -> bool:
    """Return whether most of a sample of the cells read as dates; for numbers, as epoch or dates."""
    if pd.api.types.is_datetime64_any_dtype(column):
        return True
    sample = column.dropna().iloc[:: max(1, len(column) // 60)]
    if not len(sample) or column.dtype == bool:
        return False
    if pd.api.types.is_numeric_dtype(column):
        values = sample.to_numpy(dtype=np.float64)
        return _compact_format(values) is not None or _likely_epoch(values) is not None
    parsed = parsed_text(sample.astype("str"), ReadOptions(day_first=True), None, str)
    other = parsed_text(sample.astype("str"), ReadOptions(day_first=False), None, str)
    return bool(max(parsed.clock.notna().mean(), other.clock.notna().mean()) >= 0.5)


def _microseconds(clock: pd.Series[Any]) -> Shaped[np.ndarray, "row"]:
    return clock.to_numpy().astype("datetime64[us]")


def _localised(times: Times, options: ReadOptions, log: Log, where: Where, series: Series) -> Times:
    """Take times as local to the options' zone, if they name one, and turn them to UTC."""
    if options.timezone is None or times.kind == "step":
        return times
    zone = known_zone(options.timezone, log, chosen=True)
    # Counted from 1970, times are in UTC whatever the zone.
    clock = times.clock if "epoch" in times.found else in_utc(times.clock, zone, log, where, series)
    return Times(clock, timezone=zone, found=times.found)


def _from_numbers(column: pd.Series[Any], options: ReadOptions, log: Log, where: Where) -> Times:
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    finite = values[np.isfinite(values)]
    if not len(finite):
        return Times(np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]"))
    compact = None if options.epoch else _compact_format(finite)
    if compact:
        return Times(_from_compact(column, compact, log, where))
    epoch = options.epoch or _likely_epoch(finite)
    scale = EPOCHS[epoch] if epoch else 1e6
    if np.abs(finite).max() * scale > 2**62:
        log.stop(
            f"Time column {column.name!r} holds {np.abs(finite).max():g}, too large for a time. "
            "Choose another time column or unit.",
            Fix("Use row numbers", {"clock": "step", "time": None}),
        )
    clock = np.full(len(values), np.datetime64("NaT"), dtype="datetime64[us]")
    known = np.isfinite(values)
    clock[known] = np.rint(finite * scale).astype(np.int64).astype("datetime64[us]")
    if epoch:
        return Times(clock, timezone="UTC", found={"epoch": epoch})
    log.note(
        f"Column {column.name!r} counts from {finite.min():g}; it is taken as steps, not dates."
    )
    return Times(clock, kind="step")


def _likely_epoch(values: Shaped[np.ndarray, "row"]) -> str | None:
    """Return the unit in which all values lie between 1973 and 2103, if there is one."""
    for unit, scale in EPOCHS.items():
        seconds = values * (scale / 1e6)
        if seconds.min() >= _EARLIEST and seconds.max() <= _LATEST:
            return unit
    return None


def _compact_format(values: Shaped[np.ndarray, "row"]) -> str | None:
    """Return the format of dates written as one number: 20240207, 202402071530; None if none."""
    if (values != np.floor(values)).any() or values.min() < 1.7e7 or values.max() > 2.2e13:
        return None
    digits = len(str(int(values.min())))
    form = _COMPACT.get(digits)
    if form is None or len(str(int(values.max()))) != digits:
        return None
    sample = pd.Series(values[:: max(1, len(values) // 100)].astype(np.int64).astype(str))
    parsed = pd.to_datetime(sample, format=form, errors="coerce")
    years = parsed.dt.year
    return form if bool(parsed.notna().all() and years.between(1700, 2200).all()) else None


def _from_compact(
    column: pd.Series[Any], form: str, log: Log, where: Where
) -> Shaped[np.ndarray, "row"]:
    text = column.astype("Int64").astype("str")
    clock = pd.to_datetime(text, format=form, errors="coerce")
    wrong = (clock.isna() & column.notna()).to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        log.stop(
            f"Time column {column.name!r} holds {text.iloc[row]!r} in {where(row)}, which is no date "
            f"({count(int(wrong.sum()), 'such cell')}). Mend it in the file."
        )
    return _microseconds(clock)
