"""The table of painted intervals says what is painted, and its edits paint and erase."""

import numpy as np
import pandas as pd
import pytest

from masklab.data.series import Panel, TimeSeries
from masklab.errors import MaskError
from masklab.masks.layers import MaskRecipe
from masklab.masks.strokes import Stroke
from masklab.ui.mask_intervals import (
    ALL_CHANNELS,
    Interval,
    edited,
    painted_intervals,
    table,
)
from masklab.ui.painter.layer import painted_over

HOUR = 3_600_000_000


def panel(kind="time", zone="Europe/Berlin", series=1):
    step = np.timedelta64(1, "s") if kind == "step" else np.timedelta64(1, "h")
    origin = np.datetime64("1970-01-01" if kind == "step" else "2024-03-30T22:00", "us")
    clock = origin + np.arange(48) * step
    zone = None if kind == "step" else zone
    return Panel.of(
        *(
            TimeSeries(
                f"s{at}", clock, np.ones((48, 2)), ("a", "b"), timezone=zone, clock_kind=kind
            )
            for at in range(series)
        )
    )


def at(data, row):
    return int(data.clock.astype(np.int64)[row])


def painted(data, *ranges):
    recipe = MaskRecipe()
    for first, last, channels in ranges:
        one = Stroke(start=at(data, first), end=at(data, last), channels=channels)
        recipe = painted_over(recipe, one)
    return recipe


def test_intervals_join_what_strokes_overlap_and_name_all_channels_once():
    data = panel()
    recipe = painted(data, (2, 6, None), (5, 9, None), (20, 22, ("b",)))
    assert painted_intervals(recipe, data) == [
        Interval("s0", None, at(data, 2), at(data, 9)),
        Interval("s0", "b", at(data, 20), at(data, 22)),
    ]


def test_times_are_shown_in_the_zone_of_the_data():
    data = panel()
    shown = table(painted_intervals(painted(data, (2, 4, ("a",))), data), data)
    # The clocks went forward at 02:00 on this night: 01:00 UTC is 03:00.
    assert shown["start"].tolist() == [pd.Timestamp("2024-03-31 01:00")]
    assert shown["end"].tolist() == [pd.Timestamp("2024-03-31 04:00")]
    assert shown["channel"].tolist() == ["a"]


def test_no_edit_changes_nothing_and_an_unfinished_row_waits():
    data = panel()
    recipe = painted(data, (2, 4, ("a",)))
    intervals = painted_intervals(recipe, data)
    assert edited(recipe, intervals, {}, data) == recipe
    waiting = {"added_rows": [{"channel": "b"}, {"start": "2024-03-31T00:00:00"}]}
    assert edited(recipe, intervals, waiting, data) == recipe


def test_rows_are_added_changed_and_deleted():
    data = panel(series=2)
    recipe = painted(data, (2, 4, ("a",)), (10, 12, None))
    intervals = painted_intervals(recipe, data)
    changes = {
        "deleted_rows": [0],
        "edited_rows": {"1": {"channel": "b"}},
        "added_rows": [
            {
                "series": "s1",
                "channel": ALL_CHANNELS,
                "start": "2024-03-31T20:00:00",
                "end": "2024-03-31T21:30:00.000Z",
            }
        ],
    }
    found = painted_intervals(edited(recipe, intervals, changes, data), data)
    assert Interval("s0", "b", at(data, 10), at(data, 12)) in found
    assert Interval("s0", "a", at(data, 2), at(data, 4)) not in found
    # 20:00 to 21:30 summer time: the rows of 18:00 and 19:00 UTC.
    assert Interval("s1", None, at(data, 20), at(data, 21)) in found


def test_steps_are_edited_as_numbers():
    data = panel(kind="step")
    recipe = edited(MaskRecipe(), [], {"added_rows": [{"start": 3, "end": 7}]}, data)
    assert table(painted_intervals(recipe, data), data)[["start", "end"]].values.tolist() == [
        [3, 7]
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"start": "2024-03-31T12:00", "end": "2024-03-31T10:00"}, "ends before"),
        ({"start": "1990-01-01", "end": "1990-01-02"}, "has no row"),
        ({"start": "soon", "end": "2024-03-31"}, "not a time"),
        ({"start": "99999-01-01", "end": "2024-03-31"}, "not a time"),
    ],
)
def test_a_row_that_cannot_be_painted_is_refused_in_words(row, words):
    with pytest.raises(MaskError, match=words):
        edited(MaskRecipe(), [], {"added_rows": [row]}, panel())


def test_a_locked_layer_is_not_edited_by_the_table_either():
    data = panel()
    recipe = painted(data, (2, 4, ("a",)))
    (layer,) = recipe.layers
    locked = MaskRecipe(layers=(layer.model_copy(update={"locked": True}),))
    with pytest.raises(MaskError, match="is locked"):
        edited(locked, painted_intervals(locked, data), {"deleted_rows": [0]}, data)
