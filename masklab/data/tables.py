"""A file as a table of columns, whatever its kind, with the line in the file of each row."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Int64

from masklab.data.excel import excel_table
from masklab.data.files import Source, file_bytes, kind_of
from masklab.data.frames import feather_table, npz_table, parquet_table
from masklab.data.log import Log, count, listed
from masklab.data.options import ReadOptions
from masklab.data.text import text_table

MAX_COLUMNS = 20_000


@dataclass(frozen=True)
class Table:
    """Columns as the file has them: numbers, times or text, missing tokens already NaN.

    `lines` is the line in the file of each row (for Excel its row in the sheet), or None where a
    file has no lines; `options` has what was found about the file filled in. `decimal_given`:
    whether the decimal sign was asked for, not guessed.
    """

    frame: pd.DataFrame
    options: ReadOptions
    lines: Int64[np.ndarray, "row"] | None = None
    decimal_given: bool = False

    def where(self, row: int) -> str:
        """Return where a row stands: 'line 17', or 'row 16' in a file without lines."""
        return f"row {row + 1:,}" if self.lines is None else f"line {int(self.lines[row]):,}"


def table(source: Source, options: ReadOptions, log: Log) -> Table:
    """Return the table in a file; stop with one sentence if there is none."""
    given = options.decimal is not None
    data = file_bytes(source, log)
    kind = kind_of(data, log)
    lines: Int64[np.ndarray, "row"] | None = None
    if kind == "text":
        frame, lines, options = text_table(data, options, log)
    elif kind == "excel":
        frame, lines, options = excel_table(data, options, log)
    elif kind == "npz":
        frame = npz_table(data, options, log)
    else:
        frame = (parquet_table if kind == "parquet" else feather_table)(data, log)
    _check(frame, log)
    return Table(frame, options, lines, given)


def _check(frame: pd.DataFrame, log: Log) -> None:
    names = [str(name) for name in frame.columns]
    repeated = sorted(name for name, number in Counter(names).items() if number > 1)
    if len(names) > MAX_COLUMNS:
        log.stop(f"The table has {len(names):,} columns. Save the columns that you need alone.")
    if repeated:
        log.stop(f"Column names occur twice: {listed(repeated)}. Rename one of each in the file.")
    if not len(frame):
        log.stop(
            f"The file has a header with {count(len(names), 'column')} and no row under it. "
            "Choose a file with rows."
        )
