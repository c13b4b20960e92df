"""How to read a file: every choice that turns a table into series; None means guess."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MISSING_TOKENS = (
    "", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "-nan", "NAN",
    "null", "NULL", "None", "none", "nil", "NIL", "missing", "-", "--", "?", ".",
)  # fmt: skip
"""Texts that stand for a missing cell unless the options say otherwise."""


class ReadOptions(BaseModel):
    """How to read one file; a field left None is guessed, and the guess is shown in the preview.

    `time`: the column with the time; `time_parts`: several columns that make one time, either
    numbers in the order year, month, day, hour, minute, second, or texts such as date and time.
    `clock="step"` takes row numbers instead. `series`: the column that names the series, "" for
    none. `variable`, `value`: the two columns of a long table. `day_first`: whether 03/04/2024 is
    3 April. `epoch`: the unit of a numeric time, counted from 1970. `timezone`: an IANA name; times
    without an offset are local to it. `sentinels`: channel to the values that mean "missing".
    `skip`: lines above the header. `ragged`: what to do with lines of more or fewer fields. `sheet`: of an Excel file, or the array of an NPZ.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    layout: Literal["wide", "long"] | None = None
    clock: Literal["time", "step"] | None = None
    time: str | None = None
    time_parts: tuple[str, ...] | None = Field(default=None, min_length=1, max_length=7)
    series: str | None = None
    channels: tuple[str, ...] | None = Field(default=None, min_length=1)
    variable: str | None = None
    value: str | None = None
    separator: str | None = Field(default=None, min_length=1, max_length=1)
    decimal: Literal[".", ","] | None = None
    encoding: str | None = None
    header: bool | None = None
    skip: int | None = Field(default=None, ge=0, le=10_000)
    day_first: bool | None = None
    epoch: Literal["s", "ms", "us", "ns"] | None = None
    timezone: str | None = None
    missing_tokens: tuple[str, ...] = MISSING_TOKENS
    sentinels: dict[str, tuple[float, ...]] = Field(default_factory=dict)
    ragged: Literal["error", "leave_out"] = "error"
    duplicates: Literal["error", "first", "last", "mean"] = "error"
    sheet: str | None = None
    units: dict[str, str] = Field(default_factory=dict)
