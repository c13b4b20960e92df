"""Windows lie wholly in one segment and part, and those left out are counted by reason."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.errors import WindowError
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.windows import Layout, Shape, any_within, find_windows


@st.composite
def layouts(draw):
    rows = draw(st.integers(1, 60))

    def rising():
        return np.cumsum(
            draw(st.lists(st.integers(0, 9).map(lambda n: n == 0), min_size=rows, max_size=rows))
        )

    series = rising()
    segments = np.cumsum(np.diff(series, prepend=series[0]) + np.diff(rising(), prepend=0))
    parts = np.sort(draw(st.lists(st.sampled_from([0, 1, 2]), min_size=rows, max_size=rows)))
    flags = st.lists(st.booleans(), min_size=rows, max_size=rows).map(
        lambda one: np.array(one, bool)
    )
    shape = Shape(draw(st.integers(1, 8)), draw(st.integers(0, 4)), draw(st.integers(1, 5)))
    return Layout(series, segments, parts.astype(np.int8)), shape, draw(flags), draw(flags)


def slow_windows(layout, part, shape, usable, scored):
    """Walk over every row: each stretch gives windows from its first row on, a stride apart."""
    starts, unusable, unscored = [], 0, 0
    since = 0
    for row in range(len(usable)):
        if (
            row == 0
            or layout.segments[row] != layout.segments[row - 1]
            or layout.parts[row] != layout.parts[row - 1]
        ):
            since = row
        end = row + shape.steps
        if layout.parts[row] != part or (row - since) % shape.stride or end > len(usable):
            continue
        inside = range(row, end)
        if any(layout.segments[one] != layout.segments[row] for one in inside):
            continue
        if any(layout.parts[one] != part for one in inside):
            continue
        target = scored[row + shape.length : end] if shape.horizon else scored[row:end]
        if not any(usable[row : row + shape.length]):
            unusable += 1
        elif not any(target):
            unscored += 1
        else:
            starts.append(row)
    return starts, unusable, unscored


@settings(max_examples=400, deadline=None)
@given(layouts(), st.sampled_from([TRAINING, VALIDATION, TEST]))
def test_windows_are_those_of_the_slow_walk(case, part):
    layout, shape, usable, scored = case
    starts, unusable, unscored = slow_windows(layout, part, shape, usable, scored)
    try:
        found = find_windows(layout, part, shape, usable, scored)
    except WindowError:
        assert not starts
        assert (layout.parts == part).any()
        assert unusable + unscored == 0
        return
    assert found.starts.tolist() == starts
    assert (found.dropped.unusable, found.dropped.unscored) == (unusable, unscored)


@settings(max_examples=200, deadline=None)
@given(layouts(), st.sampled_from([TRAINING, VALIDATION, TEST]))
def test_with_stride_one_the_windows_lost_to_gaps_are_counted(case, part):
    layout, shape, _, _ = case
    shape = Shape(shape.length, shape.horizon)
    every = np.ones(len(layout.parts), dtype=bool)
    whole = Layout(layout.series, layout.series, layout.parts)
    try:
        found = find_windows(layout, part, shape, every, every)
    except WindowError:
        return
    assert found.dropped.gap == len(find_windows(whole, part, shape, every, every)) - len(found)


@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(1, 10))
def test_any_within_is_the_sliding_any(flags, length):
    flags = np.array(flags)
    starts = np.arange(max(0, len(flags) - length + 1))
    assert any_within(flags, starts, length).tolist() == [
        flags[s : s + length].any() for s in starts
    ]


def layout_of(*lengths: int, parts: list[int] | None = None) -> Layout:
    segments = np.repeat(np.arange(len(lengths)), lengths)
    part_of = np.repeat(np.array(parts or [0] * len(lengths), dtype=np.int8), lengths)
    return Layout(np.zeros(len(segments), dtype=np.int64), segments, part_of)


def test_a_window_longer_than_every_stretch_is_an_error_that_says_what_to_do():
    layout = layout_of(30, 20)
    every = np.ones(50, dtype=bool)
    with pytest.raises(WindowError) as error:
        find_windows(layout, TRAINING, Shape(48, 6), every, every)
    assert str(error.value) == (
        "The window of 48 + 6 steps is longer than the longest stretch without a gap, 30 steps "
        "(training). Shorten the window or the horizon, give training a larger share of the split, or "
        "let windows cross gaps (training.longest_gap) or be padded (training.shortest)."
    )


def test_a_padded_window_is_none_that_a_gap_costs():
    # Two segments of 6 and 5 rows, each padded to one window of 8; joined they would give 4.
    padding = np.repeat([True, False, True, False], [2, 6, 3, 5])
    layout = layout_of(8, 8)
    layout = Layout(layout.series, layout.segments, layout.parts, padding)
    found = find_windows(layout, TRAINING, Shape(6, 2), ~padding, ~padding)
    assert found.starts.tolist() == [0, 8]
    assert found.dropped.gap == 4


def test_a_part_without_rows_has_no_windows_and_is_no_error():
    layout = layout_of(30)
    every = np.ones(30, dtype=bool)
    assert len(find_windows(layout, TEST, Shape(10), every, every)) == 0


def test_a_million_rows_are_found_without_copying_windows():
    rows = 1_000_000
    layout, every = layout_of(rows), np.ones(rows, dtype=bool)
    found = find_windows(layout, TRAINING, Shape(1000, 10), every, every)
    assert len(found) == rows - 1009
    assert found.starts.nbytes == 8 * len(found)
