"""Numbers as text: which sign divides the decimals, told by the cells of a whole column."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

_SPACES = " '\u00a0\u2009\u202f’"
_SIGN, _EXPONENT = r"[-+]?", r"(?:[eE][-+]?\d+)?"
_HEAD = rf"{_SIGN}[1-9]\d{{0,2}}"
_SPACED = rf"{_HEAD}(?:[{_SPACES}]\d{{3}})+"


@dataclass(frozen=True)
class Shapes:
    """The ways of writing a number with one decimal sign (`mark`) and another for groups.

    `clear`: only this reading makes sense (0,5 or 1.234,5 or 1.234.567). `open`: three digits after
    the sign, which may be decimals or a group (1,234). `grouped`: digits in groups.
    """

    mark: str

    @property
    def other(self) -> str:
        """The sign that would divide groups."""
        return "." if self.mark == "," else ","

    @cached_property
    def open(self) -> str:
        """Pattern of a cell that may as well be a group."""
        return rf"{_HEAD}\{self.mark}\d{{3}}"

    @cached_property
    def grouped(self) -> str:
        """Pattern of a cell whose digits stand in groups, with or without decimals."""
        end = rf"(?:\{self.mark}\d*)?{_EXPONENT}"
        return rf"(?:{_HEAD}(?:\{self.other}\d{{3}})+|{_SPACED}){end}"

    @cached_property
    def clear(self) -> str:
        """Pattern of a cell that is either a plain number with this sign, or grouped beyond doubt."""
        many = rf"{_HEAD}(?:\{self.other}\d{{3}}){{2,}}"
        one = rf"{_HEAD}(?:\{self.other}\d{{3}})+\{self.mark}\d*"
        plain = rf"{_SIGN}(?:\d+\{self.mark}\d*|\d*\{self.mark}\d+)"
        return rf"(?:{many}|{one}|{_SPACED}\{self.mark}\d*|{plain}){_EXPONENT}"

    def shown_by(self, cell: str) -> bool:
        """Return whether a cell shows beyond doubt that this is the decimal sign."""
        return bool(re.fullmatch(self.clear, cell)) and not re.fullmatch(self.open, cell)


POINT, COMMA = Shapes("."), Shapes(",")
BY_MARK = {".": POINT, ",": COMMA}


@dataclass(frozen=True)
class Evidence:
    """What a column's cells tell: decimal signs seen beyond doubt, and signs that are open.

    `example` is a cell for each open sign.
    """

    clear: frozenset[str]
    open: dict[str, str]


def evidence(column: pd.Series[Any]) -> Evidence:
    """Return what the filled cells of a text column tell about their decimal sign."""
    text = column.dropna()
    clear, undecided = set(), {}
    for shapes in (POINT, COMMA):
        unsure = text.str.fullmatch(shapes.open)
        if unsure.any():
            undecided[shapes.mark] = str(text[unsure].iloc[0])
        if (text.str.fullmatch(shapes.clear) & ~unsure).any():
            clear.add(shapes.mark)
    return Evidence(frozenset(clear), undecided)


def as_numbers(column: pd.Series[Any], mark: str) -> pd.Series[Any]:
    """Return text as numbers with one decimal sign, groups joined; NaN where a cell is no number."""
    shapes = BY_MARK[mark]
    grouped = column.str.fullmatch(shapes.grouped).fillna(False).astype(bool)
    foreign = column.str.contains(shapes.other, regex=False).fillna(False).astype(bool) & ~grouped
    joined = column[grouped].str.replace(shapes.other, "", regex=False)
    if joined.str.contains(f"[{_SPACES}]").any():
        joined = joined.str.replace(f"[{_SPACES}]", "", regex=True)
    text = column.where(~foreign, None)
    text = text.where(~grouped, joined.reindex(text.index)) if grouped.any() else text
    if mark == ",":
        text = text.str.replace(",", ".", regex=False)
    numbers: pd.Series[Any] = pd.to_numeric(text, errors="coerce")
    return numbers


def grouped_cell(column: pd.Series[Any], mark: str) -> str | None:
    """Return the first cell whose digits stand in groups; None if there is none."""
    text = column.dropna()
    grouped = text.str.fullmatch(BY_MARK[mark].grouped)
    return str(text[grouped].iloc[0]) if grouped.any() else None


def read_share(column: pd.Series[Any]) -> float:
    """Return the share of filled text cells that are numbers with either sign."""
    read = [as_numbers(column, mark).notna().to_numpy() for mark in BY_MARK]
    return float(np.logical_or(*read).mean())
