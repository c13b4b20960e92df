"""Interval, gaps, missing cells and codes, against what was put in."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.data.clock import gaps, interval, is_regular, segments
from masklab.data.inspect import inspect
from masklab.data.series import Panel, TimeSeries

MINUTE = 60_000_000


def series(steps: list[int], values: np.ndarray | None = None, name: str = "a") -> TimeSeries:
    """One series whose clock advances by the given minutes."""
    clock = (np.cumsum([0, *steps]) * MINUTE).astype("datetime64[us]")
    column = np.arange(len(clock), dtype=float) if values is None else values
    return TimeSeries(name, clock, column.reshape(len(clock), -1), ("x",))


def column(values: np.ndarray):
    panel = series([1] * (len(values) - 1), values).as_panel()
    return inspect(panel)


def test_a_regular_clock_with_a_long_step_has_a_gap_there():
    panel = series([10] * 20 + [20] + [10] * 20).as_panel()
    assert interval(panel) == np.timedelta64(10, "m")
    assert is_regular(panel)
    (gap,) = gaps(panel)
    assert (gap.end - gap.start, gap.steps) == (np.timedelta64(20, "m"), 1)
    assert segments(panel).tolist() == [0] * 21 + [1] * 21


def test_an_irregular_clock_forgives_steps_up_to_five():
    panel = series([1, 3, 2, 4, 2, 9, 2, 12, 2, 3, 2]).as_panel()
    assert not is_regular(panel)
    assert [gap.steps for gap in gaps(panel)] == [5]


@pytest.mark.parametrize(
    ("steps", "regular"),
    [
        ([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] * 3, True),  # months in days
        ([1, 1, 1, 1, 3] * 10, False),  # weekdays
        ([60] * 95 + [120] * 5, True),
        ([5] * 97 + [4, 1] * 2, False),  # a clock set anew
    ],
)
def test_what_is_called_regular(steps, regular):
    assert is_regular(series(steps).as_panel()) is regular


def test_a_weekend_is_no_gap_in_daily_data_of_weekdays():
    assert gaps(series([1, 1, 1, 1, 3] * 10).as_panel()) == []


@settings(max_examples=60, deadline=None)
@given(
    parts=st.lists(st.lists(st.integers(1, 40), min_size=0, max_size=20), min_size=1, max_size=4),
    limit=st.integers(1, 40),
)
def test_segments_never_cross_a_series_or_a_gap(parts, limit):
    panel = Panel.of(*(series(steps, name=str(n)) for n, steps in enumerate(parts)))
    found = segments(panel, np.timedelta64(limit, "m"))
    number = -1  # the obvious loop
    for rows in (panel.rows_of(n) for n in range(len(panel))):
        for row in range(rows.start, rows.stop):
            step = panel.clock[row] - panel.clock[row - 1] if row > rows.start else None
            number += step is None or step > np.timedelta64(limit, "m")
            assert found[row] == number


def test_one_row_alone_has_an_interval_and_no_gap():
    panel = series([]).as_panel()
    assert interval(panel) == np.timedelta64(1, "s")
    assert segments(panel).tolist() == [0]
    assert inspect(panel).gaps == ()


def test_missing_cells_are_counted_for_each_channel_and_series():
    first = np.array([1, np.nan, np.nan, 4, 5])
    second = np.array([np.nan, np.nan, 3])
    panel = Panel.of(series([1] * 4, first), series([1] * 2, second, "b"))
    row = inspect(panel).missing.iloc[0]
    assert (row["missing"], row["cells"], row["longest"]) == (4, 8, 2)
    assert inspect(panel).series["missing"].tolist() == [0.4, pytest.approx(2 / 3)]


@pytest.mark.parametrize("code", [-1.0, -200.0, -999.0, 9999.0, -9999.0, -1e30])
def test_a_spike_outside_the_range_is_suspected(code):
    random = np.random.default_rng(5)
    values = random.uniform(20, 60, 4000).round(1)
    values[random.choice(4000, 80, replace=False)] = code
    (found,) = column(values).sentinels
    assert (found.value, found.count, found.cells) == (code, 80, 4000)
    assert found.lowest >= 20
    assert found.highest <= 60


@pytest.mark.parametrize("mean", [0.2, 5, 80])
def test_a_code_of_minus_one_beside_counts_is_suspected(mean):
    random = np.random.default_rng(5)
    values = random.poisson(mean, 4000).astype(float)
    values[random.choice(4000, 120, replace=False)] = -1
    assert [(found.value, found.count) for found in column(values).sentinels] == [(-1, 120)]


def test_two_codes_at_once_are_both_found():
    random = np.random.default_rng(6)
    values = random.normal(15, 4, 2000)
    values[:40], values[40:70] = -999, -200
    assert {found.value for found in column(values).sentinels} == {-999, -200}


@pytest.mark.parametrize(
    "values",
    [
        np.random.default_rng(0).normal(0, 1, 3000),
        np.random.default_rng(1).gamma(0.3, 2, 3000).round(1) * (np.arange(3000) % 3 == 0),
        np.tile([0.0, 1.0], 500),
        np.random.default_rng(2).integers(-5, 5, 2000).astype(float),
        np.random.default_rng(3).exponential(1, 3000),
        np.full(500, 7.0),
        np.full(500, np.nan),
        np.random.default_rng(4).normal(0, 1, 3000).round(0),
        np.random.default_rng(9).integers(-1, 2, 500).astype(float),
        np.random.default_rng(9).integers(-1, 31, 3000).astype(float),
        np.maximum(np.random.default_rng(9).normal(12, 5, 4000).round(0), -1.0),
        np.maximum(np.random.default_rng(9).normal(3, 2, 4000).round(0), -1.0),
    ],
    ids=[
        "normal",
        "rain",
        "switch",
        "small integers",
        "skewed",
        "constant",
        "missing",
        "rounded",
        "three states",
        "whole degrees",
        "whole degrees that fall off",
        "whole degrees near 0",
    ],
)
def test_ordinary_data_raises_no_suspicion(values):
    report = column(values)
    assert report.sentinels == ()
    assert report.outliers == ()


def test_a_single_far_value_is_an_outlier_and_no_code():
    values = np.random.default_rng(7).uniform(0, 40, 1000)
    values[500] = 1048.36
    report = column(values)
    assert report.sentinels == ()
    assert [found.value for found in report.outliers] == [1048.36]
