"""A table and its roles as a panel: times, order, duplicates, missing cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64

from masklab.data.columns import Roles
from masklab.data.log import Fix, Log, count, listed
from masklab.data.numbers import Reader, read_numbers
from masklab.data.options import ReadOptions
from masklab.data.rows import Rows, pivoted, settled
from masklab.data.series import Panel
from masklab.data.tables import Table
from masklab.data.times import Times, read_parts, read_times

Values = Float64[np.ndarray, "row channel"]


@dataclass(frozen=True)
class Built:
    """A panel, and what was found about its clock on the way."""

    panel: Panel
    found: dict[str, Any]


def build(table: Table, roles: Roles, name: str, log: Log) -> Built | None:
    """Return the panel of a table; None with the log's problems where cells can't be read."""
    codes, names = _series(table, roles, name, log)
    times = _times(table, roles, codes, log)
    values, variables = _values(table, roles, log)
    if log.problems:
        return None
    rows = Rows(codes, times.clock.astype("datetime64[us]"), values, np.arange(len(codes)))
    with_time = ~np.isnat(times.clock)
    if not with_time.all():
        _report_without_time(with_time, table, log)
        rows = rows.take(np.flatnonzero(with_time))
    if variables is not None:
        rows = pivoted(rows, variables[with_time], len(roles.channels), table, log)
    rows = settled(rows, table, log, names)
    _check_missing(rows.values, roles.channels, log)
    if log.problems:
        return None
    return Built(_panel(rows, names, roles, times, table.options), times.found)


def _panel(
    rows: Rows, names: tuple[str, ...], roles: Roles, times: Times, options: ReadOptions
) -> Panel:
    lengths = np.bincount(rows.codes, minlength=len(names))
    kept = lengths > 0
    return Panel(
        names=tuple(name for name, keep in zip(names, kept, strict=True) if keep),
        offsets=np.concatenate([[0], np.cumsum(lengths[kept])]),
        clock=rows.clock,
        values=rows.values,
        channels=roles.channels,
        units={channel: options.units.get(channel, "") for channel in roles.channels},
        timezone=times.timezone,
        clock_kind=times.kind,
    )


def _series(
    table: Table, roles: Roles, name: str, log: Log
) -> tuple[Int64[np.ndarray, "row"], tuple[str, ...]]:
    if roles.series is None:
        return np.zeros(len(table.frame), dtype=np.int64), (name,)
    column = table.frame[roles.series]
    unnamed = int(column.isna().sum())
    if unnamed:
        log.note(f"{count(unnamed, 'row')} without {roles.series!r} make a series '(unnamed)'.")
        column = column.astype("str").fillna("(unnamed)")
    codes, found = pd.factorize(column)
    if pd.api.types.is_float_dtype(column) and (column == np.floor(column)).all():
        found = found.astype(np.int64)
    return codes.astype(np.int64), tuple(str(one) for one in found)


def _times(table: Table, roles: Roles, codes: Int64[np.ndarray, "row"], log: Log) -> Times:
    columns = roles.time.columns
    if roles.time.by_steps:
        step = pd.Series(codes).groupby(codes).cumcount().to_numpy()
        return Times((step * 1_000_000).astype("datetime64[us]"), kind="step")
    lanes = codes
    if roles.variable is not None:  # a long table has one order for each series and variable
        variables, found = pd.factorize(table.frame[roles.variable])
        lanes = codes * (len(found) + 1) + variables + 1
    if len(columns) == 1 and columns[0].strip().lower() != "year":
        return read_times(table.frame[columns[0]], table.options, log, table.where, lanes)
    return read_parts(table.frame[list(columns)], table.options, log, table.where, lanes)


def _values(table: Table, roles: Roles, log: Log) -> tuple[Values, Int64[np.ndarray, "row"] | None]:
    """Return (row, channel) values; for a long table (row, 1) and the channel of each row."""
    if roles.layout == "long":
        return _long_values(table, roles, log)
    reader = Reader(table.options, roles.channels, log, table.where, table.decimal_given)
    values = np.empty((len(table.frame), len(roles.channels)), order="F")
    for n, channel in enumerate(roles.channels):
        column = read_numbers(table.frame[channel], reader)
        values[:, n] = _without(column, table.options.sentinels.get(channel, ()))
    return values, None


def _long_values(table: Table, roles: Roles, log: Log) -> tuple[Values, Int64[np.ndarray, "row"]]:
    reader = Reader(table.options, (), log, table.where, table.decimal_given)
    column = read_numbers(table.frame[str(roles.value)], reader).copy()
    named = table.frame[str(roles.variable)].astype("str")
    absent = sorted(set(roles.channels) - set(named.dropna().unique()))
    if absent:
        log.stop(
            f"Column {roles.variable!r} has no {listed(absent)}; it has "
            f"{listed([str(one) for one in named.dropna().unique()])}.",
            Fix("Take all of them", {"channels": None}),
        )
    variables = pd.Categorical(named, categories=list(roles.channels)).codes.astype(np.int64)
    for n, channel in enumerate(roles.channels):
        of_channel = variables == n
        column[of_channel] = _without(column[of_channel], table.options.sentinels.get(channel, ()))
    return column[:, None], variables


def _without(
    column: Float64[np.ndarray, "row"], sentinels: tuple[float, ...]
) -> Float64[np.ndarray, "row"]:
    return np.where(np.isin(column, sentinels), np.nan, column) if sentinels else column


def _report_without_time(with_time: Bool[np.ndarray, "row"], table: Table, log: Log) -> None:
    without = int((~with_time).sum())
    if without == len(with_time):
        log.stop(
            "The time column is empty in every row. Choose another time column, or use row numbers.",
            Fix("Use row numbers", {"clock": "step", "time": None, "time_parts": None}),
        )
    log.note(
        f"{count(without, 'row')} of {len(with_time):,} have no time, first "
        f"{table.where(int(np.argmin(with_time)))}; they were left out."
    )


def _check_missing(values: Values, channels: tuple[str, ...], log: Log) -> None:
    filled = np.isfinite(values).any(axis=0)
    if not filled.any():
        log.problem(
            f"Every cell of the {count(len(channels), 'channel')} is missing ({values.size:,} cells). "
            "Check the missing tokens, the sentinels and the decimal sign, or choose other channels."
        )
    elif not filled.all():
        empty = [name for name, some in zip(channels, filled, strict=True) if not some]
        log.note(
            f"Channels without any value: {listed(empty)}. Leave them out unless you need them."
        )
