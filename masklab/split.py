"""The split of rows into training, validation and test: by time, or by series."""

from __future__ import annotations

from typing import Literal, Self

import numpy as np
from jaxtyping import Int8
from pydantic import BaseModel, ConfigDict, Field, model_validator

from masklab.data.series import Panel
from masklab.errors import ExperimentError

TRAINING, VALIDATION, TEST = 0, 1, 2
PART_NAMES = ("training", "validation", "test")


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
        span = int((last - first).astype(np.int64)) + 1
        ends = (self.training, min(1.0, self.training + self.validation))
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
                    f"The split leaves no row for {PART_NAMES[part]}. "
                    "Move its border, or give it a series."
                )
        return parts

    def _by_time(self, panel: Panel) -> Int8[np.ndarray, "row"]:
        validation_start, test_start = self.cuts(panel)
        later = (panel.clock >= validation_start).astype(np.int8)
        return later + (panel.clock >= test_start).astype(np.int8)

    def _by_series(self, panel: Panel) -> Int8[np.ndarray, "row"]:
        both = set(self.validation_series) & set(self.test_series)
        if both:
            raise ExperimentError(f"Series {sorted(both)} stand in validation and in test.")
        parts = np.full(panel.rows, TRAINING, dtype=np.int8)
        for part, names in ((VALIDATION, self.validation_series), (TEST, self.test_series)):
            for name in names:
                parts[panel.rows_of(name)] = part
        return parts
