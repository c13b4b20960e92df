"""Numbers in words."""

from __future__ import annotations

import numpy as np
import pytest

from masklab.data.series import TimeSeries, as_panel
from masklab.ui.words import about, duration, of, steps
from masklab.words import listed


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.5, "0.5 seconds"),
        (1, "1 second"),
        (90, "1 minute 30 seconds"),
        (3600, "1 hour"),
        (5400, "1 hour 30 minutes"),
        (172_800, "2 days"),
        (86_399, "1 day"),
        (604_800, "7 days"),
        (31_449_600, "52 weeks"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 s"), (7.2, "8 s"), (31, "35 s"), (58, "1 min"), (200, "3 min"), (4000, "1 h 10 min"), (7200, "2 h")],
)  # fmt: skip
def test_waiting_times(seconds: float, words: str) -> None:
    assert about(seconds) == words


def test_counts_have_denominators() -> None:
    assert of(1203, 26115, "cells") == "1,203 of 26,115 cells, 4.6 %"
    assert of(0, 0) == "0 of 0, 0.0 %"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_steps_say_their_time() -> None:
    clock = np.arange(100) * np.timedelta64(3_600_000_000, "us") + np.datetime64("2024-01-01", "us")
    hourly = as_panel(TimeSeries("x", clock, np.zeros((100, 1)), ("a",)))
    assert steps(48, hourly) == "48 steps = 2 days"
    counted = TimeSeries("x", clock, np.zeros((100, 1)), ("a",), clock_kind="step")
    assert steps(1, as_panel(counted)) == "1 step"
