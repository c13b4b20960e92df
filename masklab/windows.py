"""Windows: where they may start, as indices into the panel's rows; no window is ever copied."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int8, Int64

from masklab.errors import WindowError
from masklab.split import PART_NAMES

Rows = Int64[np.ndarray, "window"]


@dataclass(frozen=True)
class Shape:
    """A window's size in steps: `length` steps of input, then `horizon` steps to forecast.

    `stride`: steps between the starts of neighbouring windows. A reconstruction has horizon 0.
    """

    length: int
    horizon: int = 0
    stride: int = 1

    @property
    def steps(self) -> int:
        """All steps of a window, input and horizon."""
        return self.length + self.horizon

    def __str__(self) -> str:
        return f"{self.length} + {self.horizon} steps" if self.horizon else f"{self.length} steps"


@dataclass(frozen=True)
class Dropped:
    """How many windows are left out, and why; each is counted once, for the first reason that holds.

    A window could begin at every `stride`-th row of a stretch. `gap`: it would fit into its series'
    rows of the part if no gap cut them. `short`: these are fewer than a window. `split`: it would
    reach into another part. `end`: it would reach beyond its series. Of those that fit, `unusable`:
    no input step has an observed cell; `unscored`: no target cell is scored.
    """

    gap: int = 0
    unusable: int = 0
    unscored: int = 0
    short: int = 0
    split: int = 0
    end: int = 0

    @property
    def empty(self) -> int:
        """Windows that fit, but have nothing to read or nothing to score."""
        return self.unusable + self.unscored

    @property
    def unfit(self) -> int:
        """Windows that don't fit."""
        return self.gap + self.short + self.split + self.end


@dataclass(frozen=True, eq=False)
class Windows:
    """First rows of the windows of one part, in the order of rows, and what was left out."""

    starts: Rows
    dropped: Dropped

    def __len__(self) -> int:
        return len(self.starts)


def first_rows(
    keys: Int64[np.ndarray, "row"], parts: Int8[np.ndarray, "row"]
) -> Int64[np.ndarray, "stretch"]:
    """Return the first row of each run of rows of equal part and key."""
    changes = np.flatnonzero((np.diff(keys) != 0) | (np.diff(parts) != 0)) + 1
    return np.concatenate(([0], changes)).astype(np.int64)


def stretches(
    keys: Int64[np.ndarray, "row"], parts: Int8[np.ndarray, "row"], part: int
) -> Int64[np.ndarray, "stretch 2"]:
    """Return first row and end row (exclusive) of each run of rows of `part` with equal keys.

    Keys are segment ids (new at series borders and clock gaps) or series ids.
    """
    first = first_rows(keys, parts)
    end = np.concatenate((first[1:], [len(keys)]))
    mine = parts[first] == part
    return np.stack((first[mine], end[mine]), axis=1)


