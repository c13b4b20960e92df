"""Painted cells as intervals, and edits of a table of them as strokes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import runs
from masklab.masks.strokes import Stroke, cells
from masklab.ui.painter.layer import painted_over, strokes_of

ALL_CHANNELS = "All channels"
COLUMNS = ("series", "channel", "start", "end")


@dataclass(frozen=True)
class Interval:
    """A stretch of rows painted on one channel (None: on all), ends included, µs of the clock."""

    series: str
    channel: str | None
    start: int
    end: int


def painted_intervals(recipe: MaskRecipe, panel: Panel) -> list[Interval]:
    """Return what the painted layer selects, as intervals by series and time.

    A stretch painted on every channel is one interval. Layers other than the painted one are
    left out: they have controls of their own.
    """
    strokes = strokes_of(recipe)
    if not strokes:
        return []
    selected = cells(strokes, panel)
    stretches: dict[tuple[int, int, int], list[int]] = {}
    for index in range(len(panel)):
        rows = panel.rows_of(index)
        for channel in range(len(panel.channels)):
            for first, stop in runs(selected[rows, channel]).tolist():
                stretches.setdefault((index, first, stop), []).append(channel)
    found = []
    for (index, first, stop), channels in sorted(stretches.items()):
        clock = panel.clock[panel.rows_of(index)].view(np.int64)
        whole = len(channels) == len(panel.channels)
        found += [
            Interval(panel.names[index], name, int(clock[first]), int(clock[stop - 1]))
            for name in ([None] if whole else [panel.channels[one] for one in channels])
        ]
    return found


def table(intervals: Sequence[Interval], panel: Panel) -> pd.DataFrame:
    """Return intervals as a table: times in the data's own zone, or steps."""
    return pd.DataFrame(
        {
            "series": [one.series for one in intervals],
            "channel": [one.channel or ALL_CHANNELS for one in intervals],
            "start": _shown([one.start for one in intervals], panel),
            "end": _shown([one.end for one in intervals], panel),
        },
        columns=list(COLUMNS),
    )


def edited(
    recipe: MaskRecipe, intervals: Sequence[Interval], changes: Mapping[str, Any], panel: Panel
) -> MaskRecipe:
    """Return the recipe after the edits of a table of these intervals (`st.data_editor`'s state).

    A row taken out is erased, a row that was changed is erased and painted anew, a new row is
    painted once it has a start and an end. Raises `MaskError` if a row can't be painted; the
    recipe is then as it was.
    """
    for place in changes.get("deleted_rows", []):
        recipe = painted_over(recipe, _stroke(intervals[place], panel, erase=True))
    for place, fields in changes.get("edited_rows", {}).items():
        before = intervals[int(place)]
        recipe = painted_over(recipe, _stroke(before, panel, erase=True))
        row = {**vars(before), **_read(fields, panel)}
        recipe = _painted(recipe, row, panel)
    for fields in changes.get("added_rows", []):
        row = {"series": panel.names[0], "channel": None, **_read(fields, panel)}
        if row.get("start") is not None and row.get("end") is not None:
            recipe = _painted(recipe, row, panel)
    return recipe


def _painted(recipe: MaskRecipe, row: Mapping[str, Any], panel: Panel) -> MaskRecipe:
    one = Interval(row["series"], row["channel"], row["start"], row["end"])
    if one.start > one.end:
        raise MaskError(
            f"An interval starts at {moment(one.start, panel)} and ends before, at "
            f"{moment(one.end, panel)}. Swap the two."
        )
    clock = panel.clock[panel.rows_of(one.series)].view(np.int64)
    if not ((clock >= one.start) & (clock <= one.end)).any():
        raise MaskError(
            f"Series {one.series!r} has no row from {moment(one.start, panel)} to "
            f"{moment(one.end, panel)}. Its clock runs from {moment(int(clock[0]), panel)} to "
            f"{moment(int(clock[-1]), panel)}."
        )
    return painted_over(recipe, _stroke(one, panel, erase=False))


def _stroke(one: Interval, panel: Panel, *, erase: bool) -> Stroke:
    return Stroke(
        start=one.start,
        end=one.end,
        series=one.series if len(panel) > 1 else None,
        channels=None if one.channel is None else (one.channel,),
        erase=erase,
    )


def _read(fields: Mapping[str, Any], panel: Panel) -> dict[str, Any]:
    """Return the fields of a row as the editor holds them, in the terms of `Interval`."""
    read: dict[str, Any] = {}
    if fields.get("series") in panel.names:
        read["series"] = fields["series"]
    if "channel" in fields:
        read["channel"] = fields["channel"] if fields["channel"] in panel.channels else None
    for name in ("start", "end"):
        if fields.get(name) is not None:
            read[name] = _clock_time(fields[name], panel)
    return read


def _clock_time(value: Any, panel: Panel) -> int:
    if panel.clock_kind == "step":
        return round(float(value) * 1_000_000)
    try:
        time = pd.Timestamp(value)
        local = time.tz_localize(None) if time.tzinfo else time
        if panel.timezone:
            # Of the hour that summer time's end repeats, the first is meant.
            zoned = local.tz_localize(panel.timezone, ambiguous=True, nonexistent="shift_forward")
            local = zoned.tz_convert("UTC").tz_localize(None)
        return int(local.to_datetime64().astype("datetime64[us]").astype(np.int64))
    except (ValueError, OverflowError) as error:
        raise MaskError(f"{value!r} is not a time that a clock can show. Type another.") from error


def moment(time: int, panel: Panel) -> str:
    """Return a moment of the clock for a sentence: a step, or date and time in the data's zone."""
    shown = _shown([time], panel)[0]
    return f"step {shown:,}" if panel.clock_kind == "step" else str(shown)


def _shown(times: Sequence[int], panel: Panel) -> Any:
    if panel.clock_kind == "step":
        return np.asarray(times, dtype=np.int64) // 1_000_000
    local = pd.DatetimeIndex(np.asarray(times, dtype=np.int64).astype("datetime64[us]"))
    if panel.timezone:
        local = local.tz_localize("UTC").tz_convert(panel.timezone).tz_localize(None)
    return local
