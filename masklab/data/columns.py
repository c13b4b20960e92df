"""Which column is what: time, series, channels, or the two columns of a long table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from masklab.data.log import Fix, Log, count, listed
from masklab.data.numbers import number_share
from masklab.data.options import ReadOptions
from masklab.data.tables import Table
from masklab.data.timecolumns import CALENDAR, TimeChoice, choose_time

MAX_CHANNELS = 256

SERIES_NAMES = frozenset({
    "series", "series_id", "id", "name", "key", "station", "station_id", "site", "site_id",
    "subject", "subject_id", "patient", "patient_id", "person", "origin", "location", "place",
    "city", "region", "country", "state", "county", "device", "device_id", "machine", "unit",
    "unit_id", "plant", "store", "store_id", "shop", "item", "item_id", "ticker", "symbol", "group",
    "unique_id", "meter", "meter_id", "household", "building", "building_id", "node", "run", "trial",
})  # fmt: skip
VARIABLE_NAMES = frozenset({
    "variable", "channel", "sensor", "sensor_id", "parameter", "param", "metric", "feature",
    "measure", "measurement", "quantity", "signal", "tag", "indicator", "variable_name",
})  # fmt: skip
VALUE_NAMES = frozenset(
    {"value", "values", "val", "reading", "result", "amount", "y", "measurement"}
)

Layout = Literal["wide", "long"]


@dataclass(frozen=True)
class Roles:
    """What the columns of a table are taken for; `left_out` are the rest."""

    layout: Layout
    time: TimeChoice
    series: str | None
    channels: tuple[str, ...]
    variable: str | None = None
    value: str | None = None
    left_out: tuple[str, ...] = ()


def roles(table: Table, log: Log) -> Roles:
    """Return the role of each column, given or guessed; stop where one is missing or unknown."""
    options, frame = table.options, table.frame
    _check_names(frame, options, log)
    shares = {str(name): number_share(frame[name]) for name in frame}
    time = choose_time(frame, options, log)
    taken = set(time.columns)
    pair = _long_pair(frame, shares, taken, options)
    if pair:
        series = _series(frame, shares, taken | set(pair), options, time)
        return Roles("long", time, series, _variables(frame, pair[0], options), *pair)
    series = _series(frame, shares, taken, options, time)
    taken |= {series} if series else set()
    channels = options.channels or _channels(frame, shares, taken, log)
    left_out = tuple(str(n) for n in frame if n not in {*taken, *channels})
    _check_channels(channels, taken, frame, log)
    return Roles("wide", time, series, channels, left_out=left_out)


def _check_names(frame: pd.DataFrame, options: ReadOptions, log: Log) -> None:
    names = [str(name) for name in frame]
    asked = {"time": options.time, "series": options.series or None}
    asked |= {"variable": options.variable, "value": options.value}
    many = (options.channels or ()) if options.layout != "long" and not options.variable else ()
    for what, name in asked.items():
        if name is not None and name not in names:
            log.stop(
                f"There is no column {name!r} for the {what}; the file has {listed(names)}.",
                Fix(f"Guess the {what}", {what: None}),
            )
    absent = [name for name in (*many, *(options.time_parts or ())) if name not in names]
    if absent:
        log.stop(
            f"There is no column {listed(absent)}; the file has {listed(names)}.",
            Fix("Guess the columns", {"channels": None, "time_parts": None}),
        )


def _long_pair(
    frame: pd.DataFrame, shares: dict[str, float], taken: set[str], options: ReadOptions
) -> tuple[str, str] | None:
    """Return the variable and the value column of a long table; None for a wide one."""
    if options.layout == "wide":
        return None
    free = [name for name in shares if name not in taken and name != options.series]
    texts = [name for name in free if shares[name] < 0.5]
    numbers = [name for name in free if shares[name] >= 0.5]
    variable = options.variable or _named(texts, VARIABLE_NAMES)
    value = options.value or _named([n for n in numbers if n != variable], VALUE_NAMES)
    if options.layout == "long":
        variable = variable or (texts[-1] if texts else None)
        value = value or (numbers[-1] if numbers else None)
    if variable is None or value is None or variable == value:
        return None
    return variable, value


def _named(names: list[str], known: frozenset[str]) -> str | None:
    return next((name for name in names if name.strip().lower() in known), None)


def _variables(frame: pd.DataFrame, variable: str, options: ReadOptions) -> tuple[str, ...]:
    found = tuple(str(name) for name in frame[variable].dropna().unique())
    return options.channels or found


def _series(
    frame: pd.DataFrame,
    shares: dict[str, float],
    taken: set[str],
    options: ReadOptions,
    time: TimeChoice,
) -> str | None:
    """Return the column that names the series: one that explains why times repeat."""
    if options.series is not None:
        return options.series or None
    rows = len(frame)
    keys = list(time.columns)
    repeats = int((frame.duplicated(keys) & frame[keys].notna().all(axis=1)).sum()) if keys else 0
    numbers = sum(share >= 0.5 for name, share in shares.items() if name not in taken)
    best, fewest = None, repeats
    for name, named in _candidates(frame, shares, taken):
        left = int(frame.duplicated([*keys, name]).sum()) if keys else 0
        if shares[name] >= 0.5 and not named:  # numbers that happen to tell all rows apart
            alone = best is None and numbers > 1
            accepted = alone and repeats > 0.3 * rows and left == 0
        else:
            explains = repeats > 0.01 * rows and left < 0.5 * fewest
            accepted = explains or (named and best is None and shares[name] < 0.5)
        if accepted:
            best, fewest = name, left
    return best


def _candidates(
    frame: pd.DataFrame, shares: dict[str, float], taken: set[str]
) -> list[tuple[str, bool]]:
    """Return columns of few kinds that may name series, and whether their name says so; text first."""
    found = []
    for name, share in shares.items():
        named = name.strip().lower() in SERIES_NAMES
        whole = pd.api.types.is_integer_dtype(frame[name])
        if name in taken or not (share < 0.5 or whole):
            continue
        kinds = frame[name].nunique()
        if 2 <= kinds <= max(2, min(5000, len(frame) // 2)):
            found.append((not named, not share < 0.5, kinds, name))
    return [(name, not unnamed) for unnamed, _, _, name in sorted(found)]


def _channels(
    frame: pd.DataFrame, shares: dict[str, float], taken: set[str], log: Log
) -> tuple[str, ...]:
    """Return the columns that hold numbers, less row numbers, parts of dates and empty columns."""
    free = [name for name in shares if name not in taken]
    empty = [name for name in free if np.isnan(shares[name])]
    text = [name for name in free if shares[name] < 0.5]
    counters = [name for name in free if _is_counter(frame[name], name)]
    calendar = [name for name in free if name.lower() in CALENDAR] if taken else []
    calendar = calendar if len(calendar) > 1 else []
    for names, what in ((text, "text"), (empty, "nothing"), (calendar, "parts of the date")):
        if names:
            log.note(f"Left out, as they hold {what}: {listed(names)}.")
    if counters:
        log.note(f"Left out, as it numbers the rows: {listed(counters)}.")
    out = {*empty, *text, *counters, *calendar}
    return tuple(name for name in free if name not in out)


def _is_counter(column: pd.Series[Any], name: str) -> bool:
    if name.strip().lower() not in {"column_1", "row", "index", "unnamed: 0", "no", "nr", "id"}:
        return False
    if not pd.api.types.is_integer_dtype(column) or len(column) < 2:
        return False
    return bool((np.diff(column.to_numpy(dtype=np.int64)) == 1).all())


def _check_channels(
    channels: tuple[str, ...], taken: set[str], frame: pd.DataFrame, log: Log
) -> None:
    if not channels and frame.shape[1] <= 1:
        log.stop(
            f"The file has one column, {str(frame.columns[0])!r}. A series needs a time and at least "
            "one column of numbers. If the columns are there, choose the separator."
        )
    if not channels:
        log.stop(
            f"No column but the time holds numbers; the file has {listed([str(n) for n in frame])}. "
            "Choose a file with numbers, or another separator or decimal sign."
        )
    both = [name for name in channels if name in taken]
    if both:
        log.stop(
            f"Column {both[0]!r} can't be a channel and the time or series. Choose one of them."
        )
    if len(channels) > MAX_CHANNELS:
        log.stop(
            f"The table has {count(len(channels), 'column')} of numbers; MaskLab takes up to "
            f"{MAX_CHANNELS} channels. Choose the channels that you need.",
            Fix("Take the first 8", {"channels": channels[:8]}),
        )
