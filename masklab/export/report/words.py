"""Numbers and times as the report writes them, with unit and denominator."""

from __future__ import annotations

import datetime
import math

import numpy as np

from masklab.charts.lane import axis_clock
from masklab.data.clock import interval, is_regular
from masklab.data.series import Panel

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def number(value: float) -> str:
    """Return a score with four digits; a dash where it is not defined."""
    return "—" if math.isnan(value) else f"{value:.4g}"


def spread(value: float, std: float, n: int) -> str:
    """Return mean ± std (n)."""
    if math.isnan(value):
        return "—"
    return f"{number(value)}{'' if math.isnan(std) else f' ± {std:.2g}'} ({n})"


def of(part: int, whole: int, what: str = "") -> str:
    """Return a count with its denominator and share."""
    share = f"{100 * part / whole:.1f} %" if whole else "—"
    return f"{part:,} of {whole:,}{f' {what}' if what else ''} ({share})"


def day(seconds: float) -> str:
    """Return a time since 1970 as date and time in UTC."""
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%d %H:%M} UTC"


def step(panel: Panel) -> str:
    """Return the interval of a panel's clock."""
    if panel.clock_kind == "step":
        return "1 step (the file has no times)"
    seconds = float(interval(panel) / np.timedelta64(1, "s"))
    return f"{duration(seconds)}{'' if is_regular(panel) else ' (median; the clock is irregular)'}"


def duration(seconds: float) -> str:
    """Return a span of the clock in its largest unit: "1 hour", "1.5 days"."""
    for unit, size in _UNITS:
        if seconds >= size:
            count = round(seconds / size, 2)
            return f"{count:,g} {unit}{'' if count == 1 else 's'}"
    return f"{seconds:g} seconds"


def moment(panel: Panel, at: np.datetime64) -> str:
    """Return a time of a panel in its own zone, or the number of a step."""
    shown = axis_clock(panel, np.array([at]))[0]
    if panel.clock_kind == "step":
        return f"step {shown:,.0f}"
    return str(shown.astype("datetime64[s]")).replace("T", " ")
