"""Edits of the painted layer: cell by cell they do what a person sees them do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from masklab.data.series import Panel, TimeSeries
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke, cells
from masklab.ui.painter.edits import carried_out
from masklab.ui.painter.layer import strokes_of
from masklab.ui.painter.operations import Operation

SECOND = 1_000_000
ROWS = 30


def panel(series=1):
    """Return series of 30 rows a second apart, with 100 s of nothing after row 19."""
    seconds = np.arange(ROWS) + 100 * (np.arange(ROWS) > 19)
    clock = seconds.astype("datetime64[s]")
    made = [
        TimeSeries(f"s{at}", clock, np.ones((ROWS, 3)), ("a", "b", "c")) for at in range(series)
    ]
    return Panel.of(*made)


def seconds(data):
    return data.clock.astype(np.int64)[data.rows_of(0)] // SECOND


some_ranges = some.builds(
    lambda start, length, channels, erase: Stroke(
        start=start * SECOND, end=(start + length) * SECOND, channels=channels, erase=erase
    ),
    some.integers(0, 19),
    some.integers(0, 12),
    some.sampled_from([None, ("a",), ("b", "c")]),
    some.booleans(),
)


def painted(recipe, data):
    return cells(strokes_of(recipe), data)


def under(stroke, data):
    """Return the cells under a stroke, one by one."""
    inside = np.zeros((data.rows, 3), dtype=bool)
    for row, moment in enumerate(data.clock.astype(np.int64)):
        for channel, name in enumerate(data.channels):
            named = stroke.channels is None or name in stroke.channels
            inside[row, channel] = named and stroke.start <= moment <= stroke.end
    return inside


def done(recipe, data, action, stroke, by=0):
    return carried_out(recipe, Operation("c", 1, action, stroke, by=by), data)


def recipe_of(strokes):
    return MaskRecipe(layers=(Layer(rule=Painted(strokes=tuple(strokes))),))


@given(strokes=some.lists(some_ranges, max_size=6), at=some_ranges)
def test_invert_swaps_painted_and_not_inside_the_range_alone(strokes, at):
    data, recipe = panel(), recipe_of(strokes)
    before, inside = painted(recipe, data), under(at, data)
    after = done(recipe, data, "invert", at.model_copy(update={"erase": False}))
    assert np.array_equal(painted(after, data), before ^ inside)


@given(strokes=some.lists(some_ranges, max_size=6), row=some.integers(0, ROWS - 1))
def test_a_point_erases_what_is_painted_whole_and_else_paints(strokes, row):
    data, recipe = panel(), recipe_of(strokes)
    moment = int(seconds(data)[row]) * SECOND
    before = painted(recipe, data)
    after = painted(done(recipe, data, "toggle", Stroke(start=moment, end=moment)), data)
    expected = before.copy()
    expected[row] = not before[row].all()
    assert np.array_equal(after, expected)


@given(strokes=some.lists(some_ranges, max_size=6), at=some_ranges, by=some.integers(-25, 25))
def test_move_takes_painted_cells_along_the_clock(strokes, at, by):
    data, recipe = panel(), recipe_of(strokes)
    at = at.model_copy(update={"erase": False})
    clock = seconds(data).tolist()
    moved = painted(recipe, data) & under(at, data)
    expected = painted(recipe, data) & ~moved
    landed = 0
    for row, channel in zip(*np.nonzero(moved), strict=True):
        if clock[row] + by in clock:
            expected[clock.index(clock[row] + by), channel] = True
            landed += 1
    if moved.any() and not landed:
        with pytest.raises(MaskError, match="no row where this would go"):
            done(recipe, data, "move", at, by * SECOND)
        return
    after = done(recipe, data, "move", at, by * SECOND)
    assert np.array_equal(painted(after, data), expected)


def test_an_edit_of_one_series_leaves_the_others_alone():
    data = panel(series=2)
    point = Stroke(start=0, end=5 * SECOND, series="s1", channels=("a",))
    found = painted(done(MaskRecipe(), data, "invert", point), data)
    assert np.argwhere(found).tolist() == [[ROWS + row, 0] for row in range(6)]


@pytest.mark.parametrize("action", ["stroke", "toggle", "invert", "move"])
def test_no_edit_touches_a_locked_layer(action):
    layer = Layer(rule=Painted(strokes=(Stroke(start=0, end=5 * SECOND),)), locked=True)
    recipe = MaskRecipe(layers=(layer,))
    with pytest.raises(MaskError, match="is locked"):
        done(recipe, panel(), action, Stroke(start=0, end=9 * SECOND), by=SECOND)


def test_what_is_no_edit_changes_nothing():
    recipe = recipe_of([Stroke(start=0, end=5)])
    assert carried_out(recipe, Operation("c", 1, "refused", reason="no"), panel()) == recipe
