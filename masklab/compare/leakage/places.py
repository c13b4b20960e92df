"""Where something was found: row, time, channel, series, in the words of the data."""

from __future__ import annotations

import numpy as np
import pandas as pd

from masklab.compare.leakage.subject import Cells, Data

Evidence = dict[str, str | int | float]
"""What was counted or measured; its unit in the name."""


def time_of(data: Data, row: int) -> str:
    """Return a row's time as text; a number on a clock of steps, nothing for a step laid in."""
    if row < 0:
        return ""
    clock = data.panel.clock[row]
    if data.panel.clock_kind == "step":
        return f"step {int(clock.astype('datetime64[s]').astype(np.int64)):,}"
    here = pd.Timestamp(clock)
    if data.panel.timezone is not None:
        here = here.tz_localize("UTC").tz_convert(data.panel.timezone)
    seconds = ":%S" if here.second else ""
    return here.strftime(f"%Y-%m-%d %H:%M{seconds} %Z").strip()


def cell_place(data: Data, cells: Cells) -> Evidence:
    """Return where the first of some cells of prepared rows is."""
    row, channel = (int(one[0]) for one in np.nonzero(cells))
    return {"channel": data.panel.channels[channel]} | row_place(data, row)


def row_place(data: Data, row: int) -> Evidence:
    """Return where a prepared row is in the data."""
    source = int(data.source[row])
    if source < 0:
        return {"first at": "a step that was laid in"}
    series = data.panel.names[int(data.panel.series_of_row[source])]
    found: Evidence = {"first row of the data": source + 1, "time": time_of(data, source)}
    return found | ({"series": series} if len(data.panel) > 1 else {})
