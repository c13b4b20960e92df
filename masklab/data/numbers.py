"""Columns as numbers: text among them is named with its place, never turned to missing unseen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from masklab.data.log import Fix, Log, count
from masklab.data.options import ReadOptions

MAX_NUMBER = 1e100
"""Larger values overflow when squared and summed; no measurement needs them."""

Numbers = Float64[np.ndarray, "row"]


def number_share(column: pd.Series[Any], options: ReadOptions) -> float:
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
    return float(_converted(sample, options).notna().mean())


@dataclass(frozen=True)
class Reader:
    """What reading one column needs to know: options, the columns read, where rows stand."""

    options: ReadOptions
    channels: tuple[str, ...]
    log: Log
    where: Callable[[int], str]

    def without(self, name: str) -> tuple[Fix, ...]:
        """Return the fix that leaves a column out, if others remain."""
        others = tuple(channel for channel in self.channels if channel != name)
        return (Fix(f"Leave {name} out", {"channels": others}),) if others else ()


def read_numbers(column: pd.Series[Any], reader: Reader) -> Numbers:
    """Return a column as float64, missing as NaN; text, inf and huge values go to the log."""
    options, log = reader.options, reader.log
    if pd.api.types.is_datetime64_any_dtype(column):
        log.stop(
            f"Column {column.name!r} holds times, not numbers. Leave it out of the channels.",
            *reader.without(str(column.name)),
        )
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    else:
        converted = _converted(column, options)
        _report_text(column, converted.isna() & column.notna(), reader)
        values = converted.to_numpy(dtype=np.float64, na_value=np.nan)
    return _finite(values, str(column.name), reader)


def _converted(column: pd.Series[Any], options: ReadOptions) -> pd.Series[Any]:
    if column.dtype == "str" and options.decimal == ",":
        column = column.str.replace(",", ".")
    elif column.dtype == "str":
        column = column.str.strip()
    converted: pd.Series[Any] = pd.to_numeric(column, errors="coerce")
    return converted


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
