"""The clock axis' ticks in a real Chromium: sensible from milliseconds to years, in the data's zone."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.browser

SECOND, HOUR, DAY = 1_000_000, 3_600_000_000, 86_400_000_000
START = 1_704_067_200 * SECOND  # 2024-01-01 UTC


@pytest.fixture
def ticks(page):
    """Return ticks of a window of so many µs from 2024-01-01, on an axis of 700 pixels."""
    source = (ROOT / "masklab/ui/painter/js/clock.js").read_text("utf-8")

    def of(span, zone="UTC", kind="time", start=START):
        asked = [source, kind, zone, start, start + span]
        return page.evaluate(
            "([source, kind, zone, start, end]) => "
            "new (new Function(`${source}; return Clock`)())(kind, zone).ticks(start, end, 700)",
            asked,
        )

    return of


@pytest.mark.parametrize(
    ("span", "label", "context"),
    [
        (2_000, r"\d+ µs|\d ms", "1 Jan 2024 00:00:00"),
        (50_000, r"\d+ ms", "1 Jan 2024 00:00:00"),
        (5 * SECOND, r"00:00(:0\d)?", "1 Jan 2024"),
        (10 * 60 * SECOND, r"00:\d\d", "1 Jan 2024"),
        (20 * HOUR, r"\d\d:00", "1 Jan 2024"),
        (10 * DAY, r"\d+", "Jan 2024"),
        (300 * DAY, r"[A-Z][a-z]{2}", "2024"),
        (20 * 365 * DAY, r"20\d\d", ""),
        (2000 * 365 * DAY, r"\d{4}", ""),
    ],
)
def test_ticks_fit_their_window(ticks, span, label, context):
    found = ticks(span)
    assert 2 <= len(found) <= 10
    assert all(re.fullmatch(label, one["label"]) for one in found), found
    assert len({one["label"] + one["context"] for one in found}) >= len(found) - 1
    assert (context and context in {one["context"] for one in found}) or not context


def test_days_begin_at_local_midnight_over_a_change_of_clocks(ticks):
    start = START + 87 * DAY  # 28 March; clocks go forward on the 31st
    found = ticks(6 * DAY, zone="Europe/Berlin", start=start)
    hours = {(one["time"] // HOUR) % 24 for one in found}
    assert hours == {22, 23}


def test_steps_are_whole_numbers(ticks):
    found = ticks(12 * SECOND, kind="step", start=0)
    assert [one["label"] for one in found] == ["0", "2", "4", "6", "8", "10", "12"]
