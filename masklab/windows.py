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
    """How many windows are left out, and why; each window is counted once, in this order.

    `gap`: how many more windows the part would give without its clock gaps. `unusable`: no input
    step has an observed cell. `unscored`: no target cell is scored.
    """

    gap: int = 0
    unusable: int = 0
    unscored: int = 0

    @property
    def empty(self) -> int:
        """Windows without gap that have nothing to read or nothing to score."""
        return self.unusable + self.unscored


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


def find_windows(
    layout: Layout,
    part: int,
    shape: Shape,
    usable: Bool[np.ndarray, "row"],
    scored: Bool[np.ndarray, "row"],
) -> Windows:
    """Return the windows of a part that cross no border or gap and have something to read and score.

    `usable`: rows with an observed cell; a window needs one among its input steps. `scored`: rows
    with a scored target cell; a forecast needs one in its horizon, a reconstruction in its input.
    A part without a row has no window. Raises `WindowError` if the part has rows, but each stretch
    between gaps is shorter than one window.
    """
    spans = stretches(layout.segments, layout.parts, part)
    starts = starts_within(spans, shape)
    if len(spans) and not len(starts):
        raise WindowError(_too_long(shape, int((spans[:, 1] - spans[:, 0]).max()), part))
    readable = any_within(usable, starts, shape.length)
    first, length = (shape.length, shape.horizon) if shape.horizon else (0, shape.length)
    countable = any_within(scored, starts + first, length)
    dropped = Dropped(
        gap=_lost_to_gaps(layout, part, shape, starts),
        unusable=int((~readable).sum()),
        unscored=int((readable & ~countable).sum()),
    )
    return Windows(starts[readable & countable], dropped)


def _lost_to_gaps(layout: Layout, part: int, shape: Shape, starts: Rows) -> int:
    """Return how many more windows without padding there would be if no gap cut the series."""
    whole, unpadded = stretches(layout.series, layout.parts, part), len(starts)
    if layout.padding is not None:
        before = np.concatenate(([0], np.cumsum(layout.padding, dtype=np.int64)))
        whole = whole - before[whole]  # as if the rows of padding were not there
        unpadded -= int(layout.padding[starts].sum())
    return max(0, len(starts_within(whole, shape)) - unpadded)


def _too_long(shape: Shape, longest: int, part: int) -> str:
    other = " or the horizon" if shape.horizon else ""
    return (
        f"The window of {shape} is longer than the longest stretch without a gap, {longest} steps "
        f"({PART_NAMES[part]}). Shorten the window{other}, give {PART_NAMES[part]} a larger "
        "share of the split, or let windows cross gaps (training.longest_gap) or be padded "
        "(training.shortest)."
    )
