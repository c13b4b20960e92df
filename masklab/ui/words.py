"""Numbers in words: durations, counts with their denominator, steps in clock time."""

from __future__ import annotations

import itertools
import math

import numpy as np

from masklab.data.clock import interval, is_regular
from masklab.data.series import Panel
from masklab.words import counted

_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def duration(seconds: float) -> str:
    """Return a span of the data's clock: "2 days", "1 hour 30 minutes", "0.5 seconds".

    At most two units are named; a third is rounded away. Weeks are named only if nothing is left.
    """
    if seconds < 60:
        return counted(round(seconds, 3), "second")
    if seconds % 604_800 == 0 and seconds >= 2 * 604_800:
        return counted(seconds / 604_800, "week")
    for (unit, size), (smaller, step) in itertools.pairwise(_UNITS[1:]):
        rounded = round(seconds / step) * step
        if rounded >= size:
            whole, rest = divmod(rounded, size)
            more = f" {counted(rest // step, smaller)}" if rest else ""
            return f"{counted(whole, unit)}{more}"
    return counted(round(seconds), "second")


def about(seconds: float) -> str:
    """Return a waiting time, as coarse as it is known: "20 s", "3 min", "1 h 10 min"."""
    if seconds < 1:
        return "1 s"
    if seconds < 55:
        return f"{math.ceil(seconds / 5) * 5 if seconds > 10 else math.ceil(seconds)} s"
    if seconds < 3_570:
        return f"{max(1, round(seconds / 60))} min"
    minutes = round(seconds / 600) * 10
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def steps(count: int, panel: Panel) -> str:
    """Return steps with their clock time: "48 steps = 2 days", "about" where the clock is irregular."""
    plain = counted(count, "step")
    if panel.clock_kind == "step" or panel.rows < 2:
        return plain
    span = float(count * (interval(panel) / np.timedelta64(1, "s")))
    about = "is about" if count == 1 else "are about"
    return f"{plain} {'=' if is_regular(panel) else about} {duration(span)}"


def of(part: int, whole: int, what: str = "") -> str:
    """Return a count with its denominator and share: "1,203 of 26,115 cells, 4.6 %"."""
    share = 100 * part / whole if whole else 0.0
    return f"{part:,} of {whole:,}{f' {what}' if what else ''}, {share:.1f} %"


def ordinal(number: int) -> str:
    """Return a number in a row: "1st", "12th", "23rd"."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if 10 <= number % 100 <= 20 else ending}"
