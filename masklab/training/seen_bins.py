"""What a strategy will see, drawn small: bins along the clock, evenly sampled windows, lengths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Float64, Int64, Shaped

from masklab.data.series import Panel
from masklab.split import PART_NAMES
from masklab.training.seen import PartSeen, Seen
from masklab.windows import Rows, first_rows

_Counts = Int64[np.ndarray, "series bin"]


@dataclass(frozen=True, eq=False)
class Bins:
    """Windows by series and by the time at which they begin, in bins of equal width.

    `edges`: on the panel's clock. `share`: mean usable share of the windows in use, NaN where there
    is none. `used`, `unusable`, `unscored`: windows that fit. `unfit`: rows from which on none fits
    before a gap, or the end of the part or series.
    """

    series: tuple[int, ...]
    edges: Shaped[np.ndarray, "bin+1"]
    share: Float64[np.ndarray, "series bin"]
    used: _Counts
    unusable: _Counts
    unscored: _Counts
    unfit: _Counts


@dataclass(frozen=True, eq=False)
class Sampled:
    """Windows spread evenly over all that fit, and what is usable of each stretch of their steps.

    `starts`: their first rows. `part` and `used`: of each window. `size`: steps to a column, the
    last one may have fewer. `steps`: usable steps of a column; `cells`: cells that may be read;
    `hidden`: those of them that the mask hides; `laid_in`: steps of gaps and padding. `total`:
    windows that there are.
    """

    starts: Rows
    part: Int64[np.ndarray, "window"]
    used: Bool[np.ndarray, "window"]
    size: int
    length: int
    steps: Int64[np.ndarray, "window column"]
    cells: Int64[np.ndarray, "window column"]
    hidden: Int64[np.ndarray, "window column"]
    laid_in: Int64[np.ndarray, "window column"]
    total: int

    @property
    def widths(self) -> Int64[np.ndarray, "column"]:
        """How many steps each column stands for."""
        first = np.arange(0, self.length, self.size)
        return np.minimum(self.size, self.length - first)


def bins(seen: Seen, panel: Panel, series: Sequence[int], count: int) -> Bins:
    """Return the windows of some series in `count` bins from their first to their last time."""
    order = np.full(len(panel), -1)
    order[list(series)] = np.arange(len(series))
    clock = [panel.clock[panel.rows_of(one)].astype(np.int64) for one in series]
    first, last = min(one[0] for one in clock), max(one[-1] for one in clock)
    width = (int(last) - int(first)) // count + 1
    shape = len(series), count

    def binned(rows: Rows, weights: Float64[np.ndarray, "window"] | None = None) -> np.ndarray:
        lane = order[seen.laid.layout.series[rows]]
        mine = lane >= 0
        place = lane[mine] * count + (seen.laid.clock[rows[mine]] - first) // width
        chosen = None if weights is None else weights[mine]
        return np.bincount(place, chosen, minlength=shape[0] * count).reshape(shape)

    used, unusable, unscored, unfit = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    total = np.zeros(shape)
    for one in seen.parts:
        windows = one.windows
        used += binned(windows.starts[windows.used])
        total += binned(windows.starts[windows.used], one.share[windows.used])
        unusable += binned(windows.starts[~windows.readable])
        unscored += binned(windows.starts[windows.readable & ~windows.countable])
        unfit += binned(unfit_rows(seen, one))
    share = np.divide(total, used, out=np.full(shape, np.nan), where=used > 0)
    edges = (first + width * np.arange(count + 1)).astype("datetime64[us]")
    return Bins(tuple(series), edges, share, used, unusable, unscored, unfit)


def unfit_rows(seen: Seen, one: PartSeen) -> Rows:
    """Return the rows of a part so near a gap or an end that no window fits from there on.

    With stride 1 they are as many as `one.dropped.unfit`. Those of padded stretches are not among
    them: their one window is there.
    """
    layout, starts = seen.laid.layout, one.windows.starts
    rows = np.arange(len(layout.parts))
    first = first_rows(layout.segments, layout.parts)
    begin = np.repeat(first, np.diff(first, append=len(rows)))
    latest = np.full(len(rows), -1)
    latest[starts] = starts
    np.maximum.accumulate(latest, out=latest)
    far = (latest < begin) | (rows - latest >= one.shape.stride)
    far &= layout.parts == one.part
    if layout.padding is not None:
        far &= ~layout.padding[begin]
    return np.flatnonzero(far)


def sampled(seen: Seen, windows: int = 48, columns: int = 200) -> Sampled:
    """Return at most so many windows, evenly spread over those of all parts, and columns of steps."""
    starts = np.concatenate([one.windows.starts for one in seen.parts])
    part = np.repeat([one.part for one in seen.parts], [len(one.steps) for one in seen.parts])
    used = np.concatenate([one.windows.used for one in seen.parts])
    order = np.argsort(starts, kind="stable")
    count = min(windows, len(starts))
    chosen = order[(np.arange(count) * len(order) + len(order) // 2) // max(count, 1)]
    length = seen.parts[0].shape.length
    size = -(-length // columns)
    rows = starts[chosen][:, None] + np.arange(length)
    first = np.arange(0, length, size)

    def of(counts: np.ndarray) -> Int64[np.ndarray, "window column"]:
        return np.add.reduceat(counts[rows].astype(np.int64), first, axis=1)

    laid_in = np.zeros(len(seen.step), bool) if seen.laid.source is None else seen.laid.source < 0
    return Sampled(
        starts[chosen], part[chosen], used[chosen], size, length,
        of(seen.step), of(seen.cells), of(seen.hidden), of(laid_in), len(starts),
    )  # fmt: skip


def lengths(seen: Seen) -> pd.DataFrame:
    """Return usable steps over the windows in use, a row for each part that has one.

    Columns: `part`, `windows`, `median`, `least`, `most`, `blind` (windows of which nothing is
    read), `share` (mean usable share, 0 to 1), `since_reset` (median of the steps since the last
    reset; NaN for a strategy that never resets).
    """
    found = []
    for one in seen.parts:
        used = one.windows.used
        if not used.any():
            continue
        resets = seen.strategy.recurrence == "reset"
        found.append(
            {
                "part": PART_NAMES[one.part],
                "windows": one.used,
                "median": float(np.median(one.steps[used])),
                "least": int(one.steps[used].min()),
                "most": int(one.steps[used].max()),
                "blind": one.blind,
                "share": float(one.share[used].mean()),
                "since_reset": float(np.median(seen.since_reset(one)[used])) if resets else np.nan,
            }
        )
    return pd.DataFrame(found)


def histogram(seen: Seen, most: int = 25) -> pd.DataFrame:
    """Return how many windows in use have how many usable steps, by part, in at most so many bins.

    Columns: `part`, `first`, `last` (steps, both included), `windows`, `share` (of the part's).
    """
    length = seen.parts[0].shape.length
    size = -(-(length + 1) // most)
    first = np.arange(0, length + 1, size)
    found = []
    for one in seen.parts:
        steps = one.steps[one.windows.used]
        if not len(steps):
            continue
        counts = np.bincount(steps // size, minlength=len(first))
        found.append(
            pd.DataFrame(
                {
                    "part": PART_NAMES[one.part],
                    "first": first,
                    "last": np.minimum(first + size - 1, length),
                    "windows": counts,
                    "share": counts / len(steps),
                }
            )
        )
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame()
