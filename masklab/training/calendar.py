"""Time of day, day of the week and day of the year as inputs that no mask hides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64

from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.training.config import Cycle

_DAY = 86_400_000_000
_PERIODS: dict[Cycle, float] = {"day": _DAY, "week": 7 * _DAY, "year": 365.2425 * _DAY}


def calendar(
    panel: Panel, clock: Int64[np.ndarray, "row"], cycles: Sequence[Cycle]
) -> Float32[np.ndarray, "row input"]:
    """Return sine and cosine of each cycle at each row of a clock in µs, side by side.

    Raises `ExperimentError` if the panel's clock counts steps and so knows no day.
    """
    if panel.clock_kind == "step":
        raise ExperimentError(
            "The file has no times, so that there is no calendar to read. Leave model.calendar out, "
            "or choose the column with the times."
        )
    found = np.empty((len(clock), 2 * len(cycles)), dtype=np.float32)
    for place, cycle in enumerate(cycles):
        angle = 2 * np.pi * (clock % _PERIODS[cycle]) / _PERIODS[cycle]
        found[:, 2 * place], found[:, 2 * place + 1] = np.sin(angle), np.cos(angle)
    return found