def starts_within(spans: Int64[np.ndarray, "stretch 2"], shape: Shape) -> Rows:
    """Return the first rows of all windows that fit wholly into one of the stretches."""
    room = spans[:, 1] - spans[:, 0] - shape.steps
    counts = np.where(room < 0, 0, room // shape.stride + 1)
    before = np.cumsum(counts) - counts
    place = np.arange(counts.sum()) - np.repeat(before, counts)
    starts: Rows = np.repeat(spans[:, 0], counts) + place * shape.stride
    return starts


def any_within(
    flags: Bool[np.ndarray, "row"], starts: Rows, length: int
) -> Bool[np.ndarray, "window"]:
    """Return for each start whether any of the `length` rows from there on is True."""
    total = np.concatenate(([0], np.cumsum(flags, dtype=np.int64)))
    found: Bool[np.ndarray, "window"] = total[starts + length] > total[starts]
    return found


@dataclass(frozen=True, eq=False)
class Layout:
    """Which series, segment and part each row belongs to; a new segment starts at every gap.

    `padding`: rows that only fill the one window of a stretch that is too short; None is no row.
    """

    series: Int64[np.ndarray, "row"]
    segments: Int64[np.ndarray, "row"]
    parts: Int8[np.ndarray, "row"]
    padding: Bool[np.ndarray, "row"] | None = None


@dataclass(frozen=True, eq=False)
class Fitting:
    """Windows of one part that cross no border or gap, in the order of rows, and what they hold.

    `readable`: an input step has an observed cell. `countable`: a target cell is scored.
    """

    starts: Rows
    readable: Bool[np.ndarray, "window"]
    countable: Bool[np.ndarray, "window"]

    @property
    def used(self) -> Bool[np.ndarray, "window"]:
        """True for the windows with something to read and to score."""
        used: Bool[np.ndarray, "window"] = self.readable & self.countable
        return used


def fitting(
    layout: Layout,
    part: int,
    shape: Shape,
    usable: Bool[np.ndarray, "row"],
    scored: Bool[np.ndarray, "row"],
) -> Fitting:
    """Return the windows of a part that cross no border or gap; none where no stretch is long enough.

    `usable`: rows with an observed cell; a window needs one among its input steps. `scored`: rows
    with a scored target cell; a forecast needs one in its horizon, a reconstruction in its input.
    """
    starts = starts_within(stretches(layout.segments, layout.parts, part), shape)
    first, length = (shape.length, shape.horizon) if shape.horizon else (0, shape.length)
    return Fitting(
        starts,
        readable=any_within(usable, starts, shape.length),
        countable=any_within(scored, starts + first, length),
    )


def find_windows(
    layout: Layout,
    part: int,
    shape: Shape,
    usable: Bool[np.ndarray, "row"],
    scored: Bool[np.ndarray, "row"],
) -> Windows:
    """Return the windows of a part that fit and have something to read and score; see `fitting`.

    A part without a row has no window. Raises `WindowError` if the part has rows, but each stretch
    between gaps is shorter than one window.
    """
    found = fitting(layout, part, shape, usable, scored)
    spans = stretches(layout.segments, layout.parts, part)
    if len(spans) and not len(found.starts):
        raise WindowError(_too_long(shape, int((spans[:, 1] - spans[:, 0]).max()), part))
    return Windows(found.starts[found.used], dropped(layout, part, shape, found))


def dropped(layout: Layout, part: int, shape: Shape, found: Fitting) -> Dropped:
    """Return how many windows of a part are left out for which reason; `found`: those that fit."""
    spans = stretches(layout.segments, layout.parts, part)
    own = _around(spans, stretches(layout.series, layout.parts, part))
    whole = _around(spans, stretches(layout.series, np.zeros_like(layout.parts), 0))
    padded = np.zeros(len(spans), dtype=bool)
    if layout.padding is not None:  # counted as if its rows were not there
        before = np.concatenate(([0], np.cumsum(layout.padding, dtype=np.int64)))
        padded = before[spans[:, 1]] > before[spans[:, 0]]
        spans, own, whole = (one - before[one] for one in (spans, own, whole))
    begin, end = spans.T
    # Places where a window could begin in each stretch: all, and those not too near each end.
    every = _places(begin, end, end, 1, shape.stride)
    fit, in_part, in_series = (
        _places(begin, end, limit, shape.steps, shape.stride)
        for limit in (end, own[:, 1], whole[:, 1])
    )
    short = own[:, 1] - own[:, 0] < shape.steps
    late = np.where(padded | short, 0, every - in_part)
    split = np.where(padded | short, 0, in_series - in_part)
    return Dropped(
        gap=int((in_part - fit).sum()),
        unusable=int((~found.readable).sum()),
        unscored=int((found.readable & ~found.countable).sum()),
        short=int(every[short & ~padded].sum()),
        split=int(split.sum()),
        end=int((late - split).sum()),
    )


Spans = Int64[np.ndarray, "stretch 2"]


def _around(spans: Spans, wider: Int64[np.ndarray, "wide 2"]) -> Spans:
    """Return for each stretch the wider one that holds it."""
    return wider[np.searchsorted(wider[:, 0], spans[:, 0], side="right") - 1]


def _places(
    begin: Int64[np.ndarray, "stretch"],
    end: Int64[np.ndarray, "stretch"],
    limit: Int64[np.ndarray, "stretch"],
    steps: int,
    stride: int,
) -> Int64[np.ndarray, "stretch"]:
    """Return how many of every `stride`-th row of each stretch have `steps` rows before `limit`."""
    room = np.minimum(limit - steps, end - 1) - begin
    return np.where(room < 0, 0, room // stride + 1)


def _too_long(shape: Shape, longest: int, part: int) -> str:
    other = " or the horizon" if shape.horizon else ""
    return (
        f"The window of {shape} is longer than the longest stretch without a gap, {longest} steps "
        f"({PART_NAMES[part]}). Shorten the window{other}, give {PART_NAMES[part]} a larger "
        "share of the split, or let windows cross gaps (training.longest_gap) or be padded "
        "(training.shortest)."
    )
