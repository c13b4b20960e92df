"""The example that is there before a reader has data: two channels whose zero is no mean."""

from __future__ import annotations

from functools import cache

import numpy as np

from masklab.data.series import Panel, TimeSeries
from masklab.inspector.excerpt import Source
from masklab.split import Split


@cache
def example() -> Source:
    """Return a month of hourly temperature and humidity with some hours and some cells hidden.

    Made up from a daily and a slower wave with noise, from a fixed seed.
    """
    hours = np.arange(31 * 24)
    rng = np.random.default_rng(7)
    slow = 4 * np.sin(2 * np.pi * hours / (24 * 9))
    temperature = (
        14 + slow + 5 * np.sin(2 * np.pi * (hours - 9) / 24) + rng.normal(0, 0.5, len(hours))
    )
    humidity = (
        68
        - 2.2 * (temperature - 14)
        + 6 * np.cos(2 * np.pi * hours / 77)
        + rng.normal(0, 2, len(hours))
    )
    panel = Panel.of(
        TimeSeries(
            name="weather station",
            clock=np.datetime64("2024-05-01", "us") + hours * np.timedelta64(3600, "s"),
            values=np.stack([temperature, humidity.clip(5, 100)], axis=1),
            channels=("temperature", "humidity"),
            units={"temperature": "°C", "humidity": "%"},
        )
    )
    observed = np.ones((len(hours), 2), dtype=bool)
    for start in range(8, len(hours), 29):
        observed[start : start + int(rng.integers(3, 9))] = False
    single = rng.random(observed.shape) < 0.06
    observed &= ~single
    return Source(panel, observed, Split().parts(panel), "An example: a weather station")
