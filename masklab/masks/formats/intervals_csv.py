"""The mask as intervals of clock time, as CSV."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import pandas as pd
import pyarrow as pa

from masklab.data.log import Log
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.clocktext import read_moments, written
from masklab.masks.csvtext import from_csv, to_csv
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.landing import Intervals, land_intervals
from masklab.masks.spans import spans

NAMES = ("series", "channel", "layer")
COLUMNS = ("series", "channel", "start", "end", "layer")


class IntervalsCsv(MaskFormat):
    """A line for each hidden stretch; columns `series`, `channel`, `start`, `end`, `layer`.

    Both ends are included. `layer` is the layer that hid the stretch last. To be read, a file
    needs `start` and `end` alone; an empty series or channel means all of them.
    """

    title: ClassVar[str] = "Intervals (CSV)"
    explanation: ClassVar[str] = (
        "A line for each hidden stretch with series, channel, start, end and the layer that hid "
        "it; short, and easy to edit."
    )
    ending: ClassVar[str] = ".intervals.csv"
    mime: ClassVar[str] = "text/csv"

    kind: Literal["intervals_csv"] = "intervals_csv"

    def write(self, masked: Masked) -> bytes:
        """Return the intervals, by series, channel and time."""
        panel = masked.panel
        if "" in panel.channels or (len(panel) > 1 and "" in panel.names):
            raise MaskError(
                "A channel or series has no name, which would mean all of them in a list of "
                "intervals. Choose another format, or name it in the data's file."
            )
        found = spans(masked.hider, panel)
        clock = panel.clock.astype(np.int64)
        labels = ["", *(layer.label for layer in masked.recipe.layers)]
        columns = (
            pa.array(panel.names, pa.string()).take(pa.array(found.series)),
            pa.array(panel.channels, pa.string()).take(pa.array(found.channel)),
            written(clock[found.first], panel),
            written(clock[found.last], panel),
            pa.array(labels, pa.string()).take(pa.array(found.value)),
        )
        return to_csv(dict(zip(COLUMNS, columns, strict=True)))

    def claims(self, head: Head) -> bool:
        """Return whether the header names a start and an end."""
        return {"start", "end"} <= set(head.header)

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the intervals as layers, one for each name in the column `layer`."""
        log = Log()
        columns = from_csv(data, log)
        frame = columns.frame.rename(columns=lambda one: str(one).strip().lower())
        lacking = [one for one in ("start", "end") if one not in frame]
        if lacking:
            raise MaskError(f"It has no column {lacking[0]!r}; it has {list(frame)[:8]}.")
        start, end = (
            read_moments(frame[one], panel, log, columns.where) for one in ("start", "end")
        )
        none = pd.Series([None] * len(frame), dtype="str")
        texts = [frame[one].astype("str") if one in frame else none for one in NAMES]
        intervals = Intervals.of(start, end, texts, panel)
        layers, notes = land_intervals(intervals, panel, name)
        return Incoming(self.kind, layers, (*log.notes, *notes))
