"""Runs of masked rows that the canvas asks for: the one at a moment, the next, the one before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from masklab.masks.mask import any_channel, runs
from masklab.masks.strokes import Stroke, cells
from masklab.ui.painter.payload import number
from masklab.ui.painter.summary import Flags, Summary

Rows = Bool[np.ndarray, "row"]
Run = tuple[int, int]


@dataclass(frozen=True)
class Wish:
    """A run asked for: on one of these channels (columns) of a series, from a moment on the clock.

    `direction` 1 asks for the next that begins after `at`, -1 for the one that begins before it,
    0 for the one at most `reach` µs from it. `identity` is the canvas's own number of the wish.
    """

    identity: int
    series: int
    channels: tuple[int, ...]
    at: int
    reach: int
    direction: int


def read_wish(asked: Any, summary: Summary) -> Wish | None:
    """Return what a canvas asks for; None if it asks for nothing, or for nothing that exists."""
    asked = asked if isinstance(asked, dict) else {}
    identity, at = number(asked.get("id"), None), number(asked.get("at"), None)
    series = number(asked.get("series"), -1)
    names = asked.get("channels")
    known = summary.panel.channels
    names = list(known) if names is None else names
    if identity is None or at is None or not 0 <= series < len(summary.panel):
        return None
    if not isinstance(names, list) or not names or any(name not in known for name in names):
        return None
    direction, reach = number(asked.get("direction"), 0), number(asked.get("reach"), 0)
    channels = tuple(known.index(name) for name in names)
    return Wish(identity, series, channels, at, max(reach, 0), int(np.sign(direction)))


def answer(
    wish: Wish, summary: Summary, hidden: Flags, strokes: Sequence[Stroke]
) -> dict[str, Any]:
    """Return `start` and `end` of the run (its first and last row, µs), and whether it is painted.

    `start` is None where there is no such run. At a moment, a painted run is preferred to one that
    other layers hide. Cells that the file lacks don't end a run, and make none.
    """
    painted = _painted(wish, summary, strokes)
    if wish.direction == 0:
        run = _at(wish.at, wish, summary, painted)
        is_painted = run is not None
        if run is None:
            run = _at(wish.at, wish, summary, *_masked(wish, summary, hidden))
    else:
        run = _beside(wish, summary, hidden)
        is_painted = run is not None and _at(run[0], wish, summary, painted) == run
    start, end = run or (None, None)
    return {"id": wish.identity, "start": start, "end": end, "painted": is_painted}


def _painted(wish: Wish, summary: Summary, strokes: Sequence[Stroke]) -> Rows:
    """Return rows painted on one of the channels."""
    if not strokes:
        return np.zeros(summary.panel.rows, dtype=bool)
    return any_channel(cells(strokes, summary.panel)[:, list(wish.channels)])


def _masked(wish: Wish, summary: Summary, hidden: Flags) -> tuple[Rows, Rows]:
    """Return rows masked on one of the channels, and rows that also the file may lack."""
    masked = reduce(np.logical_or, (hidden.cells(one) for one in wish.channels))
    bare = reduce(
        np.logical_or,
        (hidden.cells(one) | summary.missing.cells(one) for one in wish.channels),
    )
    return masked, bare


def _at(
    moment: int, wish: Wish, summary: Summary, rows: Rows, around: Rows | None = None
) -> Run | None:
    """Return the run of `around` (else of `rows`) about the row of `rows` nearest to a moment."""
    here = summary.panel.rows_of(wish.series)
    clock, marked = summary.clock[here], rows[here]
    first = int(np.searchsorted(clock, moment - wish.reach, "left"))
    stop = int(np.searchsorted(clock, moment + wish.reach, "right"))
    near = first + np.flatnonzero(marked[first:stop])
    if not len(near):
        return None
    row = int(near[np.argmin(np.abs(clock[near] - moment))])
    found = _runs(marked, None if around is None else around[here])
    begin, end = found[np.searchsorted(found[:, 0], row, "right") - 1]
    return int(clock[begin]), int(clock[end - 1])


def _beside(wish: Wish, summary: Summary, hidden: Flags) -> Run | None:
    """Return the first run that begins after the moment, or the last that begins before it."""
    here = summary.panel.rows_of(wish.series)
    clock = summary.clock[here]
    masked, around = _masked(wish, summary, hidden)
    found = _runs(masked[here], around[here])
    starts = clock[found[:, 0]]
    after, before = np.searchsorted(starts, wish.at, "right"), np.searchsorted(starts, wish.at) - 1
    place = int(after if wish.direction > 0 else before)
    if not 0 <= place < len(found):
        return None
    begin, end = found[place]
    return int(clock[begin]), int(clock[end - 1])


def _runs(marked: Rows, around: Rows | None) -> Int64[np.ndarray, "run 2"]:
    """Return runs of marked rows; with `around`, runs of those that hold a marked row."""
    if around is None:
        return runs(marked)
    found = runs(around)
    count = np.concatenate(([0], np.cumsum(marked)))
    kept: Int64[np.ndarray, "run 2"] = found[count[found[:, 1]] > count[found[:, 0]]]
    return kept
