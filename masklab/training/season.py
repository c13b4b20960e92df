"""The season of a clock: how many steps a day, a week or a year has."""

from __future__ import annotations

from masklab.data.clock import interval
from masklab.data.series import Panel

_MICROSECONDS_A_DAY = 86_400_000_000


def season(panel: Panel, window: int) -> int | None:
    """Return the steps of the shortest of day, week and year that fits into `window` steps.

    None if none has at least two steps, a whole number of them (a year: nearly) and fits, or if the
    clock counts steps.
    """
    if panel.clock_kind == "step":
        return None
    step = int(interval(panel).astype("timedelta64[us]").astype(int))
    for days, tolerance in ((1.0, 1e-6), (7.0, 1e-6), (365.2425, 0.02)):
        exact = days * _MICROSECONDS_A_DAY / step
        steps = round(exact)
        if steps >= 2 and abs(exact - steps) <= tolerance * steps:
            return steps if steps <= window else None
    return None
