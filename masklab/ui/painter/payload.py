"""What Python sends to the canvas: names, axes, split, the picture of a window, acknowledgements."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float32, Int8, Shaped, UInt8

from masklab.data.series import Panel
from masklab.ui.painter.summary import Origins, Summary
from masklab.ui.painter.view import (
    Grid,
    Window,
    cover,
    fitted,
    grid,
    lines,
    normalised,
    whole_grid,
    widened,
)

MINIMAP_COLUMNS = 320


def described(
    summary: Summary, parts: Int8[np.ndarray, "row"], series: int, channels: Sequence[int]
) -> dict[str, Any]:
    """Return what the axes need: clock, series with its split, channels with their ranges."""
    panel = summary.panel
    ranges = [summary.value_range(channel) for channel in channels]
    return {
        "content": f"{panel.content_hash}:{','.join(map(str, channels))}",
        "kind": panel.clock_kind,
        "zone": panel.timezone,
        "names": list(panel.names),
        "series": {
            "index": series,
            "name": panel.names[series],
            "start": summary.span(series)[0],
            "end": summary.span(series)[1],
            "interval": summary.interval,
            "parts": part_spans(summary, parts, series),
        },
        "channels": [
            {
                "name": panel.channels[channel],
                "unit": panel.units.get(panel.channels[channel], ""),
                "low": low,
                "high": high,
            }
            for channel, (low, high) in zip(channels, ranges, strict=True)
        ],
    }


def part_spans(
    summary: Summary, parts: Int8[np.ndarray, "row"], series: int
) -> list[tuple[int, int, int]]:
    """Return (start, end, part) for each stretch of rows of one part; stretches touch."""
    rows = summary.panel.rows_of(series)
    clock, part = summary.clock[rows], parts[rows]
    starts = np.concatenate(([0], np.flatnonzero(np.diff(part)) + 1))
    ends = np.append(clock[starts[1:]], clock[-1] + 1)
    spans = zip(clock[starts].tolist(), ends.tolist(), part[starts].tolist(), strict=True)
    return list(spans)


@dataclass(frozen=True, eq=False)
class Drawing:
    """The picture of a window and its surroundings, and of the whole series beside it.

    `name` stands for what no mask changes: canvases that know it need it no more.
    """

    summary: Summary
    channels: tuple[int, ...]
    near: Grid
    far: Grid

    @classmethod
    def of(cls, summary: Summary, window: Window, channels: tuple[int, ...]) -> Drawing:
        """Return the drawing of a window."""
        near = grid(summary, widened(fitted(window, summary), summary))
        return cls(summary, channels, near, whole_grid(summary, window.series, MINIMAP_COLUMNS))

    @property
    def name(self) -> str:
        """The data, window and channels drawn."""
        window = self.near.window
        place = (window.series, window.start, window.end, window.columns, *self.channels)
        return f"{self.summary.panel.content_hash[:16]}:{','.join(map(str, place))}"

    def lines(self) -> dict[str, Any]:
        """Return what the data looks like, arrays as base64; lines as shares of their axis."""
        summary, window = self.summary, self.near.window
        ranges = [summary.value_range(channel) for channel in self.channels]
        found = lines(summary, self.near, self.channels)
        small = lines(summary, self.far, self.channels)
        return {
            "name": self.name,
            "series": window.series,
            "start": window.start,
            "end": window.end,
            "exact": self.near.exact,
            "half": summary.gap_limit / 2 if self.near.exact else 0,
            "times": packed(self.near.times),
            "low": packed(normalised(found.low, ranges)),
            "high": packed(normalised(found.high, ranges)),
            "missing": packed(found.missing),
            "breaks": packed(found.breaks),
            "gaps": packed(found.gaps),
            "small": {
                "columns": MINIMAP_COLUMNS,
                "low": packed(_in_bytes(normalised(small.low, ranges))),
                "high": packed(_in_bytes(normalised(small.high, ranges))),
            },
        }

    def cover(self, hidden: Origins) -> dict[str, Any]:
        """Return what the mask hides, in the columns of the lines of this name."""
        found = cover(hidden, self.near, self.channels)
        small = cover(hidden, self.far, self.channels)
        return {
            "name": self.name,
            "series": self.near.window.series,
            "hidden": packed(found.hidden),
            "layer": packed(found.layer),
            "small": {"hidden": packed(small.hidden), "layer": packed(small.layer)},
        }


def _in_bytes(
    shares: Float32[np.ndarray, "channel column"],
) -> UInt8[np.ndarray, "channel column"]:
    """Return shares in 254ths; 255 where there is none."""
    whole = np.clip(np.nan_to_num(shares, nan=2.0) * 254, 0, 254)
    return np.where(np.isnan(shares), 255, whole).astype(np.uint8)


def packed(array: Shaped[np.ndarray, "..."]) -> str:
    """Return an array's bytes, little-endian and row by row, as base64."""
    ordered = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<"))
    return b64encode(ordered.tobytes()).decode()


def read_window(asked: Any, panel: Panel, summary: Summary) -> tuple[Window, bool]:
    """Return the window that a canvas asks for and whether it named a time span.

    Whatever is malformed is replaced: by the first series, all of its time, 1,000 columns.
    """
    asked = asked if isinstance(asked, dict) else {}
    series = number(asked.get("series"), 0)
    series = series if 0 <= series < len(panel) else 0
    first, last = summary.span(series)
    start, end = number(asked.get("start"), None), number(asked.get("end"), None)
    named = start is not None and end is not None and start < end
    columns = number(asked.get("columns"), 1000)
    if not named or start is None or end is None:
        return Window(series, first, max(last, first + 1), columns), False
    return Window(series, start, end, columns), True


def number(value: Any, otherwise: Any) -> Any:
    """Return a whole number that a canvas sent, or something else in its place."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    return int(value) if -(2**62) < value < 2**62 else otherwise
