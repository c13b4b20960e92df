"""Time of day, day of the week and day of the year as inputs that no mask hides."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float32, Int64

from masklab.data.series import Panel
from masklab.errors import ExperimentError

_DAY = 86_400_000_000
_PERIODS = (_DAY, 7 * _DAY, 365.2425 * _DAY)


def calendar(panel: Panel, clock: Int64[np.ndarray, "row"]) -> Float32[np.ndarray, "row 6"]:
    """Return sine and cosine of day, week and year at each row of a clock in µs.

    Raises `ExperimentError` if the panel's clock counts steps and so knows no day.
    """
    if panel.clock_kind == "step":
        raise ExperimentError(
            "The file has no times, so that there is no calendar to read. Switch model.calendar off, "
            "or choose the column with the times."
        )
    found = np.empty((len(clock), 2 * len(_PERIODS)), dtype=np.float32)
    for place, period in enumerate(_PERIODS):
        angle = 2 * np.pi * (clock % period) / period
        found[:, 2 * place], found[:, 2 * place + 1] = np.sin(angle), np.cos(angle)
    return found
