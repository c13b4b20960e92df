"""Parquet, Feather and NPZ as tables."""

from __future__ import annotations

import io
import math
import zipfile
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.dataset
import pyarrow.feather
import pyarrow.parquet

from masklab.data.arrow import frame_of
from masklab.data.log import Fix, Log, listed
from masklab.data.options import ReadOptions

MAX_CELLS = 100_000_000
"""0.8 GB as numbers: what a compressed file may unfold to."""

TIME_ARRAYS = (
    "time",
    "times",
    "timestamp",
    "timestamps",
    "clock",
    "date",
    "dates",
    "datetime",
    "t",
)
_BYTES = (
    pa.types.is_binary,
    pa.types.is_large_binary,
    pa.types.is_fixed_size_binary,
    pa.types.is_binary_view,
)
NAME_ARRAYS = ("channels", "columns", "names", "features", "feature_names")


def parquet_table(data: bytes, log: Log) -> pd.DataFrame:
    """Return the columns of a Parquet file; its index, if named or a time, becomes a column."""
    try:
        file = pa.parquet.ParquetFile(io.BytesIO(data))
        check_cells(file.metadata.num_rows * file.metadata.num_columns, log)
        return _flat(file.read(), log)
    except (pa.ArrowException, OSError) as error:
        log.stop(_damaged("Parquet", error))


def feather_table(data: bytes, log: Log) -> pd.DataFrame:
    """Return the columns of a Feather (Arrow IPC) file, as `parquet_table` does."""
    try:
        if data[:6] == b"ARROW1":  # the first version of Feather packs nothing
            file = pa.dataset.IpcFileFormat().make_fragment(pa.BufferReader(data))
            check_cells(file.count_rows() * len(file.physical_schema), log)
        return _flat(pa.feather.read_table(io.BytesIO(data), memory_map=False), log)
    except (pa.ArrowException, OSError) as error:
        log.stop(_damaged("Feather", error))


def _damaged(kind: str, error: Exception) -> str:
    reason = str(error).split("\n")[0].rstrip(".")
    return f"The {kind} file is damaged or cut off ({reason}). Fetch or save it again."


def _flat(table: pa.Table, log: Log) -> pd.DataFrame:
    table = _without_bytes(table, log)
    for n, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            table = table.set_column(n, column.name, table[n].cast(column.type.value_type))
        elif pa.types.is_date(column.type):
            table = table.set_column(n, column.name, table[n].cast(pa.timestamp("us")))
        elif pa.types.is_decimal(column.type):
            table = table.set_column(n, column.name, table[n].cast(pa.float64()))
    frame = frame_of(table)
    if frame.index.names != [None] or not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    return frame.set_axis([_name(name) for name in frame.columns], axis=1)


def _without_bytes(table: pa.Table, log: Log) -> pa.Table:
    """Return the table with bytes as text; columns that hold no text, or anything nested, go."""
    types, left_out = pa.types, []
    for column in table.schema:
        if types.is_nested(column.type) or isinstance(column.type, pa.BaseExtensionType):
            left_out.append(column.name)
        elif any(is_kind(column.type) for is_kind in _BYTES):
            place = table.schema.get_field_index(column.name)
            try:
                text = table[column.name].cast(pa.string())
            except (pa.ArrowException, KeyError):  # no UTF-8, or a name that stands twice
                left_out.append(column.name)
            else:
                table = table.set_column(place, column.name, text)
    if left_out:
        log.note(f"Left out, as neither numbers nor text: {listed(left_out)}.")
    return table.drop_columns(list(dict.fromkeys(left_out))) if left_out else table


def _name(name: object) -> str:
    return "/".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def check_cells(cells: int, log: Log, what: str = "table") -> None:
    """Stop if a table would unfold to more cells than are read."""
    if cells > MAX_CELLS:
        log.stop(
            f"The {what} has {cells:,} cells; MaskLab reads up to {MAX_CELLS:,}. "
            "Keep fewer rows or columns."
        )


def npz_table(data: bytes, options: ReadOptions, log: Log) -> pd.DataFrame:
    """Return the arrays of an NPZ file as columns; nothing pickled is opened.

    Taken are: the array that the options' `sheet` names, or else the largest two- or
    three-dimensional one, as (row, channel) or (series, row, channel); every one-dimensional array
    of as many rows as a column; channel names from an array called `channels` or `columns`.
    """
    try:
        check_cells(_announced(data), log)
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile) as error:
        if "pickle" in str(error):
            log.stop(
                "The NPZ file holds Python objects, which can run code when opened; MaskLab reads "
                "plain arrays alone. Save it with arrays of numbers and times."
            )
        log.stop(f"The NPZ file is damaged or cut off ({error}). Save it again.")
    if options.sheet is not None and options.sheet not in arrays:
        fixes = [Fix(f"Read array {name}", {"sheet": name}) for name in list(arrays)[:3]]
        log.stop(
            f"There is no array {options.sheet!r}; the file has {listed(list(arrays))}.", *fixes
        )
    return _columns(arrays, options.sheet, log)


def _announced(data: bytes) -> int:
    """Return the number of cells that the arrays' headers name; no array is read."""
    cells = 0
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            with archive.open(name) as file:
                version = np.lib.format.read_magic(file)
                read = np.lib.format.read_array_header_1_0
                shape = (read if version == (1, 0) else np.lib.format.read_array_header_2_0)(file)[
                    0
                ]
            cells += math.prod(shape)
    return cells


def _columns(arrays: dict[str, Any], chosen: str | None, log: Log) -> pd.DataFrame:
    blocks = [n for n, a in arrays.items() if a.ndim in {2, 3} and a.dtype.kind in "fiub"]
    main = chosen or max(blocks, key=lambda name: arrays[name].size, default=None)
    flat = {name: array for name, array in arrays.items() if array.ndim == 1 and name != main}
    if main is None or arrays[main].ndim < 2:
        return _vectors({**flat, **({main: arrays[main]} if main else {})}, log)
    block = arrays[main]
    if len(blocks) > 1:
        log.note(
            f"Array {main!r} was read; the file also has {listed([b for b in blocks if b != main])}."
        )
    series, rows, width = block.shape if block.ndim == 3 else (1, *block.shape)
    names = next((flat[n] for n in NAME_ARRAYS if n in flat and len(flat[n]) == width), None)
    labels = [str(n) for n in names] if names is not None else [f"{main}_{n}" for n in range(width)]
    columns: dict[str, Any] = {
        name: np.tile(array, series)
        for name, array in flat.items()
        if len(array) == rows and name not in NAME_ARRAYS
    }
    if block.ndim == 3:
        columns["series"] = np.repeat(np.arange(series), rows)
    values = block.reshape(-1, width)
    columns |= {label: values[:, n] for n, label in enumerate(labels)}
    return pd.DataFrame(columns)


def _vectors(flat: dict[str, Any], log: Log) -> pd.DataFrame:
    lengths = {name: len(array) for name, array in flat.items()}
    if not lengths:
        log.stop("The NPZ file has no array with one to three axes. Save values as (row, channel).")
    rows = max(lengths.values())
    return pd.DataFrame({name: array for name, array in flat.items() if len(array) == rows})
