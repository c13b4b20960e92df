"""The split of rows into training, validation and test: by time, or by series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from jaxtyping import Int8, Int64
from pydantic import BaseModel, ConfigDict, Field, model_validator

from masklab.data.series import Panel
from masklab.errors import ExperimentError

TRAINING, VALIDATION, TEST = 0, 1, 2
PART_NAMES = ("training", "validation", "test")


@dataclass(frozen=True)
class PartSummary:
    """One part of a split: its rows, their share of all, its series, and its first and last time.

    Times are those of the panel's clock; None for a part without rows.
    """

    name: str
    rows: int
    share: float
    series: tuple[str, ...]
    first: np.datetime64 | None
    last: np.datetime64 | None


class Split(BaseModel):
    """Which rows train, validate and test.

    `by="time"` cuts the panel's span, first to last time over all series, at the fractions
    `training` and `training + validation`; the rest is test. `by="series"` takes whole series:
    those named in `validation_series` and `test_series`, the others train.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    by: Literal["time", "series"] = "time"
    training: float = Field(default=0.7, gt=0, lt=1)
    validation: float = Field(default=0.15, gt=0, lt=1)
    validation_series: tuple[str, ...] = ()
    test_series: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check_fractions(self) -> Self:
        if self.training + self.validation > 1 + 1e-9:
            raise ValueError(
                f"training and validation take {self.training:g} + {self.validation:g} of the "
                "time, more than all of it. Lower one of them."
            )
        return self

    def cuts(self, panel: Panel) -> tuple[np.datetime64, np.datetime64]:
        """Return the times at which validation and test begin (the latter after the end if none)."""
        first, last = panel.clock.min(), panel.clock.max()
        span = int((last - first).astype(np.int64)) + 1  # so that 100 % lies after the last row
        upto = self.training + self.validation
        ends = (self.training, 1.0 if upto > 1 - 1e-9 else upto)
        begin, end = (first + np.timedelta64(round(span * part), "us") for part in ends)
        return begin, end

    def parts(self, panel: Panel) -> Int8[np.ndarray, "row"]:
        """Return TRAINING, VALIDATION or TEST for each row.

        Raises `ExperimentError` if training or validation is left without a row, or a series is
        unknown or named twice.
        """
        parts = self._by_time(panel) if self.by == "time" else self._by_series(panel)
        for part in (TRAINING, VALIDATION):
            if not (parts == part).any():
                raise ExperimentError(
                    f"The split by {self.by} leaves no row for {PART_NAMES[part]}; "
                    + (
                        "move its border, or choose data with more rows."
                        if self.by == "time"
                        else "give some series to each of training and validation."
                    )
                )
        return parts

    def describe(self, panel: Panel) -> tuple[PartSummary, PartSummary, PartSummary]:
        """Return rows, share, series and times of training, validation and test.

        Raises `ExperimentError` as `parts` does.
        """
        parts = self.parts(panel)
        training, validation, test = (
            _summary(panel, name, np.flatnonzero(parts == part))
            for part, name in enumerate(PART_NAMES)
        )
        return training, validation, test

    def _by_time(self, panel: Panel) -> Int8[np.ndarray, "row"]:
        validation_start, test_start = self.cuts(panel)
        later = (panel.clock >= validation_start).astype(np.int8)
        return later + (panel.clock >= test_start).astype(np.int8)

    def _by_series(self, panel: Panel) -> Int8[np.ndarray, "row"]:
        named = (*self.validation_series, *self.test_series)
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            raise ExperimentError(
                f"The split names the series {twice} twice, in validation, test or both; "
                "name each series once."
            )
        unknown = [name for name in named if name not in panel.names]
        if unknown:
            raise ExperimentError(
                f"The split names the series {unknown}, but this data has {list(panel.names)}; "
                "choose among those."
            )
        parts = np.full(panel.rows, TRAINING, dtype=np.int8)
        for part, names in ((VALIDATION, self.validation_series), (TEST, self.test_series)):
            for name in names:
                parts[panel.rows_of(name)] = part
        return parts


def _summary(panel: Panel, name: str, rows: Int64[np.ndarray, "chosen"]) -> PartSummary:
    series = tuple(panel.names[index] for index in np.unique(panel.series_of_row[rows]))
    clock = panel.clock[rows]
    first, last = (clock.min(), clock.max()) if len(rows) else (None, None)
    return PartSummary(name, len(rows), len(rows) / panel.rows, series, first, last)
