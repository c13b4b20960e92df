"""Rows in order: sorted by series and time, duplicates settled, long tables made wide."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.data.log import Fix, Log, count
from masklab.data.tables import Table


@dataclass(frozen=True)
class Rows:
    """Rows on their way to a panel: series code, time, values, and the row in the table."""

    codes: Int64[np.ndarray, "row"]
    clock: Shaped[np.ndarray, "row"]
    values: Float64[np.ndarray, "row channel"]
    origin: Int64[np.ndarray, "row"]

    def take(self, order: Int64[np.ndarray, "row"]) -> Rows:
        """Return the rows in another order, or fewer."""
        return Rows(self.codes[order], self.clock[order], self.values[order], self.origin[order])


def settled(rows: Rows, table: Table, log: Log, names: tuple[str, ...]) -> Rows:
    """Return rows sorted by series and time, one for each time, by the options' duplicates rule."""
    rows = _sorted(rows, table, log)
    repeats = _same_as_before(rows)
    if not repeats.any():
        return rows
    rule = table.options.duplicates
    number = count(int(repeats.sum()), "row repeats", "rows repeat")
    if rule == "error":
        row = int(np.argmax(repeats))
        series = f" of series {names[rows.codes[row]]!r}" if len(names) > 1 else ""
        log.problem(
            f"{number} a time{series if repeats.sum() == 1 else ''}, first "
            f"{_shown(rows.clock[row])} in {table.where(int(rows.origin[row]))}. Keep the first or the "
            "last row of each time, take their mean, or choose the column that tells series apart.",
            Fix("Keep the first", {"duplicates": "first"}),
            Fix("Keep the last", {"duplicates": "last"}),
            Fix("Take the mean", {"duplicates": "mean"}),
        )
        return rows.take(np.flatnonzero(~repeats))
    log.note(f"{number} a time; {_RULES[rule]} of each time was kept.")
    return _merged(rows, repeats, rule)


_RULES = {"first": "the first row", "last": "the last row", "mean": "the mean"}


def pivoted(
    rows: Rows, variables: Int64[np.ndarray, "row"], channels: int, table: Table, log: Log
) -> Rows:
    """Return a long table's rows as wide ones: one for each series and time, a column a channel.

    Rows whose variable is not among the channels are dropped. Duplicates are settled for each
    series, time and channel.
    """
    known = variables >= 0
    rows, variables = rows.take(np.flatnonzero(known)), variables[known]
    tagged = Rows(rows.codes * channels + variables, rows.clock, rows.values, rows.origin)
    tagged = settled(tagged, table, log, ())
    codes, variables = np.divmod(tagged.codes, channels)
    order = np.lexsort((tagged.clock, codes))
    codes, clock = codes[order], tagged.clock[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (np.diff(codes) != 0) | (np.diff(clock) != np.timedelta64(0, "us"))
    place = np.cumsum(starts) - 1
    values = np.full((int(starts.sum()), channels), np.nan, order="F")
    values[place, variables[order]] = tagged.values[order, 0]
    return Rows(codes[starts], clock[starts], values, tagged.origin[order][starts])


def _sorted(rows: Rows, table: Table, log: Log) -> Rows:
    clock = rows.clock.astype(np.int64)
    same = np.diff(rows.codes) == 0
    back = same & (np.diff(clock) < np.timedelta64(0, "us"))
    if not back.any() and (np.diff(rows.codes) >= 0).all():
        return rows
    if back.any():
        where = table.where(int(rows.origin[int(np.argmax(back)) + 1]))
        log.note(
            f"Time goes back {count(int(back.sum()), 'time')}, first in {where}; rows were sorted."
        )
    return rows.take(np.lexsort((clock, rows.codes)))


def _same_as_before(rows: Rows) -> Bool[np.ndarray, "row"]:
    same = np.zeros(len(rows.codes), dtype=bool)
    same[1:] = (np.diff(rows.codes) == 0) & (np.diff(rows.clock) == np.timedelta64(0, "us"))
    return same


def _merged(rows: Rows, repeats: Bool[np.ndarray, "row"], rule: str) -> Rows:
    starts = np.flatnonzero(~repeats)
    if rule == "first":
        return rows.take(starts)
    if rule == "last":
        return rows.take(np.append(starts[1:], len(repeats)) - 1)
    filled = np.isfinite(rows.values)
    total = np.add.reduceat(np.where(filled, rows.values, 0.0), starts, axis=0)
    number = np.add.reduceat(filled.astype(np.float64), starts, axis=0)
    mean = np.divide(total, number, out=np.full_like(total, np.nan), where=number > 0)
    single = np.diff(np.append(starts, len(repeats))) == 1
    mean[single] = rows.values[starts[single]]
    first = rows.take(starts)
    return Rows(first.codes, first.clock, np.asfortranarray(mean), first.origin)


def _shown(time: np.datetime64) -> str:
    return str(time.astype("datetime64[s]")).replace("T", " ")
