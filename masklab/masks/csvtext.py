"""Columns to CSV and back: quick and exact for what MaskLab writes, patient with the rest."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.csv

from masklab.data.log import Log
from masklab.data.options import ReadOptions
from masklab.data.tables import MAX_COLUMNS, table
from masklab.errors import MaskError

_MUCH = 1_000_000
"""Bytes from which on a text without an end would take seconds to read."""


@dataclass(frozen=True)
class Columns:
    """A table of text (of numbers and times too where a reader found them) and its places."""

    frame: pd.DataFrame
    where: Callable[[int], str]


def to_csv(columns: Mapping[str, pa.Array]) -> bytes:
    """Return columns as CSV in UTF-8 with a header; what needs quotes gets them."""
    header = io.StringIO()
    csv.writer(header, lineterminator="\n").writerow(columns)
    out = io.BytesIO(header.getvalue().encode())
    out.seek(0, io.SEEK_END)
    arrays = pa.table(list(columns.values()), names=[str(n) for n in range(len(columns))])
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    pa.csv.write_csv(arrays, out, options)
    return out.getvalue()


def from_csv(data: bytes, log: Log) -> Columns:
    """Return the columns of a CSV file as text.

    Files with other separators, encodings or lines above the header are read as data are.
    Raises `ReadError` if there is no table, `MaskError` if it has far too many columns.
    """
    line = data.split(b"\n", 1)[0]
    if (fields := max(line.count(sign) for sign in (b",", b";", b"\t", b"|"))) > MAX_COLUMNS:
        raise MaskError(
            f"Its first line has {fields + 1:,} fields; MaskLab reads up to {MAX_COLUMNS:,} columns. "
            "A mask has one for each channel."
        )
    frame = _strictly(data)
    if frame is not None and frame.shape[1] > 1:
        return Columns(frame, lambda row: f"line {row + 2:,}")
    if len(data) > _MUCH and data.count(b'"') % 2:
        raise MaskError(
            "A text that begins with a quote never ends: the file has an odd number of them. "
            "Close it, or double quotes that are meant as such."
        )
    try:
        found = table(data, ReadOptions(header=True), log)
    except csv.Error as error:  # a quote that never ends
        raise MaskError(f"It is no table that can be read ({error}). Check its quotes.") from error
    return Columns(found.frame, found.where)


def header(data: bytes) -> list[str]:
    """Return the names in the first line of plain CSV; raise `csv.Error` if it is none."""
    start = data[:1_000_000].decode("utf-8-sig", errors="ignore")
    return next(csv.reader(io.StringIO(start, newline="")), [])


def _strictly(data: bytes) -> pd.DataFrame | None:
    """Return the columns of a plain CSV file in UTF-8 all as text; None if it is not one."""
    try:
        names = header(data)
        if len(set(names)) < len(names) or len(names) > MAX_COLUMNS:
            return None
        found = pa.csv.read_csv(
            pa.BufferReader(data.removeprefix(b"\xef\xbb\xbf")),
            parse_options=pa.csv.ParseOptions(newlines_in_values=True),
            convert_options=pa.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
            ),
        )
        if found.column_names != names:
            return None
        frame: pd.DataFrame = found.to_pandas()
    except (pa.ArrowException, csv.Error, KeyError, UnicodeDecodeError):
        return None
    return frame
