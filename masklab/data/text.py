"""Separated text as a table: CSV, TSV and their relatives, read at the speed of pandas' C engine."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int64

from masklab.data.frames import check_cells
from masklab.data.log import Fix, Log, count
from masklab.data.options import ReadOptions
from masklab.data.sniff import SEPARATOR_NAMES, decoded, fields, sniffed

MAX_LINE = 1_000_000
"""The longest line that is read, in characters."""

Lines = Int64[np.ndarray, "row"]


def text_table(
    data: bytes, options: ReadOptions, log: Log
) -> tuple[pd.DataFrame, Lines, ReadOptions]:
    """Return columns, the line of each row, and the options with what was found.

    Stops if rows differ in their number of fields: a shifted row would put values under wrong names.
    """
    text, encoding = decoded(data, options.encoding, log)
    if not text.strip():
        log.stop("The file holds only white space. Choose a file with a header and rows.")
    _check_lines(text, log)
    try:
        return _table(text, options, encoding, log)
    except csv.Error:
        log.stop(
            f"A field of the text is longer than {csv.field_size_limit():,} characters: a quote may "
            "be opened and never closed, or this is no table. Mend it, or choose another file."
        )


def _check_lines(text: str, log: Log) -> None:
    """Stop at a line that is far longer than any table's, before anything takes it apart."""
    start = 0
    while len(text) - start > MAX_LINE:
        end = text.rfind("\n", start, start + MAX_LINE + 1)
        if end < 0:
            line = text.count("\n", 0, start) + 1
            log.stop(
                f"Line {line:,} has more than {MAX_LINE:,} characters, as no table has. Choose a "
                "file with a row in each line."
            )
        start = end + 1


def _table(
    text: str, options: ReadOptions, encoding: str, log: Log
) -> tuple[pd.DataFrame, Lines, ReadOptions]:
    options = sniffed(text, options).model_copy(update={"encoding": encoding})
    body, skipped = _without_preamble(text, options.skip or 0)
    separator = options.separator or ","
    check_cells(body.count("\n") + (body.count(separator) if separator != " " else 0), log)
    widths, lines = _widths(body, options.separator or ",")
    lines += skipped
    names = _names(body, options, int(widths[0]) if len(widths) else 0)
    if options.header:
        widths, lines = widths[1:], lines[1:]
    names = _matched(names, widths, body, options.separator or ",")
    odd = widths != len(names)
    if odd.any():
        row = int(np.argmax(odd))
        first = f"line {int(lines[row]):,} has {count(int(widths[row]), 'field')}"
        _settle_odd(odd, first, len(names), options, log)
        body, lines = _without_lines(body, lines - skipped, odd), lines[~odd]
    return _parsed(body, names, options, log), lines, options


def _without_preamble(text: str, skip: int) -> tuple[str, int]:
    position = 0
    for _ in range(skip):
        position = text.find("\n", position) + 1
        if position == 0:
            return "", skip
    return text[position:], skip


def _widths(body: str, separator: str) -> tuple[Lines, Lines]:
    """Return the number of fields and the line number, from 1, of every line that isn't empty."""
    if '"' in body or separator == " ":
        return _widths_by_parser(body, separator)
    data = np.frombuffer(body.encode(), dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    if not len(ends) or ends[-1] != len(data) - 1:
        ends = np.append(ends, len(data))
    starts = np.concatenate([[0], ends[:-1] + 1])
    separators = np.flatnonzero(data == ord(separator))
    widths = np.diff(np.searchsorted(separators, np.concatenate([[0], ends]))) + 1
    filled = ends > starts
    return widths[filled].astype(np.int64), np.flatnonzero(filled) + 1


def _widths_by_parser(body: str, separator: str) -> tuple[Lines, Lines]:
    """Count fields where quotes may hide separators and line ends."""
    widths, lines = [], []
    source: Iterator[str] = io.StringIO(body)
    if separator == " ":
        source = (" ".join(line.split()) for line in source)
    reader = csv.reader(source, delimiter=separator, skipinitialspace=True)
    before = 0
    for row in reader:
        if row:
            widths.append(len(row))
            lines.append(before + 1)
        before = reader.line_num
    return np.array(widths, dtype=np.int64), np.array(lines, dtype=np.int64)


def _names(body: str, options: ReadOptions, width: int) -> list[str]:
    if not options.header:
        return [f"column_{n + 1}" for n in range(width)]
    first = next(line for line in body.split("\n") if line.strip())
    names = [name.strip() for name in fields(first, options.separator or ",")]
    return [name or f"column_{n + 1}" for n, name in enumerate(names)]


def _matched(names: list[str], widths: Lines, body: str, separator: str) -> list[str]:
    """Return the names, with one more where every row has one field more than the header."""
    wider = len(names) + 1
    if not len(widths) or (widths != wider).any():
        return names
    last = body.rstrip("\n").rsplit("\n", 1)[-1]
    if last.endswith(separator):
        return [*names, f"column_{wider}"]  # each row ends with a separator
    return ["row", *names]  # row names without a name of their own, as R writes them


def _settle_odd(
    odd: Bool[np.ndarray, "row"], first: str, width: int, options: ReadOptions, log: Log
) -> None:
    """Note lines with more or fewer fields than the header, or stop at the first."""
    number = int(odd.sum())
    if options.ragged == "leave_out":
        log.note(
            f"{count(number, 'line')} of {len(odd):,} with more or fewer than {width} fields left "
            f"out; first, {first}."
        )
        return
    what = "the header" if options.header else "line 1"
    separator = SEPARATOR_NAMES.get(options.separator or "", repr(options.separator))
    fix = Fix(f"Leave {count(number, 'such line')} out", {"ragged": "leave_out"})
    log.stop(
        f"{first.capitalize()}, {what} has {width} "
        f"({count(number, 'such line')}; separator: {separator}). "
        "Leave such lines out, mend them in the file, or choose another separator.",
        *([fix] if 2 * number < len(odd) else []),
    )


def _without_lines(body: str, starts: Lines, odd: Bool[np.ndarray, "row"]) -> str:
    """Return the text without the rows marked; a row reaches from its line to the next row's."""
    lines = body.split("\n")
    ends = np.append(starts[1:], len(lines) + 1)
    gone = {
        number
        for row in np.flatnonzero(odd).tolist()
        for number in range(int(starts[row]) - 1, int(ends[row]) - 1)
    }
    return "\n".join(line for number, line in enumerate(lines) if number not in gone)


def _parsed(body: str, names: list[str], options: ReadOptions, log: Log) -> pd.DataFrame:
    separator = options.separator or ","
    try:
        return pd.read_csv(
            io.BytesIO(body.encode()),
            sep=r"\s+" if separator == " " else separator,
            header=None,
            names=list(range(len(names))),
            index_col=False,
            skiprows=1 if options.header else 0,
            decimal=options.decimal or ".",
            na_values=list(options.missing_tokens),
            keep_default_na=False,
            skipinitialspace=True,
            low_memory=False,
        ).set_axis(names, axis=1)
    except pd.errors.EmptyDataError:
        return pd.DataFrame({}, columns=pd.Index(names))
    except (pd.errors.ParserError, ValueError, OverflowError) as error:
        log.stop(f"The text can't be read as a table: {error}. Check separator and quotes.")
