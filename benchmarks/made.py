"""Made data: noisy daily waves by the minute, as long and as wide as wanted."""

from __future__ import annotations

import numpy as np

from masklab.data.series import Panel


def made_panel(
    rows: int, channels: int = 8, missing: float = 0.1, zone: str | None = None
) -> Panel:
    """Return two series in one panel, the first six tenths of the rows; a share of cells missing.

    Column by column, so that making it takes little more memory than holding it.
    """
    rng = np.random.default_rng(0)
    first = rows * 6 // 10
    minutes = np.concatenate([np.arange(first), np.arange(rows - first)])
    values = np.empty((rows, channels))
    for channel in range(channels):
        values[:, channel] = np.sin(2 * np.pi * minutes / 1440 + channel)
        values[:, channel] += 0.1 * rng.normal(size=rows)
        values[rng.random(rows) < missing, channel] = np.nan
    return Panel(
        names=("one", "two"),
        offsets=np.array([0, first, rows]),
        clock=np.datetime64("2024-01-01", "us") + minutes * np.timedelta64(60, "s"),
        values=values,
        channels=tuple(f"channel {number}" for number in range(channels)),
        timezone=zone,
    )
