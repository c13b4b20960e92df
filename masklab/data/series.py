"""Time series as MaskLab holds them: a clock, channels, values, native gaps."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.data.zonenames import zone_name
from masklab.errors import SeriesError

ClockKind = Literal["time", "step"]

Clock = Shaped[np.ndarray, "row"]
"""datetime64[us]; UTC where the series has a time zone; a `step` clock counts 1 step = 1 s from 1970."""


@dataclass(frozen=True, eq=False)
class Panel:
    """Several series of the same channels, one after the other in one array.

    Rows of series `i` are `offsets[i]:offsets[i + 1]`; within a series the clock increases
    strictly. A cell that the file lacks is NaN. Values are kept channel-major (Fortran order),
    so that one channel is contiguous. Arrays are read-only: nothing in MaskLab changes a series.

    Raises `SeriesError` if the shapes disagree, a name repeats, there is no row or no channel, a
    clock does not increase, or the time zone is unknown.
    """

    names: tuple[str, ...]
    offsets: Int64[np.ndarray, "series+1"]
    clock: Clock
    values: Float64[np.ndarray, "row channel"]
    channels: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    clock_kind: ClockKind = "time"

    def __post_init__(self) -> None:
        # Views: what is made read-only below is ours, not the caller's array.
        object.__setattr__(self, "offsets", np.asarray(self.offsets, dtype=np.int64).view())
        object.__setattr__(self, "clock", np.asarray(self.clock, dtype="datetime64[us]").view())
        object.__setattr__(self, "values", np.asfortranarray(self.values, dtype=np.float64).view())
        object.__setattr__(self, "timezone", _zone(self.timezone))
        _check_shapes(self)
        _check_clock(self)
        for array in (self.offsets, self.clock, self.values):
            array.flags.writeable = False

    @classmethod
    def of(cls, *series: TimeSeries) -> Panel:
        """Join series of one kind of clock, time zone and channels; raise `SeriesError` if they differ."""
        if not series:
            raise SeriesError("A panel needs at least one series; none was given.")
        first = series[0]
        for other in series[1:]:
            _check_alike(first, other)
        lengths = [len(one) for one in series]
        return cls(
            names=tuple(one.name for one in series),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            clock=np.concatenate([one.clock for one in series]),
            values=np.concatenate([one.values for one in series]),
            channels=first.channels,
            units=first.units,
            timezone=first.timezone,
            clock_kind=first.clock_kind,
        )

    @property
    def rows(self) -> int:
        """Number of rows over all series."""
        return len(self.clock)

    @cached_property
    def native(self) -> Bool[np.ndarray, "row channel"]:
        """True where the file has a finite value."""
        native: Bool[np.ndarray, "row channel"] = np.isfinite(self.values)
        native.flags.writeable = False
        return native

    @property
    def series_of_row(self) -> Int64[np.ndarray, "row"]:
        """Index of the series of each row; made anew each time, as large as a channel."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.offsets))

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of names, clock, channels and values: the same data, the same hash."""
        digest = hashlib.sha256()
        digest.update(repr((self.names, self.channels, self.clock_kind, self.timezone)).encode())
        for array in (self.offsets, self.clock, self.values):
            digest.update(np.asfortranarray(array).tobytes(order="F"))
        return digest.hexdigest()

    def __len__(self) -> int:
        return len(self.names)

    def __getitem__(self, index: int) -> TimeSeries:
        rows = self.rows_of(index)
        return TimeSeries(
            name=self.names[index],
            clock=self.clock[rows],
            values=self.values[rows],
            channels=self.channels,
            units=self.units,
            timezone=self.timezone,
            clock_kind=self.clock_kind,
        )

    def __iter__(self) -> Iterator[TimeSeries]:
        return (self[index] for index in range(len(self)))

    def rows_of(self, series: int | str) -> slice:
        """Return the rows of a series, given its index or name; `SeriesError` if unknown."""
        if isinstance(series, str):
            if series not in self.names:
                raise SeriesError(f"There is no series {series!r}; there are {list(self.names)}.")
            series = self.names.index(series)
        return slice(int(self.offsets[series]), int(self.offsets[series + 1]))

    def channel_index(self, channel: str) -> int:
        """Return the column of a channel; `SeriesError` names those that exist if it is unknown."""
        if channel not in self.channels:
            raise SeriesError(f"There is no channel {channel!r}; there are {list(self.channels)}.")
        return self.channels.index(channel)

    def __repr__(self) -> str:
        return f"Panel({len(self)} series, {self.rows} rows, channels {list(self.channels)})"


@dataclass(frozen=True, eq=False)
class TimeSeries:
    """One series: a strictly increasing clock and values (time, channel); NaN where missing.

    Raises `SeriesError` as `Panel` does.
    """

    name: str
    clock: Shaped[np.ndarray, "time"]
    values: Float64[np.ndarray, "time channel"]
    channels: tuple[str, ...]
    units: Mapping[str, str] = field(default_factory=dict)
    timezone: str | None = None
    clock_kind: ClockKind = "time"

    def __post_init__(self) -> None:
        panel = self.as_panel()  # checks, and makes the arrays read-only
        object.__setattr__(self, "clock", panel.clock)
        object.__setattr__(self, "values", panel.values)
        object.__setattr__(self, "timezone", panel.timezone)

    @property
    def native(self) -> Bool[np.ndarray, "time channel"]:
        """True where the file has a finite value."""
        native: Bool[np.ndarray, "time channel"] = np.isfinite(self.values)
        return native

    def as_panel(self) -> Panel:
        """Return the panel that holds this series alone."""
        return Panel(
            names=(self.name,),
            offsets=np.array([0, len(self.clock)]),
            clock=self.clock,
            values=self.values,
            channels=tuple(self.channels),
            units=self.units,
            timezone=self.timezone,
            clock_kind=self.clock_kind,
        )

    def __len__(self) -> int:
        return len(self.clock)

    def __repr__(self) -> str:
        return f"TimeSeries({self.name!r}, {len(self)} steps, channels {list(self.channels)})"


def as_panel(series: TimeSeries | Panel) -> Panel:
    """Return a panel, whichever of the two was given."""
    return series.as_panel() if isinstance(series, TimeSeries) else series


def _check_alike(first: TimeSeries, other: TimeSeries) -> None:
    for what, mine, theirs in (
        ("channels", list(first.channels), list(other.channels)),
        ("kind of clock", first.clock_kind, other.clock_kind),
        ("time zone", first.timezone, other.timezone),
    ):
        if mine != theirs:
            raise SeriesError(
                f"Series of one panel need the same {what}: series {first.name!r} has {mine}, "
                f"series {other.name!r} has {theirs}. Bring them to one, or make two panels."
            )


def _zone(given: str | None) -> str | None:
    """Return the name by which pictures and rules find the zone."""
    name = None if given is None else zone_name(given)
    if given is not None and name is None:
        raise SeriesError(
            f"There is no time zone {given!r}. Give an IANA name such as 'Europe/Berlin' or 'UTC'."
        )
    return name


def _check_shapes(panel: Panel) -> None:
    rows, channels = len(panel.clock), len(panel.channels)
    if panel.values.shape != (rows, channels):
        raise SeriesError(
            f"Values should have the shape (row, channel) = ({rows}, {channels}) of the clock and "
            f"the channel names; they instead have shape {panel.values.shape}."
        )
    if rows == 0 or channels == 0:
        raise SeriesError(
            f"A series needs at least one row and one channel; it has {rows} rows and "
            f"{channels} channels."
        )
    for what, names in (("channel", panel.channels), ("series", panel.names)):
        repeated = sorted(name for name, number in Counter(names).items() if number > 1)
        if repeated:
            raise SeriesError(f"The {what} names {repeated} occur twice. Rename one of each.")
    if panel.offsets[0] != 0 or panel.offsets[-1] != rows or (np.diff(panel.offsets) <= 0).any():
        raise SeriesError(f"The series borders {panel.offsets.tolist()} don't divide {rows} rows.")


def _check_clock(panel: Panel) -> None:
    if np.isnat(panel.clock).any():
        raise SeriesError("The clock has empty entries. Give every row a time, or drop the row.")
    backwards = np.diff(panel.clock) <= np.timedelta64(0, "us")
    backwards[panel.offsets[1:-1] - 1] = False
    if backwards.any():
        raise SeriesError(
            f"The clock stands still or goes back at {int(backwards.sum())} rows, first at row "
            f"{int(np.argmax(backwards)) + 1}. Sort the rows by time and merge duplicates."
        )
