"""An Excel sheet (xlsx, xls, xlsb, ods) as a table."""

from __future__ import annotations

import io
from datetime import date, datetime
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Int64
from python_calamine import CalamineError, CalamineWorkbook

from masklab.data.frames import check_cells
from masklab.data.log import Fix, Log, listed
from masklab.data.options import ReadOptions
from masklab.data.sheetsize import spanned_cells
from masklab.data.zipclaims import check_claims


def excel_table(
    data: bytes, options: ReadOptions, log: Log
) -> tuple[pd.DataFrame, Int64[np.ndarray, "row"], ReadOptions]:
    """Return the columns of one sheet, the sheet's row numbers, and the options with the sheet.

    Without a sheet in the options the first one that holds anything is taken.
    """
    check_claims(data, log)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = workbook.sheet_names
        sheet, rows = _chosen(workbook, data, options.sheet, log)
    except CalamineError as error:
        log.stop(f"The Excel file can't be read ({error}). Open it in Excel and save it again.")
    if not rows:
        log.stop(
            f"The Excel file has no filled sheet (sheets: {listed(names)}). Choose another file."
        )
    if len(names) > 1:
        log.note(
            f"Sheet {sheet!r} was read; the file also has {listed([n for n in names if n != sheet])}."
        )
    skip = _preamble(rows) if options.skip is None else options.skip
    header = _has_header(rows[skip:]) if options.header is None else options.header
    frame, lines = _frame(rows, skip, header, options)
    found = {"sheet": sheet, "skip": skip, "header": header}
    return frame, lines, options.model_copy(update=found)


def _chosen(
    workbook: CalamineWorkbook, data: bytes, sheet: str | None, log: Log
) -> tuple[str, list[list[Any]]]:
    names = workbook.sheet_names
    if sheet is not None and sheet not in names:
        fixes = [Fix(f"Read sheet {name}", {"sheet": name}) for name in names[:3]]
        log.stop(f"There is no sheet {sheet!r}; the file has {listed(names)}.", *fixes)
    for name in names if sheet is None else [sheet]:
        check_cells(spanned_cells(data, name), log, f"sheet {name!r}")  # the reader would abort
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        if any(cell != "" for row in rows for cell in row):
            return name, rows
    return sheet or "", []


def _preamble(rows: list[list[Any]]) -> int:
    """Return how many rows stand above the table: those with far fewer cells than usual."""
    filled = [sum(cell != "" for cell in row) for row in rows[:200]]
    usual = float(np.median(filled[len(filled) // 2 :]))
    return next((n for n, cells in enumerate(filled) if cells >= max(1, 0.5 * usual)), 0)


def _has_header(rows: list[list[Any]]) -> bool:
    first = [cell for cell in (rows[0] if rows else []) if cell != ""]
    return not first or any(isinstance(cell, str) for cell in first)


def _frame(
    rows: list[list[Any]], skip: int, header: bool, options: ReadOptions
) -> tuple[pd.DataFrame, Int64[np.ndarray, "row"]]:
    width = len(rows[0])
    given = rows[skip] if header and len(rows) > skip else [""] * width
    names = [str(name).strip() or f"column_{n + 1}" for n, name in enumerate(given)]
    start = skip + int(header)
    kept = [n for n in range(start, len(rows)) if any(cell != "" for cell in rows[n])]
    columns = {n: _column([rows[row][n] for row in kept], options) for n in range(width)}
    frame = pd.DataFrame(columns).set_axis(names, axis=1)
    empty = [frame.iloc[:, n].isna().all() and given[n] == "" for n in range(width)]
    return frame.loc[:, ~np.array(empty)], np.array(kept, dtype=np.int64) + 1


def _column(cells: list[Any], options: ReadOptions) -> pd.Series[Any]:
    """Return numbers, times or text; a column of several kinds becomes text."""
    tokens = set(options.missing_tokens) | {""}
    values = [None if isinstance(c, str) and c.strip() in tokens else c for c in cells]
    kinds = {type(value) for value in values if value is not None}
    if kinds and kinds <= {datetime, date}:
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object)))
    if kinds <= {int, float, bool}:
        return pd.Series([np.nan if v is None else float(v) for v in values], dtype=np.float64)
    return pd.Series([None if v is None else str(v) for v in values], dtype="str")
