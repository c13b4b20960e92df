"""The rows that windows are cut from: the panel's, with masked steps in gaps and padding laid in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from jaxtyping import Bool, Int8, Int64

from masklab.data.clock import missing_steps, segments
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.training.config import Forecast, Reconstruct, TrainingConfig
from masklab.windows import Layout, first_rows

_LEAST_ROOM, _GROWTH = 20_000_000, 4
"""So many cells may be laid in whatever the data has, and so many times the cells that it has."""

_Array = TypeVar("_Array", bound=np.ndarray)
_Counts = Int64[np.ndarray, "row"]


@dataclass(frozen=True, eq=False)
class LaidOut:
    """Rows of a panel and the steps laid in between, in the order in which windows read them.

    `source`: the panel's row, or -1 for a step that was laid in; None if none was. `clock`: µs; a
    filled gap is evenly divided, and time stands still in padding, so that the time since a
    window's first step is that of the sequence without it. `filled`: steps of a gap; None if none.
    """

    layout: Layout
    clock: Int64[np.ndarray, "step"]
    source: Int64[np.ndarray, "step"] | None = None
    filled: Bool[np.ndarray, "step"] | None = None

    @property
    def padding(self) -> Bool[np.ndarray, "step"] | None:
        """Return which steps fill up a short stretch's window; None if none do."""
        padding = self.layout.padding
        return padding if padding is not None and padding.any() else None

    def of(self, rows: _Array) -> _Array:
        """Return an array of the panel's rows laid out: zero, or False, at steps laid in.

        Without any it is the array itself, not a copy.
        """
        if self.source is None:
            return rows
        laid = np.zeros((len(self.source), *rows.shape[1:]), dtype=rows.dtype)
        laid[self.source >= 0] = rows
        return laid  # type: ignore[return-value]


def lay_out(
    panel: Panel,
    parts: Int8[np.ndarray, "row"],
    task: Forecast | Reconstruct,
    config: TrainingConfig,
) -> LaidOut:
    """Return the panel's rows with the steps that `longest_gap` and `shortest` ask for.

    A gap within one series and part that lacks at most `longest_gap` steps (rounded to whole median
    intervals) gets them, so that it cuts no window. After that a stretch too short for one window,
    but with `shortest` steps of input and the horizon, gets padding before its first row, up to
    exactly one window. Raises `ExperimentError` where this would add far more than the data has.
    """
    ids, series, clock = segments(panel), panel.series_of_row, panel.clock.view(np.int64)
    if not config.longest_gap and config.shortest is None:
        return LaidOut(Layout(series, ids, parts), clock)
    fill = np.zeros(panel.rows, dtype=np.int64)
    if config.longest_gap:
        fill, ids = _fill(panel, parts, ids, config.longest_gap)
    pad = np.zeros_like(fill)
    if config.shortest is not None:
        horizon = task.horizon if isinstance(task, Forecast) else 0
        pad = _pad(ids, parts, fill, (config.shortest + horizon, task.window + horizon))
    added = int(fill.sum() + pad.sum())
    if not added:
        return LaidOut(Layout(series, ids, parts), clock)
    _check_growth(added, panel)
    source, owner = _places(fill + pad)
    laid_in = source < 0
    padding = laid_in & (pad[owner] > 0)
    return LaidOut(
        Layout(series[owner], ids[owner], parts[owner], padding),
        _clock(clock, owner, fill),
        source,
        laid_in & ~padding,
    )


def _fill(
    panel: Panel, parts: Int8[np.ndarray, "row"], ids: _Counts, longest: int
) -> tuple[_Counts, _Counts]:
    """Return the steps to fill before each row, and the segments without the gaps so filled."""
    rows, missing = missing_steps(panel)
    wanted = (missing > 0) & (missing <= longest) & (parts[rows] == parts[rows - 1])
    fill = np.zeros(panel.rows, dtype=np.int64)
    fill[rows[wanted]] = missing[wanted]
    begins = np.diff(ids, prepend=ids[0]) != 0
    begins[rows[wanted]] = False
    return fill, np.cumsum(begins, dtype=np.int64)


def _pad(
    ids: _Counts, parts: Int8[np.ndarray, "row"], fill: _Counts, lengths: tuple[int, int]
) -> _Counts:
    """Return the padding before each row; `lengths`: the least steps to pad, and those of a window."""
    least, whole = lengths
    first = first_rows(ids, parts)
    steps = np.add.reduceat(fill + 1, first)
    pad = np.zeros_like(fill)
    pad[first] = np.where((steps >= least) & (steps < whole), whole - steps, 0)
    return pad


def _places(before: _Counts) -> tuple[Int64[np.ndarray, "step"], Int64[np.ndarray, "step"]]:
    """Return each step's row or -1, and the row it is or comes before."""
    rows = np.arange(len(before))
    owner = np.repeat(rows, before + 1)
    source = np.full(len(owner), -1, dtype=np.int64)
    source[rows + np.cumsum(before)] = rows
    return source, owner


def _clock(
    clock: _Counts, owner: Int64[np.ndarray, "step"], fill: _Counts
) -> Int64[np.ndarray, "step"]:
    """Return the clock of each step: gaps divided evenly, padding at the row that follows it."""
    laid: Int64[np.ndarray, "step"] = clock[owner]
    gaps = fill > 0
    count = np.repeat(fill[gaps], fill[gaps])
    steps = np.flatnonzero(gaps[owner] & (np.diff(owner, append=-1) == 0))
    place = np.arange(len(count)) - np.repeat(np.cumsum(fill[gaps]) - fill[gaps], fill[gaps]) + 1
    before = clock[owner[steps] - 1]
    # Span times place would overflow for spans of decades.
    whole, rest = np.divmod(laid[steps] - before, count + 1)
    laid[steps] = before + whole * place + rest * place // (count + 1)
    return laid


def _check_growth(added: int, panel: Panel) -> None:
    channels = len(panel.channels)
    most = max(_LEAST_ROOM // channels, _GROWTH * panel.rows)
    if added > most:
        raise ExperimentError(
            f"Filling gaps and padding short stretches would add {added:,} steps to "
            f"{panel.rows:,} rows, more than the {most:,} allowed for data of this size. Lower "
            "training.longest_gap, shorten the window, or raise training.shortest."
        )
