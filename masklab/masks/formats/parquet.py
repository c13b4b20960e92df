"""The mask as a Parquet table."""

from __future__ import annotations

import io
import json
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from masklab.data.arrow import frame_of
from masklab.data.log import Log
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.flags import free_name, read_flags, time_name
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.formats.wide_csv import series_names
from masklab.masks.landing import land_rows

MAX_CELLS = 100_000_000
MAX_BYTES = 2**30
"""The largest content that a compressed file may say it has."""


class Parquet(MaskFormat):
    """Columns as in the CSV table, true and false for channels; times as timestamps.

    Timestamps are µs, with the data's zone if they have one; steps are whole numbers of µs where a
    step is a second. Metadata under `masklab` say which.
    """

    title: ClassVar[str] = "Parquet"
    explanation: ClassVar[str] = (
        "The table of true and false with exact times; small and quick, for pandas, Polars, R or "
        "DuckDB."
    )
    ending: ClassVar[str] = ".mask.parquet"
    mime: ClassVar[str] = "application/vnd.apache.parquet"

    kind: Literal["parquet"] = "parquet"

    def write(self, masked: Masked) -> bytes:
        """Return the table, compressed."""
        panel, observed = masked.panel, masked.mask.observed
        columns = {time_name(panel): _times(panel)}
        if len(panel) > 1:
            columns[free_name("series", panel)] = series_names(panel)
        for place, channel in enumerate(panel.channels):
            columns[channel] = pa.array(np.ascontiguousarray(observed[:, place]))
        told = {"holds": "mask", "true": "observed", "clock": panel.clock_kind}
        table = pa.table(columns).replace_schema_metadata({"masklab": json.dumps(told)})
        out = io.BytesIO()
        pq.write_table(table, out, compression="zstd")
        return out.getvalue()

    def claims(self, head: Head) -> bool:
        """Return whether it begins as Parquet files do."""
        return head.data[:4] == b"PAR1"

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the cells that are false as an imported layer."""
        log = Log()
        try:
            table = _table(data)
        except (pa.ArrowException, OSError) as error:
            reason = str(error).split("\n")[0][:80]
            raise MaskError(
                f"The Parquet file is damaged or cut off ({reason}). Save it again."
            ) from error
        frame = frame_of(table)
        rows = read_flags(frame, panel, log, lambda row: f"row {row + 1:,}")
        layers, notes = land_rows([rows], panel, name)
        return Incoming(self.kind, layers, (*log.notes, *notes))


def _times(panel: Panel) -> pa.Array:
    if panel.clock_kind == "step":
        steps = panel.clock.astype(np.int64)
        whole = not (steps % 1_000_000).any()
        return pa.array(steps // 1_000_000) if whole else pa.array(steps / 1_000_000)
    zone = None if panel.timezone is None else "UTC"
    times = pa.array(panel.clock.astype("datetime64[us]")).cast(pa.timestamp("us"))
    return times if zone is None else times.cast(pa.timestamp("us", panel.timezone))


def _table(data: bytes) -> pa.Table:
    """Return the columns that can matter, after what the file says about its size is checked.

    Text stays in dictionaries: a name that is repeated a million times is read once.
    """
    file = pq.ParquetFile(io.BytesIO(data))
    told = file.metadata
    size = sum(told.row_group(n).total_byte_size for n in range(told.num_row_groups))
    if told.num_rows * told.num_columns > MAX_CELLS or size > MAX_BYTES:
        raise MaskError(
            f"The Parquet file says that it has {told.num_rows:,} rows, {told.num_columns:,} columns "
            f"and {size / 2**20:,.0f} MB; MaskLab reads up to {MAX_CELLS:,} cells and "
            f"{MAX_BYTES / 2**20:,.0f} MB."
        )
    texts = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
    plain = [field.name for field in file.schema_arrow if _is_plain(field.type)]
    if len(plain) != len(set(plain)) or not plain:
        raise MaskError(
            "The Parquet file has no table of numbers, times and text with a name for each column."
        )
    return pq.ParquetFile(io.BytesIO(data), read_dictionary=texts).read(columns=plain)


def _is_plain(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_boolean(kind) or types.is_integer(kind) or types.is_floating(kind)
        or types.is_timestamp(kind) or types.is_date(kind) or types.is_string(kind)
        or (types.is_dictionary(kind) and types.is_string(kind.value_type))
    )  # fmt: skip
