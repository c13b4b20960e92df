"""A look at a file before it is accepted: guesses, first rows, problems and the ways out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from masklab.data.columns import Roles
from masklab.data.files import Source
from masklab.data.log import Problem
from masklab.data.numbers import number_share
from masklab.data.options import ReadOptions
from masklab.data.read import Reading, load
from masklab.data.series import Panel
from masklab.data.tables import Table

FIRST_ROWS = 200

Role = Literal["time", "series", "channel", "variable", "value", "left out"]
Kind = Literal["number", "time", "text", "empty"]


@dataclass(frozen=True)
class ColumnInfo:
    """One column of the file: what it is taken for, what it holds, how many cells are missing."""

    name: str
    role: Role
    kind: Kind
    missing: int


@dataclass(frozen=True, eq=False)
class Preview:
    """A file as MaskLab would read it.

    `options` has every guess filled in. `head` holds the first rows as the file has them. `panel`
    is None while there are problems. `warnings` say what was done to the data or left out.
    """

    name: str
    options: ReadOptions
    head: pd.DataFrame
    rows: int
    columns: tuple[ColumnInfo, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[str, ...]
    panel: Panel | None

    @property
    def problem(self) -> str | None:
        """What stands in the way, in words; None if the file can be read as it stands."""
        return " ".join(problem.text for problem in self.problems) or None

    @property
    def numeric(self) -> tuple[str, ...]:
        """Columns that could be channels."""
        return tuple(column.name for column in self.columns if column.kind == "number")


def preview(
    path_or_file: Source, name: str | None = None, options: ReadOptions | None = None
) -> Preview:
    """Return a look at a file; bad content never raises, it is named in `problems`.

    The whole file is read, so that what is wrong in its last line is said before it is accepted.
    """
    title = name or (Path(path_or_file).name if isinstance(path_or_file, str | Path) else "series")
    reading = load(path_or_file, options, name=title.split(".")[0] or "series")
    table = reading.table
    return Preview(
        name=title,
        options=reading.options,
        head=pd.DataFrame() if table is None else table.frame.head(FIRST_ROWS),
        rows=0 if table is None else len(table.frame),
        columns=() if table is None else _columns(table, reading),
        problems=reading.problems,
        warnings=reading.notes,
        panel=reading.panel,
    )


def _columns(table: Table, reading: Reading) -> tuple[ColumnInfo, ...]:
    return tuple(
        ColumnInfo(
            name=str(name),
            role=_role(str(name), reading.roles),
            kind=_kind(table.frame[name]),
            missing=int(table.frame[name].isna().sum()),
        )
        for name in table.frame
    )


def _role(name: str, roles: Roles | None) -> Role:
    if roles is None:
        return "left out"
    named: dict[str | None, Role] = {roles.value: "value", roles.variable: "variable"}
    named[roles.series] = "series"
    if name in roles.time.columns:
        return "time"
    if name in named:
        return named[name]
    return "channel" if name in roles.channels and roles.layout == "wide" else "left out"


def _kind(column: pd.Series[Any]) -> Kind:
    if pd.api.types.is_datetime64_any_dtype(column):
        return "time"
    share = number_share(column)
    if share != share:  # noqa: PLR0124 - NaN: nothing is filled
        return "empty"
    return "number" if share >= 0.5 else "text"
