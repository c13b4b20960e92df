"""The mask as a table of 0 and 1, as CSV."""

from __future__ import annotations

import csv
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa

from masklab.data.log import Log
from masklab.data.series import Panel
from masklab.data.tables import MAX_COLUMNS
from masklab.masks.clocktext import written
from masklab.masks.csvtext import from_csv, header, to_csv
from masklab.masks.flags import free_name, read_flags, time_name
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.landing import known_channels, land_rows

_WIDE = 1000
"""Columns from which on reading them all takes longer than looking at their names first."""


class WideCsv(MaskFormat):
    """A row for each time; columns `time` (or `step`), `series` if there are several, channels."""

    title: ClassVar[str] = "Table of 0 and 1 (CSV)"
    explanation: ClassVar[str] = (
        "A row for each time and a column for each channel: 1 where the cell is usable, 0 where it "
        "is hidden or missing."
    )
    ending: ClassVar[str] = ".mask.csv"
    mime: ClassVar[str] = "text/csv"

    kind: Literal["wide_csv"] = "wide_csv"

    def write(self, masked: Masked) -> bytes:
        """Return the table; times have their offset from UTC where the data have a zone."""
        panel, observed = masked.panel, masked.mask.observed
        columns = {time_name(panel): written(panel.clock.astype(np.int64), panel)}
        if len(panel) > 1:
            columns[free_name("series", panel)] = series_names(panel)
        for place, channel in enumerate(panel.channels):
            columns[channel] = pa.array(np.ascontiguousarray(observed[:, place]).view(np.uint8))
        return to_csv(columns)

    def claims(self, head: Head) -> bool:
        """Return whether it is a table with a header of at least two columns."""
        return len(head.header) > 1 and head.text[:1] not in "{["

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the hidden cells as an imported layer."""
        log = Log()
        _of_these_channels(data, panel)
        columns = from_csv(data, log)
        rows = read_flags(columns.frame, panel, log, columns.where)
        layers, notes = land_rows([rows], panel, name)
        return Incoming(self.kind, layers, (*log.notes, *notes))


def _of_these_channels(data: bytes, panel: Panel) -> None:
    """Raise `MaskError` if a very wide table names no channel: reading it would take seconds."""
    try:
        names = header(data)
    except csv.Error:
        return
    if _WIDE < len(names) <= MAX_COLUMNS and not set(names) & set(panel.channels):
        known_channels(names, panel, [])


def series_names(panel: Panel) -> pa.Array:
    """Return the name of the series of each row."""
    return pa.array(panel.names, pa.string()).take(pa.array(panel.series_of_row))
