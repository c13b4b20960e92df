"""Labels of a window's steps, in the data's own clock."""

from __future__ import annotations

import numpy as np
import pandas as pd
from jaxtyping import Int64

from masklab.data.series import Panel


def labels(clock: Int64[np.ndarray, "step"], panel: Panel) -> tuple[str, ...]:
    """Return the time of each step in the panel's zone, or its number for a clock of steps.

    `clock`: µs since 1970, UTC where the panel has a zone. Days and whole seconds lose what is 0.
    """
    if panel.clock_kind == "step":
        return tuple(f"{one // 1_000_000:,}" for one in clock)
    times = pd.DatetimeIndex(clock.astype("datetime64[us]"))
    if panel.timezone:
        times = times.tz_localize("UTC").tz_convert(panel.timezone)
    whole = (times == times.normalize()).all()
    to_minutes = bool((times.second == 0).all())
    form = "%Y-%m-%d" if whole else f"%Y-%m-%d %H:%M{'' if to_minutes else ':%S'}"
    return tuple(times.strftime(form))
