"""A mask thinned to what a picture can show: of each pixel's column, which share is hidden."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64

from masklab.data.clock import interval
from masklab.data.series import Panel


def hidden_shares(
    panel: Panel, observed: Bool[np.ndarray, "row channel"], series: int, channel: int, columns: int
) -> Float64[np.ndarray, "column"]:
    """Return for each column of a picture the share of a channel's native cells that is hidden.

    Columns are equal stretches of the series' time, `columns` at most and none shorter than the
    interval of the clock, so that a single cell is as wide as the time it stands for. NaN where the
    file has no value.
    """
    rows = panel.rows_of(series)
    clock = panel.clock[rows].astype(np.int64)
    step = max(int(interval(panel).astype(np.int64)), 1)
    span = int(clock[-1] - clock[0]) + step
    count = int(max(1, min(columns, span // step)))
    place = np.minimum((clock - clock[0]) * count // span, count - 1)
    native = panel.native[rows, channel]
    hidden = native & ~observed[rows, channel]
    of = np.bincount(place[native], minlength=count)
    with np.errstate(invalid="ignore"):
        shares: Float64[np.ndarray, "column"] = np.bincount(place[hidden], minlength=count) / of
    return shares
