"""Columns as numbers: text among them is named with its place, never turned to missing unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from masklab.data.decimals import as_numbers, evidence, grouped_cell, read_share
from masklab.data.log import Fix, Log, count
from masklab.data.options import ReadOptions

MAX_NUMBER = 1e100
"""Larger values overflow when squared and summed; no measurement needs them."""

Numbers = Float64[np.ndarray, "row"]


def number_share(column: pd.Series[Any]) -> float:
    """Return about which share of the filled cells reads as numbers; NaN if none is filled.

    Text is judged by up to a thousand cells spread over the column; times are 0.
    """
    if pd.api.types.is_datetime64_any_dtype(column):
        return 0.0
    if pd.api.types.is_numeric_dtype(column):
        return 1.0 if column.notna().any() else np.nan
    filled = column.dropna()
    if not len(filled):
        return np.nan
    sample = filled.iloc[:: max(1, len(filled) // 1000)]
    if sample.dtype == "str":
        return read_share(sample.str.strip())
    return float(pd.to_numeric(sample, errors="coerce").notna().mean())


@dataclass(frozen=True)
class Reader:
    """What reading one column needs to know: options, the columns read, where rows stand.

    `decimal_given`: whether the options' decimal sign was asked for, not guessed.
    """

    options: ReadOptions
    channels: tuple[str, ...]
    log: Log
    where: Callable[[int], str]
    decimal_given: bool = False

    def without(self, name: str) -> tuple[Fix, ...]:
        """Return the fix that leaves a column out, if others remain."""
        others = tuple(channel for channel in self.channels if channel != name)
        return (Fix(f"Leave {name} out", {"channels": others}),) if others else ()


def read_numbers(column: pd.Series[Any], reader: Reader) -> Numbers:
    """Return a column as float64, missing as NaN; text, inf and huge values go to the log."""
    log = reader.log
    if pd.api.types.is_datetime64_any_dtype(column):
        log.stop(
            f"Column {column.name!r} holds times, not numbers. Leave it out of the channels.",
            *reader.without(str(column.name)),
        )
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        converted = _converted(column, reader)
        _report_text(column, converted.isna() & column.notna(), reader)
        values = converted.to_numpy(dtype=np.float64, na_value=np.nan)
    return _finite(values, str(column.name), reader)


def _converted(column: pd.Series[Any], reader: Reader) -> pd.Series[Any]:
    if column.dtype != "str":
        plain: pd.Series[Any] = pd.to_numeric(column, errors="coerce")
        return plain
    text = column.str.strip()
    usual = reader.options.decimal or "."
    mark = _decimal_sign(text, usual, reader)
    converted = as_numbers(text, mark)
    example = grouped_cell(text, mark)
    if example is None and mark != usual and text.str.contains(mark, regex=False).any():
        example = str(text[text.str.contains(mark, regex=False).fillna(False)].iloc[0])
    if example is not None:
        value = as_numbers(pd.Series([example], dtype="str"), mark).iloc[0]
        reader.log.note(f"Column {column.name!r} writes numbers as {example!r}, read as {value:g}.")
    return converted


def _decimal_sign(text: pd.Series[Any], usual: str, reader: Reader) -> str:
    """Return the column's decimal sign: what its cells show, or else what was asked for.

    Without either, a sign that the file doesn't use for decimals elsewhere stops the reading.
    """
    found = evidence(text)
    if len(found.clear) == 1:
        return next(iter(found.clear))
    if found.clear or reader.decimal_given or set(found.open) <= {usual}:
        return usual
    cell = next(example for mark, example in found.open.items() if mark != usual)
    joined, divided = cell.replace(",", "").replace(".", ""), cell.replace(",", ".")
    sign = "," if "," in cell else "."
    rows = text.eq(cell).fillna(False).to_numpy()
    return reader.log.stop(
        f"Column {text.name!r} holds {cell!r} in {reader.where(int(np.argmax(rows)))}, which may be "
        f"{joined} or {divided}, and no cell of the column tells which. Say what is meant.",
        Fix(f"Read {cell} as {joined}", {"decimal": "." if sign == "," else ","}),
        Fix(f"Read {cell} as {divided}", {"decimal": sign}),
    )


def _report_text(column: pd.Series[Any], wrong: pd.Series[Any], reader: Reader) -> None:
    if not wrong.any():
        return
    row = int(np.argmax(wrong.to_numpy()))
    texts = [str(text).strip() for text in column[wrong].unique()[:6]]
    fixes = []
    if len(texts) <= 5:
        tokens = tuple(dict.fromkeys((*reader.options.missing_tokens, *texts)))
        fixes.append(Fix(f"Treat {', '.join(texts)} as missing", {"missing_tokens": tokens}))
    fixes.extend(reader.without(str(column.name)))
    reader.log.problem(
        f"Column {column.name!r} should hold numbers; it holds text in {count(int(wrong.sum()), 'cell')}"
        f" of {len(column):,}, first {texts[0]!r} in {reader.where(row)}. "
        "Treat the text as missing, leave the column out, or mend the file.",
        *fixes,
    )


def _finite(values: Numbers, name: str, reader: Reader) -> Numbers:
    """Take inf as missing, with a note; report values too large to compute with."""
    options, log, where = reader.options, reader.log, reader.where
    infinite = np.isinf(values)
    if infinite.any():
        log.note(
            f"Column {name!r} holds inf in {count(int(infinite.sum()), 'cell')}, first in "
            f"{where(int(np.argmax(infinite)))}; they were taken as missing."
        )
        values = np.where(infinite, np.nan, values)
    with np.errstate(invalid="ignore"):
        huge = np.abs(values) > MAX_NUMBER
    huge &= ~np.isin(values, options.sentinels.get(name, ()))
    if huge.any():
        row = int(np.argmax(huge))
        sentinels = {
            **options.sentinels,
            name: (*options.sentinels.get(name, ()), float(values[row])),
        }
        log.problem(
            f"Column {name!r} holds {values[row]:g} in {where(row)}, too large to compute with "
            f"({count(int(huge.sum()), 'value')} beyond {MAX_NUMBER:g}). Treat it as missing, or "
            "rescale the column.",
            Fix(f"Treat {values[row]:g} as missing", {"sentinels": sentinels}),
            *reader.without(name),
        )
    return values
