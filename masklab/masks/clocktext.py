"""The clock of a panel as text in files, exact to the microsecond, and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Int64

from masklab.data.log import Log
from masklab.data.options import ReadOptions
from masklab.data.series import Panel
from masklab.data.times import looks_like_time, read_times
from masklab.errors import MaskError

_FIRST, _LAST = np.datetime64("0001-01-02", "us"), np.datetime64("9999-12-30", "us")
_SECOND = 1_000_000

Moments = Int64[np.ndarray, "row"]


def written(times: Moments, panel: Panel, *, utc: bool = False) -> pa.Array:
    """Return moments of a panel's clock as text.

    Steps are numbers. Times are ISO 8601, in the panel's zone with their offset if it has one;
    with `utc` they end in Z, as if a clock without a zone were UTC. All have as many decimals of a
    second as the finest needs. Raises `MaskError` for years that ISO 8601 can't write.
    """
    if panel.clock_kind == "step" and not utc:
        return _steps(times)
    clock = times.view("datetime64[us]")
    if len(clock) and (clock.min() < _FIRST or clock.max() > _LAST):
        raise MaskError(
            f"The clock runs from {clock.min()} to {clock.max()}; as text, years go from 1 to 9999. "
            "Choose Parquet or NPZ, which hold any."
        )
    offsets = None if utc or panel.timezone is None else _offsets(clock, panel.timezone)
    if offsets is None:
        sign = "Z" if utc or panel.timezone is not None else ""
        return _joined(_iso(clock), sign)
    return _joined(_iso(clock + offsets), _offset_names(offsets))


def read_moments(
    column: pd.Series[Any], panel: Panel, log: Log, where: Callable[[int], str]
) -> Moments:
    """Return the moments of a panel's clock that a column names; NaT where a cell is empty.

    Times without an offset are in the panel's zone. Numbers are steps where the panel counts
    steps, and else counted from 1970. Raises `ReadError` or `MaskError` if a cell is no time.
    """
    if panel.clock_kind == "step":
        return _read_steps(column, log, where)
    if (exact := _exactly(column, panel)) is not None:
        return exact
    zone = ReadOptions(timezone=panel.timezone)
    if not looks_like_time(start := _numeric(column.dropna().head(200))):
        read_times(start, zone, log, where)  # says what is wrong before all of it is tried
    times = read_times(_numeric(column), zone, log, where)
    if times.kind == "step":
        raise MaskError(
            f"Column {column.name!r} counts steps, but this data has times. Export times, or use "
            "data whose clock counts steps."
        )
    if panel.timezone is None and times.timezone not in {None, "UTC"}:
        log.note(
            f"Column {column.name!r} has times with an offset, this data has times without; they "
            "were taken in UTC."
        )
    return times.clock.astype("datetime64[us]").astype(np.int64)


def _exactly(column: pd.Series[Any], panel: Panel) -> Moments | None:
    """Return the moments of a column that is all written as MaskLab writes it; None if it isn't."""
    if column.dtype != "str":
        return None
    zone = None if panel.timezone is None else "UTC"
    try:
        times = pc.cast(pa.array(column, pa.string()), pa.timestamp("us", zone))
    except pa.ArrowInvalid:
        return None
    if times.null_count:
        return None
    return (
        np.asarray(times.to_numpy(zero_copy_only=False)).astype("datetime64[us]").astype(np.int64)
    )


def _numeric(column: pd.Series[Any]) -> pd.Series[Any]:
    """Return the column as numbers if its text is made of them."""
    if column.dtype != "str":
        return column
    sample = column.dropna().iloc[:100]
    if not len(sample) or pd.to_numeric(sample, errors="coerce").isna().any():
        return column
    numbers: pd.Series[Any] = pd.to_numeric(column, errors="coerce")
    return numbers if (numbers.isna() == column.isna()).all() else column


def _read_steps(column: pd.Series[Any], log: Log, where: Callable[[int], str]) -> Moments:
    numbers = pd.to_numeric(column, errors="coerce").to_numpy(np.float64, na_value=np.nan)
    if np.isnan(numbers).all() and column.notna().any():  # steps written as times from 1970
        return read_times(column, ReadOptions(), log, where).clock.astype(np.int64)
    wrong = ~(np.abs(numbers) * _SECOND < 2**62) & column.notna().to_numpy()
    if wrong.any():
        row = int(np.argmax(wrong))
        log.stop(
            f"Column {column.name!r} holds {str(column.iloc[row])[:40]!r} in {where(row)}, which is "
            "no step. This data counts steps; write them as numbers."
        )
    known = ~np.isnan(numbers)
    moments = np.full(len(numbers), np.iinfo(np.int64).min)  # NaT
    moments[known] = np.rint(numbers[known] * _SECOND).astype(np.int64)
    return moments


def _steps(times: Moments) -> pa.Array:
    whole, rest = np.divmod(times, _SECOND)
    if not rest.any():
        return pa.array(whole).cast(pa.string())
    exact = [f"{step}.{part:06d}".rstrip("0") if part else str(step)
             for step, part in zip((np.abs(times) // _SECOND).tolist(),
                                   (np.abs(times) % _SECOND).tolist(), strict=True)]  # fmt: skip
    return pa.array([f"-{one}" if time < 0 else one
                     for one, time in zip(exact, times.tolist(), strict=True)])  # fmt: skip


def _iso(clock: np.ndarray[Any, Any]) -> pa.Array:
    whole = clock.astype(np.int64)
    unit = "s" if not (whole % _SECOND).any() else "ms" if not (whole % 1000).any() else "us"
    text = pa.array(clock.astype(f"datetime64[{unit}]")).cast(pa.string())
    return pc.replace_substring(text, " ", "T")


def _offsets(clock: np.ndarray[Any, Any], zone: str) -> np.ndarray[Any, Any] | None:
    """Return local less UTC time; None if an offset has seconds, as before zones were agreed on."""
    local = pd.DatetimeIndex(clock).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    offsets = local.to_numpy().astype("datetime64[us]") - clock
    return None if (offsets.astype(np.int64) % (60 * _SECOND)).any() else offsets


def _offset_names(offsets: np.ndarray[Any, Any]) -> pa.Array:
    minutes, place = np.unique(offsets.astype(np.int64) // (60 * _SECOND), return_inverse=True)
    names = [
        f"{'-' if one < 0 else '+'}{abs(one) // 60:02d}:{abs(one) % 60:02d}" for one in minutes
    ]
    return pa.array(names, pa.string()).take(pa.array(place))


def _joined(first: pa.Array, second: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(first, second, "") if len(first) else first
