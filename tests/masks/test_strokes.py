"""Painted strokes: later ones win, times may be ISO text, a thousand cost little."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import panels, strokes_on
from slow_masks import is_painted

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke, cells

DAY = 86_400_000_000
FIRST = int(np.datetime64("2024-01-01", "us").astype(np.int64))


def daily(names: tuple[str, ...] = ("one",), days: int = 10) -> Panel:
    return Panel(
        names=names,
        offsets=np.arange(len(names) + 1) * days,
        clock=np.tile(
            np.datetime64("2024-01-01", "us") + np.arange(days) * np.timedelta64(1, "D"), len(names)
        ),
        values=np.zeros((days * len(names), 2)),
        channels=("a", "b"),
    )


@settings(deadline=None)
@given(panels(), st.data())
def test_strokes_paint_what_they_cover_cell_by_cell(panel, data):
    strokes = tuple(data.draw(st.lists(strokes_on(panel), max_size=8)))
    rule = Painted(strokes=strokes)
    expected = [
        [is_painted(rule, panel, (row, channel)) for channel in range(len(panel.channels))]
        for row in range(panel.rows)
    ]
    assert cells(strokes, panel).tolist() == expected


def test_a_later_stroke_wins():
    paint = Stroke(start=FIRST, end=FIRST + 5 * DAY)
    erase = Stroke(start=FIRST + DAY, end=FIRST + 2 * DAY, erase=True)
    painted = cells((paint, erase), daily())[:, 0]
    assert np.flatnonzero(painted).tolist() == [0, 3, 4, 5]
    assert np.flatnonzero(cells((erase, paint), daily())[:, 0]).tolist() == [0, 1, 2, 3, 4, 5]


def test_both_ends_belong_to_a_stroke():
    one = Stroke(start=FIRST + DAY, end=FIRST + DAY, channels=("b",))
    assert np.argwhere(cells((one,), daily())).tolist() == [[1, 1]]


def test_a_stroke_between_two_samples_paints_nothing():
    assert not cells((Stroke(start=FIRST + 1, end=FIRST + 2),), daily()).any()


def test_strokes_on_one_series_leave_the_others():
    one = Stroke(start=FIRST, end=FIRST + 100 * DAY, series="two")
    painted = cells((one,), daily(("one", "two", "three")))
    assert np.flatnonzero(painted[:, 0]).tolist() == list(range(10, 20))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-01", FIRST),
        ("2024-01-01T00:00:00", FIRST),
        ("2024-01-01T02:00:00+02:00", FIRST),
        ("2024-01-01T00:00:00Z", FIRST),
        ("2024-01-01T00:00:00.000001", FIRST + 1),
        (str(FIRST), FIRST),
    ],
)
def test_times_may_be_iso_text(text, expected):
    assert Stroke(start=text, end=text).start == expected


@pytest.mark.parametrize("text", ["0001-01-01T00:00+23:00", "yesterday", "", "2024-13-01"])
def test_text_that_is_no_time_says_how_to_write_one(text):
    with pytest.raises(ValueError, match="is no time; write it like 2024-05-01T22:00"):
        Stroke(start=text, end=0)


def test_strokes_of_other_data_are_named_and_can_be_left_out():
    strokes = (
        Stroke(start=FIRST, end=FIRST, channels=("a", "wind")),
        Stroke(start=FIRST, end=FIRST, series="Oslo"),
        Stroke(start=FIRST, end=FIRST),
    )
    rule, panel = Painted(strokes=strokes), daily()
    with pytest.raises(MaskError, match="channel 'wind', series 'Oslo', but this data has"):
        MaskRecipe(layers=(Layer(rule=rule),)).apply(panel)
    fitted = rule.fitted(panel)
    assert fitted is not None
    assert [one.channels for one in fitted.strokes] == [("a",), None]
    assert Painted(strokes=strokes[1:2]).fitted(panel) is None
