"""The mask as labels of points, in the CSV of TRAINSET."""

from __future__ import annotations

from typing import ClassVar, Literal
from urllib.parse import quote, unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from masklab.data.log import Log, listed
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.clocktext import read_moments, written
from masklab.masks.csvtext import from_csv, to_csv
from masklab.masks.format import MAX_BYTES, Head, Incoming, Masked, MaskFormat
from masklab.masks.landing import Rows, coded, land_rows

COLUMNS = ("series", "timestamp", "value", "label")
LABEL = "masked"
_LEAST = 27
"""Characters of the shortest line: a name, a time, a digit, commas."""


class Trainset(MaskFormat):
    """A line for each point; columns `series`, `timestamp`, `value`, `label` (Geocene's TRAINSET).

    `series` is the channel, after `series/` where the data have several series. Hidden points have
    the label `masked`, others none; cells that the file lacks are left out, as TRAINSET takes no
    empty values. A clock without a zone, and steps as seconds from 1970, are written as UTC. When
    read, a point with any label but 0 is hidden.
    """

    title: ClassVar[str] = "TRAINSET (CSV)"
    explanation: ClassVar[str] = (
        "A line for each point with its label, for the labelling tool TRAINSET; hidden points are "
        "labelled 'masked'."
    )
    ending: ClassVar[str] = ".trainset.csv"
    mime: ClassVar[str] = "text/csv"

    kind: Literal["trainset"] = "trainset"

    def write(self, masked: Masked) -> bytes:
        """Return the points by series, channel and time; raise `MaskError` if they are too many."""
        if problem := self.too_much(masked):
            raise MaskError(problem)
        panel = masked.panel
        times = written(panel.clock.astype(np.int64), panel, utc=True)
        lines: list[bytes] = []
        for series in range(len(panel)):
            rows = panel.rows_of(series)
            for channel in range(len(panel.channels)):
                text = _points(masked, times, rows, series, channel)
                lines.append(text.split(b"\n", 1)[1] if lines else text)
        return b"".join(lines)

    def too_much(self, masked: Masked) -> str:
        """Return a sentence if the lines of all points would be too long for a file."""
        points = int(np.count_nonzero(masked.panel.native))
        if points * _LEAST <= MAX_BYTES:
            return ""
        return (
            f"TRAINSET has a line for each point; {points:,} would be more than "
            f"{MAX_BYTES / 2**20:,.0f} MB. Choose another format."
        )

    def claims(self, head: Head) -> bool:
        """Return whether it has TRAINSET's header."""
        return set(COLUMNS) <= set(head.header)

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the labelled points as an imported layer."""
        log = Log()
        columns = from_csv(data, log)
        frame = columns.frame.rename(columns=lambda one: str(one).strip().lower())
        lacking = [one for one in COLUMNS if one not in frame]
        if lacking:
            raise MaskError(f"It has no column {lacking[0]!r}; it has {list(frame)[:8]}.")
        of_name, codes = coded(frame["series"].astype("str"), _names(panel))
        named = _named([one for one in of_name if one is not None], panel, log)
        clock = read_moments(frame["timestamp"], panel, log, columns.where)
        if (clock == np.iinfo(np.int64).min).any():
            raise MaskError("Some of its lines have no timestamp. TRAINSET writes one in each.")
        labels = frame["label"].astype("str").fillna("").str.strip()
        hidden = ~labels.isin(["", "0", "0.0", "nan", "<NA>"]).to_numpy()
        tables = []
        for code, (series, channel) in enumerate(named):
            chosen = np.flatnonzero(codes == code)
            if channel is None:
                continue
            zeros = np.zeros(len(chosen), dtype=np.int64)
            points = hidden[chosen][:, None]
            tables.append(Rows((series,), zeros, clock[chosen], points, (channel,)))
        layers, notes = land_rows(tables, panel, name)
        return Incoming(self.kind, layers, (*log.notes, *notes))


def _points(masked: Masked, times: pa.Array, rows: slice, series: int, channel: int) -> bytes:
    panel = masked.panel
    kept = np.flatnonzero(panel.native[rows, channel]) + rows.start
    name = _name(panel, series, panel.channels[channel])
    labels = pa.array(["", LABEL]).take(pa.array(masked.hidden[kept, channel].astype(np.int8)))
    return to_csv(
        {
            "series": pa.repeat(pa.scalar(name), len(kept)),
            "timestamp": times.take(pa.array(kept)),
            "value": _plain(panel.values[kept, channel]),
            "label": labels,
        }
    )


def _name(panel: Panel, series: int, channel: str) -> str:
    return f"{quote(panel.names[series], safe=' ')}/{channel}" if len(panel) > 1 else channel


def _names(panel: Panel) -> list[str]:
    return [_name(panel, series, one) for series in range(len(panel)) for one in panel.channels]


def _plain(values: np.ndarray) -> pa.Array:
    """Return numbers as text without exponents, which TRAINSET does not read."""
    text = pa.array(values).cast(pa.string())
    places = np.flatnonzero(pc.match_substring(text, "e").to_numpy(zero_copy_only=False))
    if not len(places):
        return text
    found = text.to_pylist()
    for place in places.tolist():
        found[place] = np.format_float_positional(values[place], trim="-")
    return pa.array(found)


def _named(names: list[str], panel: Panel, log: Log) -> list[tuple[str | None, str | None]]:
    """Return series and channel of each name in a file; no channel where the panel has none."""
    if len(names) == 1 and panel.values.shape[1] == 1 and len(panel) == 1:
        return [(None, panel.channels[0])]
    found = [_pair(name, panel) for name in names]
    unknown = [name for name, (_, channel) in zip(names, found, strict=True) if channel is None]
    if unknown and len(unknown) == len(names):
        raise MaskError(
            f"Its series are {listed(names, 5)}; they should be the channels of this data, "
            f"{listed(panel.channels, 5)}. Rename them in the file."
        )
    if unknown:
        log.note(f"Left out, as this data has no such channel: {listed(unknown, 5)}.")
    return found


def _pair(name: str, panel: Panel) -> tuple[str | None, str | None]:
    series, slash, channel = name.partition("/")
    if len(panel) > 1 and slash and unquote(series) in panel.names and channel in panel.channels:
        return unquote(series), channel
    if name in panel.channels:
        return None, name
    if len(panel.channels) == 1 and name in panel.names:
        return name, panel.channels[0]
    return None, None
