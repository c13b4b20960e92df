"""A split gives every row one part, validation never before training, and says what is impossible."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.split import TEST, TRAINING, VALIDATION, Split


def panel_of(*lengths: int, start: str = "2024-01-01") -> Panel:
    clocks = [np.datetime64(start, "us") + np.arange(n) * np.timedelta64(1, "h") for n in lengths]
    return Panel(
        names=tuple("abcdef"[: len(lengths)]),
        offsets=np.cumsum([0, *lengths]),
        clock=np.concatenate(clocks),
        values=np.zeros((sum(lengths), 1)),
        channels=("x",),
    )


@settings(deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=4),
    st.floats(0.01, 0.98),
    st.floats(0.01, 0.98),
)
def test_by_time_no_row_of_a_later_part_comes_before_one_of_an_earlier_part(lengths, first, second):
    if first + second > 1:
        return
    panel, split = panel_of(*lengths), Split(training=first, validation=second)
    try:
        parts = split.parts(panel)
    except ExperimentError:
        validation, test = split.cuts(panel)
        inside = (panel.clock >= validation) & (panel.clock < test)
        assert not inside.any() or not (panel.clock < validation).any()
        return
    assert parts.shape == (panel.rows,)
    for part in (TRAINING, VALIDATION):
        earlier, later = panel.clock[parts <= part], panel.clock[parts > part]
        assert not len(later) or earlier.max() < later.min()


def test_fractions_are_of_the_span_of_time():
    parts = Split(training=0.6, validation=0.2).parts(panel_of(100))
    assert np.bincount(parts).tolist() == [60, 20, 20]


def test_training_and_validation_may_take_everything():
    for training in (0.7, 0.1, 0.3, 1 / 3):
        parts = Split(training=training, validation=1 - training).parts(panel_of(100))
        assert set(parts) == {TRAINING, VALIDATION}


def test_by_series_takes_whole_series():
    split = Split(by="series", validation_series=("b",), test_series=("c",))
    parts = split.parts(panel_of(2, 3, 1))
    assert parts.tolist() == [TRAINING] * 2 + [VALIDATION] * 3 + [TEST]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"validation_series": ("z",)}, r"names the series \['z'\], but this data has \['a', 'b'"),
        ({"validation_series": ("b",), "test_series": ("b",)}, r"\['b'\] twice"),
        ({"validation_series": ("b", "b")}, r"\['b'\] twice"),
        ({}, "no row for validation; give some series"),
        ({"validation_series": ("a", "b", "c")}, "no row for training; give some series"),
    ],
)
def test_impossible_splits_by_series_say_what_to_do(fields, message):
    with pytest.raises(ExperimentError, match=message):
        Split(by="series", **fields).parts(panel_of(2, 2, 2))


def test_too_few_rows_for_two_parts_say_what_to_do():
    with pytest.raises(ExperimentError, match="no row for validation; move its border"):
        Split().parts(panel_of(1))


@pytest.mark.parametrize(
    "fields",
    [
        {"training": 0},
        {"training": 1},
        {"validation": 0},
        {"training": float("nan")},
        {"training": 0.9, "validation": 0.2},
        {"by": "moon"},
        {"colour": 1},
    ],
)
def test_impossible_fractions_are_refused(fields):
    with pytest.raises(ValidationError):
        Split(**fields)


def test_describe_tells_rows_shares_series_and_times():
    panel = panel_of(100)
    training, validation, test = Split(training=0.6, validation=0.4).describe(panel)
    assert (training.name, training.rows, training.share) == ("training", 60, 0.6)
    assert validation.first == panel.clock[60]
    assert validation.last == panel.clock[-1]
    assert (test.rows, test.series, test.first, test.last) == (0, (), None, None)
    by_series = Split(by="series", validation_series=("b",)).describe(panel_of(5, 5))
    assert [one.series for one in by_series] == [("a",), ("b",), ()]
