"""Hours of the day, days of the week, months, dates and holidays."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Self, get_args

import numpy as np
from jaxtyping import Bool
from pydantic import BeforeValidator, FailFast, Field, model_validator

from masklab.data.clock import interval
from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.rule import Family, Rule, Scene

if TYPE_CHECKING:
    import pandas as pd

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
Month = Literal[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_WEEKDAYS, _MONTHS = get_args(Weekday), get_args(Month)
_HOUR_US = 3_600_000_000
_LEAP_YEAR = "2024-"


def _day(value: object) -> str:
    """Return a day as it is kept: 2024-12-25, or 12-25 for each year."""
    text = value.isoformat()[:10] if isinstance(value, date) else str(value).strip()
    if re.fullmatch(r"(\d{4}-)?\d{2}-\d{2}", text):
        try:
            date.fromisoformat(text if len(text) == 10 else _LEAP_YEAR + text)
        except ValueError as error:
            raise ValueError(f"the calendar has no day {text}; mend or remove it") from error
        return text
    raise ValueError(f"{text[:40]!r} is no day; write it like 2024-12-25, or 12-25 for each year")


Day = Annotated[str, BeforeValidator(_day)]


class Calendar(Rule):
    """Select rows by the calendar, in the panel's own time zone; all given conditions must hold.

    `hour_from` to `hour_to` (exclusive; half hours are 0.5) wraps over midnight if the first is
    the later one. `date_from` and `date_to` are both included, and each may stand alone. `days` is
    a list of holidays, say: a day such as 2024-12-25, or 12-25 for each year.
    """

    title: ClassVar[str] = "Calendar"
    explanation: ClassVar[str] = (
        "Hides hours of the day, days of the week, months, dates or holidays, such as all nights."
    )
    family: ClassVar[Family] = "By time"

    kind: Literal["calendar"] = "calendar"
    hour_from: float | None = Field(
        default=None,
        ge=0,
        lt=24,
        description="First hour; 6.5 is half past six.",
        json_schema_extra={"step": 0.5},
    )
    hour_to: float | None = Field(
        default=None,
        gt=0,
        le=24,
        description="End of the hours, not included itself.",
        json_schema_extra={"step": 0.5},
    )
    weekdays: tuple[Weekday, ...] = Field(default=(), max_length=7, description="None means all.")
    months: tuple[Month, ...] = Field(default=(), max_length=12, description="None means all.")
    date_from: date | None = Field(default=None, description="First day; empty means no limit.")
    date_to: date | None = Field(default=None, description="Last day; empty means no limit.")
    days: Annotated[tuple[Day, ...], FailFast()] = Field(
        default=(),
        max_length=5000,
        title="Holidays and other days",
        description="Days such as 2024-12-25, or 12-25 for each year; paste a whole list.",
        json_schema_extra={"placeholder": "Type or paste days"},
    )

    @model_validator(mode="after")
    def _check_conditions(self) -> Self:
        if (self.hour_from is None) != (self.hour_to is None):
            raise ValueError("hours need both a beginning and an end; give the other one too")
        if self.hour_from is not None and self.hour_from == self.hour_to:
            raise ValueError(
                f"hours from {self.hour_from:g} to {self.hour_to:g} are none at all; "
                "change one, or leave both empty for the whole day"
            )
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise ValueError(
                f"the first day {self.date_from} is after the last day {self.date_to}; swap them"
            )
        given = (self.hour_to, self.weekdays, self.months, self.date_from, self.date_to, self.days)
        if not any(given):
            raise ValueError("a calendar rule needs hours, weekdays, months or dates")
        return self

    @classmethod
    def suggested(cls, panel: Panel) -> Self:
        """Return the nights, 22 to 6; the weekends of daily data, the winters of slower ones."""
        step = interval(panel)
        if step < np.timedelta64(12, "h"):
            return cls(hour_from=22, hour_to=6)
        if step < np.timedelta64(4, "D"):
            return cls(weekdays=("Saturday", "Sunday"))
        return cls(months=("December", "January", "February"))

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if the panel counts steps instead of time."""
        if panel.clock_kind == "time":
            return ()
        return (
            f"The rule {self.summary()!r} needs times of day and dates, but this data counts "
            "steps; choose a time column on the Data page, or paint the rows.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return all channels of the rows that meet every condition.

        Raises `MaskError` if the panel's clock counts steps.
        """
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        rows = self._rows(local_clock(scene.panel))
        return np.asfortranarray(np.broadcast_to(rows[:, None], scene.domain.shape))

    def summary(self) -> str:
        """Return the conditions in a few words: 'hours 22–6, Saturday, Sunday'."""
        parts = []
        if self.hour_from is not None:
            parts.append(f"hours {self.hour_from:g}–{self.hour_to:g}")
        parts += [*self.weekdays, *self.months]
        parts += [f"from {self.date_from}"] if self.date_from else []
        parts += [f"to {self.date_to}"] if self.date_to else []
        if self.days:
            more = f" and {len(self.days) - 3} more" if len(self.days) > 3 else ""
            parts.append(f"on {', '.join(self.days[:3])}{more}")
        return ", ".join(parts)

    def _rows(self, clock: pd.DatetimeIndex) -> Bool[np.ndarray, "row"]:
        rows = np.ones(len(clock), dtype=bool)
        wall = clock.to_numpy().astype("datetime64[us]")
        days = wall.astype("datetime64[D]")
        if self.hour_from is not None and self.hour_to is not None:
            time = (wall - days).astype(np.int64)
            after, before = time >= self.hour_from * _HOUR_US, time < self.hour_to * _HOUR_US
            rows &= after & before if self.hour_from < self.hour_to else after | before
        if self.weekdays:
            rows &= np.isin(clock.day_of_week, [_WEEKDAYS.index(day) for day in self.weekdays])
        if self.months:
            rows &= np.isin(clock.month, [_MONTHS.index(month) + 1 for month in self.months])
        if self.date_from:
            rows &= days >= np.datetime64(self.date_from)
        if self.date_to:
            rows &= days <= np.datetime64(self.date_to)
        if self.days:
            full = [day for day in self.days if len(day) == 10]
            yearly = [int(day[:2]) * 100 + int(day[3:]) for day in self.days if len(day) == 5]
            rows &= np.isin(days, np.array(full, dtype="datetime64[D]")) | np.isin(
                clock.month * 100 + clock.day, yearly
            )
        return rows


def local_clock(panel: Panel) -> pd.DatetimeIndex:
    """Return the wall-clock time of each row, in the panel's zone if it has one."""
    import pandas as pd  # noqa: PLC0415 (80 MB, and half the time that a specification takes to read)

    clock = pd.DatetimeIndex(panel.clock)
    if panel.timezone is None:
        return clock
    return clock.tz_localize("UTC").tz_convert(panel.timezone).tz_localize(None)
