"""What separated text looks like: encoding, separator, decimal sign, lines above the header."""

from __future__ import annotations

import csv
import re
from collections import Counter

from masklab.data.decimals import BY_MARK, COMMA, POINT
from masklab.data.log import Fix, Log
from masklab.data.options import ReadOptions

SEPARATORS = ("\t", ";", "|", ",", " ")
SEPARATOR_NAMES = {"\t": "tab", ";": "semicolon", "|": "bar", ",": "comma", " ": "spaces"}
SAMPLE_CHARACTERS = 200_000

_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")
_COMMA_NUMBER = re.compile(r"[-+]?\d*,\d+([eE][-+]?\d+)?")
_TIME = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T].*)?|\d{1,2}:\d{2}(:\d{2}.*)?")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")


def decoded(data: bytes, encoding: str | None, log: Log) -> tuple[str, str]:
    """Return the text and its encoding: UTF-8, UTF-16, or Windows-1252 with a note.

    Stops on bytes that are no text, and on text that the given encoding can't read.
    """
    if encoding is None:
        encoding = _likely_encoding(data)
    if not encoding.startswith("utf-16"):
        _check_text(data, log)
    try:
        text = data.decode(encoding)
    except LookupError:
        log.stop(
            f"There is no encoding {encoding!r}. Name one such as 'utf-8', 'utf-16' or 'cp1252'.",
            Fix("Guess the encoding", {"encoding": None}),
        )
    except UnicodeDecodeError as error:
        log.stop(
            f"The text isn't {encoding}: byte {error.start + 1:,} can't be read. "
            "Save the file as UTF-8, or name its encoding.",
            Fix("Read as Latin-1", {"encoding": "latin-1"}),
        )
    if encoding == "cp1252":
        log.note("The text isn't UTF-8; it was read as Windows-1252. Check names with accents.")
    return text.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff"), encoding


def _check_text(data: bytes, log: Log) -> None:
    start = data[:SAMPLE_CHARACTERS]
    if len(_CONTROL.findall(start)) > 0.001 * len(start):
        log.stop(
            "The file holds binary data, not a table. MaskLab reads CSV and other separated text "
            "(also gzipped), Parquet, Feather, Excel and NPZ."
        )


def _likely_encoding(data: bytes) -> str:
    if data[:3] == b"\xef\xbb\xbf":
        return "utf-8-sig"
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return "utf-16"
    start = data[:2000]
    even, odd = start[0::2].count(0), start[1::2].count(0)
    if max(even, odd) > 0.3 * len(start) / 2 and min(even, odd) == 0:
        return "utf-16-le" if odd else "utf-16-be"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def sniffed(text: str, options: ReadOptions) -> ReadOptions:
    """Return the options with separator, decimal sign, skipped lines and header filled in."""
    lines = text[:SAMPLE_CHARACTERS].split("\n")
    if len(text) > SAMPLE_CHARACTERS:
        lines = lines[:-1]
    separator = options.separator or _separator(lines)
    skip = _preamble(lines, separator) if options.skip is None else options.skip
    body = [fields(line, separator) for line in lines[skip : skip + 500] if line.strip()]
    decimal = options.decimal or _decimal(body, separator)
    header = _has_header(body, decimal) if options.header is None else options.header
    return options.model_copy(
        update={"separator": separator, "skip": skip, "decimal": decimal, "header": header}
    )


def fields(line: str, separator: str) -> list[str]:
    """Return the fields of one line, quotes undone; runs of spaces are one separator."""
    if separator == " ":
        return next(iter(csv.reader([" ".join(line.split())], delimiter=" ")), [])
    return next(iter(csv.reader([line], delimiter=separator, skipinitialspace=True)), [])


def _separator(lines: list[str]) -> str:
    """Return the first candidate that divides four lines in five alike, or else most of them.

    The order settles what decimal commas and the space inside times leave open. The comma, if none
    divides any line.
    """
    body = [line for line in lines[:500] if line.strip() and not line.startswith("#")]
    shares = {}
    for separator in SEPARATORS:
        counts = Counter(len(fields(line, separator)) for line in body)
        alike, number = counts.most_common(1)[0] if counts else (1, 0)
        shares[separator] = number / len(body) if alike > 1 else 0.0
    clear = [separator for separator in SEPARATORS if shares[separator] >= 0.8]
    best = clear[0] if clear else max(SEPARATORS, key=lambda one: shares[one])
    return best if shares[best] else ","


def _preamble(lines: list[str], separator: str) -> int:
    """Return how many lines stand above the table: comments, titles, empty lines."""
    rows = [fields(line, separator) if line.strip() else [] for line in lines[:500]]
    usual = Counter(len(row) for row in rows[1:] or rows if row).most_common(1)
    width = usual[0][0] if usual else 1
    for number, row in enumerate(rows):
        # A header may lack the name of its first column, as R writes it, but no other.
        full = len(row) == width or (len(row) == width - 1 > 0 and all(row))
        titled = 2 * sum(field.strip() != "" for field in row) >= len(row)
        if full and titled and not lines[number].startswith("#"):
            return number
    return 0


def _decimal(rows: list[list[str]], separator: str) -> str:
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows[1:] for cell in row]
    commas = sum(COMMA.shown_by(cell) for cell in cells)
    points = sum(POINT.shown_by(cell) for cell in cells)
    return "," if commas > points else "."


def _has_header(rows: list[list[str]], decimal: str) -> bool:
    """Return False if the first row holds values: nothing but numbers and times."""
    if not rows:
        return True
    first = [cell.strip() for cell in rows[0] if cell.strip()]
    if first == [str(n) for n in range(len(first))]:
        return True  # numbered columns, as pandas writes them
    return not all(_is_value(cell, decimal) for cell in first)


def _is_value(cell: str, decimal: str) -> bool:
    number = _COMMA_NUMBER if decimal == "," and "," in cell else _NUMBER
    grouped = re.fullmatch(BY_MARK[decimal].grouped, cell)
    return bool(number.fullmatch(cell) or grouped or _TIME.fullmatch(cell))
