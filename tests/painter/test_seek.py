"""Runs of masked rows: the one at a moment, the next and the one before, against a slow twin."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from masklab.data.series import Panel, TimeSeries
from masklab.masks.strokes import Stroke
from masklab.ui.painter.seek import answer, read_wish
from masklab.ui.painter.summary import Origins, Summary

SECOND = 1_000_000
ROWS = 40


def panel(missing=()):
    values = np.ones((ROWS, 2))
    values[list(missing), 0] = np.nan
    clock = (np.arange(ROWS) * 2).astype("datetime64[s]")
    return Panel.of(
        TimeSeries("other", clock, np.ones((ROWS, 2)), ("a", "b")),
        TimeSeries("here", clock, values, ("a", "b")),
    )


def asked(data, hidden, at, direction, *, strokes=(), reach=0, channels=("a",)):
    """Return (first row, last row, painted) of the answer; `hidden` are rows of channel a."""
    layers = np.zeros((data.rows, 2), dtype=np.uint8, order="F")
    layers[[ROWS + row for row in hidden], 0] = 1
    layers[~data.native] = 0
    summary = Summary(data)
    wish = read_wish(
        {"id": 5, "series": 1, "channels": list(channels), "at": at * SECOND,
         "reach": reach * SECOND, "direction": direction}, summary,
    )  # fmt: skip
    found = answer(wish, summary, Origins(layers), strokes)
    assert found["id"] == 5
    if found["start"] is None:
        return None
    return found["start"] // (2 * SECOND), found["end"] // (2 * SECOND), found["painted"]


def slow_runs(hidden):
    """Return (first, last) of each run of rows, by walking."""
    found, rows = [], sorted(hidden)
    for row in rows:
        if row - 1 in hidden:
            found[-1][1] = row
        else:
            found.append([row, row])
    return [tuple(one) for one in found]


@given(
    hidden=some.sets(some.integers(0, ROWS - 1)),
    at=some.integers(-5, 2 * ROWS + 5),
    direction=some.sampled_from([-1, 1]),
)
def test_the_next_run_begins_after_the_moment_and_the_one_before_begins_before(
    hidden, at, direction
):
    begins = [run for run in slow_runs(hidden) if (2 * run[0] - at) * direction > 0]
    expected = None if not begins else begins[0] if direction > 0 else begins[-1]
    found = asked(panel(), hidden, at, direction)
    assert (found and found[:2]) == expected


@given(hidden=some.sets(some.integers(0, ROWS - 1), min_size=1), row=some.integers(0, ROWS - 1))
def test_the_run_at_a_moment_holds_it(hidden, row):
    expected = [run for run in slow_runs(hidden) if run[0] <= row <= run[1]]
    found = asked(panel(), hidden, 2 * row, 0)
    assert (found and found[:2]) == (expected[0] if expected else None)


def test_a_painted_run_is_preferred_and_says_so():
    strokes = (Stroke(start=20 * SECOND, end=26 * SECOND, series="here"),)
    hidden = set(range(5, 30))
    assert asked(panel(), hidden, 22, 0, strokes=strokes) == (10, 13, True)
    assert asked(panel(), hidden, 40, 0, strokes=strokes) == (5, 29, False)


def test_within_reach_the_nearest_counts():
    assert asked(panel(), {10, 14}, 23, 0, reach=6) == (10, 10, False)
    assert asked(panel(), {10, 14}, 26, 0, reach=6) == (14, 14, False)
    assert asked(panel(), {10, 14}, 24, 0, reach=1) is None


def test_a_stretch_painted_by_hand_can_be_told_when_stepping_to_it():
    strokes = (Stroke(start=20 * SECOND, end=26 * SECOND, series="here"),)
    assert asked(panel(), {10, 11, 12, 13}, 0, 1, strokes=strokes) == (10, 13, True)
    assert asked(panel(), {10, 11, 12, 13, 14}, 0, 1, strokes=strokes) == (10, 14, False)


def test_cells_that_the_file_lacks_end_no_run_and_make_none():
    data = panel(missing=(11, 30))
    assert asked(data, {10, 11, 12}, 0, 1) == (10, 12, False)
    assert asked(data, {10, 11, 12}, 24, 1) is None


def test_a_run_on_several_channels_is_masked_on_one_of_them():
    assert asked(panel(), {3, 4}, 0, 1, channels=("b",)) is None
    assert asked(panel(), {3, 4}, 0, 1, channels=("b", "a")) == (3, 4, False)


@pytest.mark.parametrize(
    "wish",
    [None, 7, [], {}, {"id": 1}, {"id": 1, "at": 3}, {"id": 1, "at": 3, "series": 9},
     {"id": 1, "at": 3, "series": 0, "channels": ["z"]},
     {"id": 1, "at": 3, "series": 0, "channels": []},
     {"id": 1, "at": 3, "series": 0, "channels": [[]]},
     {"id": 1, "at": 3, "series": 0, "channels": "ab"},
     {"id": 1, "at": float("nan"), "series": 0}],
)  # fmt: skip
def test_a_strange_wish_is_none(wish):
    assert read_wish(wish, Summary(panel())) is None
