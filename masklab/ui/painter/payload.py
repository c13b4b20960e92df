"""What Python sends to the canvas: names, axes, split, the picture of a window, acknowledgements."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Int8, Shaped, UInt8

from masklab.data.series import Panel
from masklab.ui.painter.summary import Origins, Summary
from masklab.ui.painter.view import Window, draw, fitted, normalised, overview, widened

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


def pictured(
    summary: Summary, hidden: Origins, window: Window, channels: Sequence[int]
) -> dict[str, Any]:
    """Return the picture of a window and its surroundings, arrays as base64."""
    wide = widened(fitted(window, summary), summary)
    picture = draw(summary, wide, channels, hidden)
    ranges = [summary.value_range(channel) for channel in channels]
    return {
        "series": wide.series,
        "start": wide.start,
        "end": wide.end,
        "exact": picture.exact,
        "half": summary.gap_limit / 2 if picture.exact else 0,
        "times": packed(picture.times),
        "low": packed(normalised(picture.low, ranges)),
        "high": packed(normalised(picture.high, ranges)),
        "hidden": packed(picture.hidden),
        "layer": packed(picture.layer),
        "missing": packed(picture.missing),
        "breaks": packed(picture.breaks),
        "gaps": packed(picture.gaps),
    }


def repainted(
    summary: Summary, hidden: Origins, window: Window, channels: Sequence[int]
) -> dict[str, Any]:
    """Return what is hidden in the columns that `pictured` has of the same window, and no more."""
    wide = widened(fitted(window, summary), summary)
    picture = draw(summary, wide, channels, hidden)
    return {
        "series": wide.series,
        "start": wide.start,
        "end": wide.end,
        "count": len(picture.times),
        "hidden": packed(picture.hidden),
        "layer": packed(picture.layer),
    }


def minimap(
    summary: Summary, hidden: Origins, series: int, channels: Sequence[int]
) -> dict[str, Any]:
    """Return the whole series small: each channel's line, and what is hidden and missing of it.

    Lines are shares of their axis in 254ths, 255 where a column has no value.
    """
    picture = overview(summary, series, MINIMAP_COLUMNS, channels, hidden)
    ranges = [summary.value_range(channel) for channel in channels]
    return {
        "columns": MINIMAP_COLUMNS,
        "low": packed(_in_bytes(normalised(picture.low, ranges))),
        "high": packed(_in_bytes(normalised(picture.high, ranges))),
        "hidden": packed(picture.hidden),
        "missing": packed(picture.missing),
    }


def _in_bytes(
    shares: Float32[np.ndarray, "channel column"],
) -> UInt8[np.ndarray, "channel column"]:
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
