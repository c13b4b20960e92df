"""Tables of 0 and 1: a row for each time, a column for each channel, 1 where a cell is usable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from jaxtyping import Bool, Int64

from masklab.data.columns import SERIES_NAMES
from masklab.data.log import Log, count, listed
from masklab.data.series import Panel
from masklab.data.times import looks_like_time
from masklab.errors import MaskError
from masklab.masks.clocktext import read_moments
from masklab.masks.landing import Rows, coded, known_channels

_LOOKED_AT = 50
"""Columns among which time and series are looked for."""
_TRUE = frozenset({"1", "1.0", "true", "t", "yes", "y"})
_FALSE = frozenset({"0", "0.0", "false", "f", "no", "n"})
_MISSING = frozenset({"", "nan", "na", "null", "none"})


def free_name(name: str, panel: Panel) -> str:
    """Return a name for a column that is no channel: 'time', or 'time_' where one is called so."""
    while name in panel.channels:
        name += "_"
    return name


def time_name(panel: Panel) -> str:
    """Return what the column of the clock is called."""
    return free_name("step" if panel.clock_kind == "step" else "time", panel)


def read_flags(frame: pd.DataFrame, panel: Panel, log: Log, where: Callable[[int], str]) -> Rows:
    """Return the rows of a table with a time, perhaps a series, and 0 or 1 for each channel.

    Without a column that can be a time, rows are taken in the order of the data's own, if there
    are as many. Raises `MaskError` or `ReadError` where a cell is neither 0 nor 1.
    """
    if not len(frame):
        raise MaskError("It has a header and no row under it. Choose a file with rows.")
    free = [str(name) for name in frame if name not in panel.channels][:_LOOKED_AT]
    time = _time_column(frame, free, panel)
    series = _series_column(frame, [name for name in free if name != time], panel)
    names = [str(name) for name in frame if name not in {time, series}]
    channels = known_channels(names, panel, log.notes)
    hidden = np.empty((len(frame), len(channels)), dtype=bool, order="F")
    empty = 0
    for place, name in enumerate(channels):
        hidden[:, place], missing = _hidden(frame[name], where)
        empty += missing
    if empty:
        log.note(f"{count(empty, 'cell')} of it hold nothing; they were taken as usable.")
    if time is None:
        return _by_position(hidden, channels, panel, log)
    clock = read_moments(frame[time], panel, log, where)
    names_of, codes = _series_of(frame, series, panel.names)
    timed = clock != np.iinfo(np.int64).min  # NaT
    if not timed.all():
        log.note(f"{count(int((~timed).sum()), 'row')} of it have no time; left out.")
        codes, clock, hidden = codes[timed], clock[timed], hidden[timed]
    return Rows(names_of, codes, clock, hidden, channels)


def _time_column(frame: pd.DataFrame, free: Sequence[str], panel: Panel) -> str | None:
    named = [name for name in free if name.strip().lower() in {"time", "step", "timestamp"}]
    for name in (time_name(panel), *named):
        if name in free:
            return name
    return next((name for name in free if _like_clock(frame[name], panel)), None)


def _like_clock(column: pd.Series[Any], panel: Panel) -> bool:
    if panel.clock_kind == "step":
        return bool(pd.to_numeric(column.head(100), errors="coerce").notna().all())
    numbers = pd.to_numeric(column, errors="coerce") if column.dtype == "str" else column
    return looks_like_time(column if numbers.isna().any() else numbers)


def _series_column(frame: pd.DataFrame, free: Sequence[str], panel: Panel) -> str | None:
    if free_name("series", panel) in free:
        return free_name("series", panel)
    for name in free:
        values = set(frame[name].head(1000).astype("str"))
        if values & set(panel.names) or name.strip().lower() in SERIES_NAMES:
            return name
    return None


def _series_of(
    frame: pd.DataFrame, column: str | None, known: tuple[str, ...]
) -> tuple[tuple[str | None, ...], Int64[np.ndarray, "row"]]:
    if column is None:
        return (None,), np.zeros(len(frame), dtype=np.int64)
    return coded(frame[column].astype("str"), known)


def _hidden(
    column: pd.Series[Any], where: Callable[[int], str]
) -> tuple[Bool[np.ndarray, "row"], int]:
    """Return which cells are 0, and how many hold nothing."""
    codes, kinds = _kinds(column)
    texts = [str(kind).strip().lower() for kind in kinds[:20]]
    usable = np.array([text in _TRUE for text in texts], dtype=bool)
    absent = np.array([text in _MISSING for text in texts], dtype=bool)
    other = ~usable & ~absent & ~np.array([text in _FALSE for text in texts], dtype=bool)
    if other.any() or len(kinds) > len(texts):
        wrong = int(np.argmax(other)) if other.any() else len(texts)
        row = int(np.argmax(codes == wrong))
        raise MaskError(
            f"Column {str(column.name)!r} holds {str(kinds[wrong])[:40]!r} in {where(row)}. A mask "
            "holds 1 where a cell is usable and 0 where it is hidden; choose a file of those."
        )
    hides = np.append(~usable & ~absent, False)  # code -1: missing
    return hides[codes], int(np.append(absent, True)[codes].sum())


def _kinds(column: pd.Series[Any]) -> tuple[Int64[np.ndarray, "row"], list[Any]]:
    """Return the different values of a column, and which each row has; -1 for none."""
    if column.dtype != "str":
        codes, kinds = pd.factorize(column)
        return codes.astype(np.int64), list(kinds)
    found = pa.array(column, pa.string()).dictionary_encode()
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    codes = found.indices.fill_null(-1).to_numpy().astype(np.int64)
    return codes, found.dictionary.to_pylist()


def _by_position(
    hidden: Bool[np.ndarray, "row channel"], channels: tuple[str, ...], panel: Panel, log: Log
) -> Rows:
    if len(hidden) != panel.rows:
        raise MaskError(
            f"It has no column of times, and {count(len(hidden), 'row')} where this data has "
            f"{panel.rows:,}. Add a column `{time_name(panel)}`: {listed((time_name(panel),))}."
        )
    log.note("It has no column of times; its rows were taken in the order of the data's.")
    return Rows(
        tuple(panel.names), panel.series_of_row, panel.clock.astype(np.int64), hidden, channels
    )
