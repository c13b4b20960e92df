"""Lay what a file hides on a panel: by rows or by intervals, saying what did not fit."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
import pyarrow as pa
from jaxtyping import Bool, Int64

from masklab.data.log import count, listed
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer
from masklab.masks.packed import PackedCells
from masklab.masks.rules.imported import Imported
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke

STROKES_MOST = 2_000
"""Up to so many intervals become strokes, which the brush and the table can change."""
LAYERS_MOST = 50
"""Up to so many names of layers in a file become layers of their own."""

EVERY, UNKNOWN = -1, -2
"""Places of a name that means all series or channels, and of one that the panel lacks."""

Codes = Int64[np.ndarray, "row"]
Names = tuple[str | None, ...]
Landed = tuple[tuple[Layer, ...], list[str]]


@dataclass(frozen=True, eq=False)
class Rows:
    """Hidden cells row by row: `series[code]` is each row's series, None for every series.

    `clock` is µs of the panel's clock, in any order; of rows with one time, any may hide a cell.
    """

    series: Names
    codes: Codes
    clock: Int64[np.ndarray, "row"]
    hidden: Bool[np.ndarray, "row channel"]
    channels: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Intervals:
    """Hidden stretches of clock time, both ends included, in µs of the panel's clock.

    `series[series_code]` and so on are each one's series and channel, None for all, and what hid
    it, empty if the file doesn't say.
    """

    start: Int64[np.ndarray, "interval"]
    end: Int64[np.ndarray, "interval"]
    series: Names
    series_code: Codes
    channel: Names
    channel_code: Codes
    layer: Names
    layer_code: Codes

    @classmethod
    def of(
        cls,
        start: Int64[np.ndarray, "interval"],
        end: Int64[np.ndarray, "interval"],
        texts: Sequence[pd.Series[Any]],
        panel: Panel,
    ) -> Self:
        """Return the intervals of these columns; `texts` are series, channel and layer, empty for None."""
        series, channel, layer = texts
        of_series = coded(series, panel.names)
        of_channel = coded(channel, panel.channels)
        return cls(start, end, *of_series, *of_channel, *coded(layer))

    def take(self, kept: Codes) -> Intervals:
        """Return some of the intervals."""
        return Intervals(
            self.start[kept], self.end[kept],
            self.series, self.series_code[kept], self.channel, self.channel_code[kept],
            self.layer, self.layer_code[kept],
        )  # fmt: skip


def land_rows(tables: Sequence[Rows], panel: Panel, name: str) -> Landed:
    """Return a layer that hides what the rows hide, and notes on what did not fit.

    The channels are all known to the panel (`known_channels`). Raises `MaskError` if no series is.
    """
    notes: list[str] = []
    found, met = [], np.asarray(~panel.native.any(axis=1))
    for rows in tables:
        order = np.argsort(rows.codes, kind="stable")
        ends = np.searchsorted(rows.codes[order], np.arange(len(rows.series) + 1))
        for code, place in enumerate(_places(rows.series, panel, notes)):
            chosen = order[ends[code] : ends[code + 1]]
            if place == UNKNOWN or not len(chosen):
                continue
            clock, hidden = _in_order(rows.clock[chosen], rows.hidden[chosen], notes)
            _meet(met, clock, panel, place)
            series = None if place == EVERY or len(panel) == 1 else panel.names[place]
            found.append(PackedCells.of(clock, hidden, rows.channels, series))
    _tell_rows(met, panel, notes)
    rule = Imported(parts=tuple(part for part in found if part is not None))
    return (Layer(name=name[:200], rule=rule),), list(dict.fromkeys(notes))


def known_channels(names: Sequence[str], panel: Panel, notes: list[str]) -> tuple[str, ...]:
    """Return those of a file's columns that are channels of the panel, with notes on the others.

    Raises `MaskError` if there is none.
    """
    known = tuple(name for name in names if name in panel.channels)
    unknown = tuple(name for name in names if name not in panel.channels)
    silent = tuple(name for name in panel.channels if name not in known)
    if not known:
        raise MaskError(
            f"Its columns are {listed(unknown, 5) or 'none'}; the channels of this data are "
            f"{listed(panel.channels, 5)}. Rename the columns in one of the files."
        )
    if unknown:
        notes.append(f"Left out, as this data has no such channel: {listed(unknown, 5)}.")
    if silent:
        notes.append(f"It says nothing about {listed(silent, 5)}; nothing is hidden there.")
    return known


def land_intervals(intervals: Intervals, panel: Panel, name: str) -> Landed:
    """Return layers that hide the intervals, and notes on what did not fit.

    Intervals with names of layers become a layer for each name. Few become painted strokes, which
    can be changed by hand; many, an imported layer. Raises `MaskError` if there is none that fits.
    """
    notes: list[str] = []
    places = np.array(_places(intervals.series, panel, notes), dtype=np.int64)
    columns = np.array(_known(intervals.channel, panel, notes), dtype=np.int64)
    given = len(intervals.start)
    intervals = _sound(intervals, notes)
    place, column = places[intervals.series_code], columns[intervals.channel_code]
    fits = np.flatnonzero((place != UNKNOWN) & (column != UNKNOWN))
    if given and not len(fits):
        raise MaskError(f"None of its intervals fits this data. {' '.join(notes)}")
    intervals, place, column = intervals.take(fits), place[fits], column[fits]
    many = len(fits) > STROKES_MOST
    layers, empty = [], 0
    for label, chosen in _by_layer(intervals, name):
        one = intervals.take(chosen)
        hidden, none = _cells(one, place[chosen], column[chosen], panel)
        empty += none
        rule = (
            Imported.of(panel, hidden)
            if many
            else Painted(strokes=_strokes(one, place[chosen], column[chosen], panel))
        )
        layers.append(Layer(name=label[:200], rule=rule))
    if empty:
        notes.append(f"{count(empty, 'interval')} of {len(fits):,} cover no row of this data.")
    return tuple(layers), notes


def coded(values: pd.Series[Any], known: Iterable[str] = ()) -> tuple[Names, Codes]:
    """Return the different texts of a column, and None if any is empty; and which each row has.

    White space around a text is not part of it, unless a known name has it.
    """
    found = pa.array(values, pa.string()).dictionary_encode()
    found = found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found
    names = [str(one) for one in found.dictionary.to_pylist()]
    exact = frozenset(known)
    names = [one if one in exact else one.strip() for one in names]
    kept = {name: place for place, name in enumerate(dict.fromkeys(n for n in names if n))}
    places = np.array([kept.get(name, len(kept)) for name in names] + [len(kept)], dtype=np.int64)
    codes = places[found.indices.fill_null(len(names)).to_numpy().astype(np.int64)]
    some_empty = bool((codes == len(kept)).any())
    return ((*kept, None) if some_empty else tuple(kept)), codes


def _places(names: Names, panel: Panel, notes: list[str]) -> list[int]:
    known = {name: place for place, name in enumerate(panel.names)}
    given = [name for name in names if name is not None]
    if len(panel) == 1 and len(given) == 1 and given[0] not in known:
        notes.append(
            f"Its series {given[0]!r} was taken for {panel.names[0]!r}, the only one of this data."
        )
        known[given[0]] = 0
    unknown = [name for name in given if name not in known]
    if unknown and len(unknown) == len(given) and None not in names:
        raise MaskError(
            f"Its series are {listed(given, 5)}; this data has {listed(panel.names, 5)}. Rename "
            "the series in one of the files."
        )
    if unknown:
        notes.append(f"Left out, as this data has no such series: {listed(unknown, 5)}.")
    return [EVERY if name is None else known.get(name, UNKNOWN) for name in names]


def _known(channels: Names, panel: Panel, notes: list[str]) -> list[int]:
    unknown = [name for name in channels if name is not None and name not in panel.channels]
    if unknown:
        notes.append(
            f"Left out, as this data has no such channel: {listed(unknown, 5)}; it has "
            f"{listed(panel.channels, 5)}."
        )
    known = {name: place for place, name in enumerate(panel.channels)}
    return [EVERY if name is None else known.get(name, UNKNOWN) for name in channels]


def _in_order(
    clock: Int64[np.ndarray, "row"], hidden: Bool[np.ndarray, "row channel"], notes: list[str]
) -> tuple[Int64[np.ndarray, "kept"], Bool[np.ndarray, "kept channel"]]:
    """Return rows by time, each time once: a cell is hidden if any row of its time hides it."""
    if (clock[1:] > clock[:-1]).all():
        return clock, hidden
    order = np.argsort(clock, kind="stable")
    clock, hidden = clock[order], hidden[order]
    first = np.flatnonzero(np.concatenate([[True], clock[1:] != clock[:-1]]))
    if len(first) < len(clock):
        notes.append(
            f"{count(len(clock) - len(first), 'row repeats', 'rows repeat')} a time; a cell is "
            "hidden if any of them hides it."
        )
        hidden = np.logical_or.reduceat(hidden, first, axis=0)
    return clock[first], hidden


def _meet(met: Bool[np.ndarray, "row"], clock: Codes, panel: Panel, place: int) -> None:
    for index in range(len(panel)) if place == EVERY else (place,):
        rows = panel.rows_of(index)
        times = panel.clock[rows].astype(np.int64)
        place_in = np.minimum(np.searchsorted(clock, times), len(clock) - 1)
        met[rows] |= clock[place_in] == times


def _tell_rows(met: Bool[np.ndarray, "row"], panel: Panel, notes: list[str]) -> None:
    if not met.any():
        notes.append(
            "It has no row at any time of this data. Is its time zone, or its year, another one?"
        )
    elif not met.all():
        notes.append(
            f"{count(int((~met).sum()), 'row')} of the {panel.rows:,} of this data have no row of "
            "their time in it; they are hidden where the rows before and after are."
        )


def _sound(intervals: Intervals, notes: list[str]) -> Intervals:
    never = np.iinfo(np.int64).min  # NaT
    timed = (intervals.start != never) & (intervals.end != never)
    forward = intervals.start <= intervals.end
    for wrong, what in ((~timed, "have no start or no end"), (timed & ~forward, "end before they start")):  # fmt: skip
        if wrong.any():
            notes.append(f"{count(int(wrong.sum()), 'interval')} {what}; left out.")
    return intervals.take(np.flatnonzero(timed & forward))


def _by_layer(intervals: Intervals, name: str) -> list[tuple[str, Codes]]:
    used = np.unique(intervals.layer_code)
    if len(used) > LAYERS_MOST:
        return [(name, np.arange(len(intervals.start)))]
    return [
        (intervals.layer[code] or name, np.flatnonzero(intervals.layer_code == code))
        for code in used.tolist()
    ]


def _cells(
    intervals: Intervals, place: Codes, column: Codes, panel: Panel
) -> tuple[Bool[np.ndarray, "row channel"], int]:
    """Return the cells that the intervals cover, and how many intervals cover none."""
    hidden = np.zeros(panel.values.shape, dtype=bool, order="F")
    covers = np.zeros(len(place), dtype=bool)
    for index in range(len(panel)):
        rows = panel.rows_of(index)
        clock = panel.clock[rows].astype(np.int64)
        of_series = np.flatnonzero((place == index) | (place == EVERY))
        first = np.searchsorted(clock, intervals.start[of_series], side="left")
        end = np.searchsorted(clock, intervals.end[of_series], side="right")
        covers[of_series] |= first < end
        for channel in np.unique(column[of_series]).tolist():
            chosen = column[of_series] == channel
            depth = np.bincount(first[chosen], minlength=len(clock) + 1)
            depth -= np.bincount(end[chosen], minlength=len(clock) + 1)
            cells = np.cumsum(depth)[:-1] > 0
            hidden[rows, slice(None) if channel == EVERY else channel] |= (
                cells[:, None] if channel == EVERY else cells
            )
    return hidden, int((~covers).sum())


def _strokes(intervals: Intervals, place: Codes, column: Codes, panel: Panel) -> tuple[Stroke, ...]:
    lone = len(panel) == 1
    return tuple(
        Stroke(
            start=start,
            end=end,
            series=None if series == EVERY or lone else panel.names[series],
            channels=None if channel == EVERY else (panel.channels[channel],),
        )
        for start, end, series, channel in zip(
            *(one.tolist() for one in (intervals.start, intervals.end, place, column)), strict=True
        )
    )
