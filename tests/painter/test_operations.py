"""Operations of the canvas: hostile ones are refused with a reason, good ones count once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from masklab.data.series import Panel, TimeSeries
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke, cells
from masklab.ui.painter import layer as painted_layer
from masklab.ui.painter.layer import painted_over, strokes_of, with_strokes
from masklab.ui.painter.operations import (
    CLIENTS_MOST,
    clients,
    read_operations,
    served_after,
    unserved,
)

SECOND = 1_000_000


def panel(series=2, rows=100):
    clock = np.arange(rows).astype("datetime64[s]")
    made = [
        TimeSeries(f"s{at}", clock, np.ones((rows, 3)), ("a", "b", "c")) for at in range(series)
    ]
    return Panel.of(*made)


def stroke(**changes):
    good = {"client": "c1", "seq": 1, "action": "stroke", "series": "s0", "channels": ["a"],
            "start": 10 * SECOND, "end": 20 * SECOND, "erase": False}  # fmt: skip
    return {**good, **changes}


def test_a_stroke_runs_from_its_first_row_to_its_last():
    entry = stroke(start=10 * SECOND - 1, end=20.0 * SECOND + 999_999)
    (one,) = read_operations([entry], panel())
    assert one.stroke == Stroke(start=10 * SECOND, end=20 * SECOND, series="s0", channels=("a",))


def test_a_stroke_on_every_channel_of_a_lone_series_fits_other_files_too():
    (one,) = read_operations([stroke(channels=["c", "a", "b"])], panel(series=1))
    assert one.stroke is not None
    assert one.stroke.channels is None
    assert one.stroke.series is None


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"action": "rm -rf"}, "should be one of stroke"),
        ({"action": ["stroke"]}, "should be one of stroke"),
        ({"action": None}, "should be one of stroke"),
        ({"start": None}, "whole µs"),
        ({"start": "10"}, "whole µs"),
        ({"start": 0.5}, "whole µs"),
        ({"start": True}, "whole µs"),
        ({"start": float("nan")}, "whole µs"),
        ({"end": float("inf")}, "whole µs"),
        ({"end": 2**80}, "whole µs"),
        ({"start": 30 * SECOND}, "later end"),
        ({"series": "nobody"}, "series that this data lacks"),
        ({"series": None}, "series that this data lacks"),
        ({"series": {"s0": 1}}, "series that this data lacks"),
        ({"channels": []}, "channels that this data lacks"),
        ({"channels": ["z"]}, "channels that this data lacks"),
        ({"channels": "a"}, "channels that this data lacks"),
        ({"channels": [["a"]]}, "channels that this data lacks"),
        ({"channels": ["a"] * 1000}, "channels that this data lacks"),
        ({"erase": "yes"}, "either paints or erases"),
        ({"by": "far"}, "whole µs"),
        ({"action": "move", "by": 2**80}, "whole µs"),
        ({"action": "invert", "series": "nobody"}, "series that this data lacks"),
        ({"start": 500 * SECOND, "end": 600 * SECOND}, "no row"),
        ({"start": 10 * SECOND + 1, "end": 10 * SECOND + 2}, "no row"),
    ],
)
def test_a_malformed_stroke_is_refused_with_a_reason_and_acknowledged(changes, reason):
    (one,) = read_operations([stroke(**changes)], panel())
    assert one.action == "refused"
    assert reason in one.reason
    assert served_after([one], {}) == {"c1": 1}


@pytest.mark.parametrize(
    "message",
    [None, 7, "ops", {}, {"client": "c"}, [None], [[]], [7], ["x"], [{}], [{"seq": 1}],
     [stroke(client="")], [stroke(client="<script>")], [stroke(client="x" * 65)],
     [stroke(client=3)], [stroke(seq=0)], [stroke(seq=-1)], [stroke(seq=1.5)],
     [stroke(seq=None)], [stroke(seq=True)], [stroke(seq=2**60)]],
)  # fmt: skip
def test_what_cannot_be_acknowledged_is_passed_over(message):
    assert read_operations(message, panel()) == []
    assert clients(message) == set()


json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=20,
)


@given(
    message=json,
    field=some.sampled_from(["start", "end", "series", "channels", "action", "by", "erase"]),
    action=some.sampled_from(["stroke", "toggle", "invert", "move", "undo"]),
)
def test_no_message_raises(message, field, action):
    read_operations(message, panel())
    read_operations([stroke(**{"action": action, field: message})], panel())


@pytest.mark.parametrize(("at", "row"), [(9.6, 10), (10.4, 10), (-5, 0), (400, 99)])
def test_a_point_is_the_row_nearest_to_it(at, row):
    moment = round(at * SECOND)
    entry = stroke(action="toggle", start=moment, end=moment)
    (one,) = read_operations([entry], panel())
    assert one.stroke == Stroke(start=row * SECOND, end=row * SECOND, series="s0", channels=("a",))


def test_one_message_gives_a_bounded_number_and_the_rest_comes_next_time():
    message, served, taken = [stroke(seq=seq) for seq in range(1, 2501)], {}, []
    for _ in range(3):
        found = read_operations(message, panel(), served)
        assert len(found) <= 1000
        taken += [one.number for one in unserved(found, served)]
        served = served_after(found, served)
    assert taken == list(range(1, 2501))


def test_operations_count_once_however_often_they_are_sent():
    served, taken = {}, []
    for count in (1, 3, 3, 5):
        # Read against nothing served: as where another tab served them since.
        found = read_operations([stroke(seq=seq) for seq in range(1, count + 1)], panel())
        taken += [one.number for one in unserved(found, served)]
        served = served_after(found, served)
    assert taken == [1, 2, 3, 4, 5]


def test_what_a_canvas_left_behind_comes_before_what_the_next_one_painted():
    left = [stroke(client="old", seq=seq) for seq in (31, 32)]
    since = [stroke(client="new", seq=1), {"client": "new", "seq": 2, "action": "undo"}]
    found = unserved(read_operations([*left, *since], panel()), {"old": 31})
    assert [(one.client, one.number) for one in found] == [("old", 32), ("new", 1), ("new", 2)]


def test_canvases_are_counted_apart():
    found = read_operations([stroke(client="old", seq=7), stroke(client="new", seq=1)], panel())
    assert served_after(found, {"other": 3}) == {"other": 3, "old": 7, "new": 1}


def test_the_canvases_heard_last_are_remembered():
    served = {f"c{number}": 1 for number in range(CLIENTS_MOST)}
    found = read_operations([stroke(client="c0", seq=2), stroke(client="new", seq=1)], panel())
    after = served_after(found, served)
    assert len(after) == CLIENTS_MOST
    assert "c1" not in after
    assert list(after.items())[-2:] == [("c0", 2), ("new", 1)]


def test_the_first_stroke_makes_the_painted_layer_and_the_next_joins_it():
    recipe = painted_over(MaskRecipe(), Stroke(start=0, end=5))
    recipe = painted_over(recipe, Stroke(start=10, end=15))
    assert [one.name for one in recipe.layers] == ["Painted"]
    assert len(strokes_of(recipe)) == 2


def test_painting_switches_the_painted_layer_on_and_leaves_others_alone():
    others = Layer(rule=Painted(strokes=(Stroke(start=0, end=1),)), combine="reveal", name="mine")
    off = Layer(rule=Painted(strokes=(Stroke(start=2, end=3),)), enabled=False)
    recipe = painted_over(MaskRecipe(layers=(off, others)), Stroke(start=5, end=9))
    assert recipe.layers[1] == others
    assert recipe.layers[0].enabled
    assert len(strokes_of(recipe)) == 2


def test_erasing_where_nothing_is_painted_changes_nothing():
    recipe = painted_over(MaskRecipe(), Stroke(start=0, end=5, channels=("a",)))
    for other in (
        Stroke(start=6, end=9, erase=True),
        Stroke(start=0, end=9, channels=("b",), erase=True),
    ):
        assert painted_over(recipe, other) == recipe


some_strokes = some.lists(
    some.builds(
        lambda start, length, channels, series, erase: Stroke(
            start=start * SECOND,
            end=(start + length) * SECOND,
            channels=channels,
            series=series,
            erase=erase,
        ),
        some.integers(0, 90),
        some.integers(0, 30),
        some.sampled_from([None, ("a",), ("b", "c")]),
        some.sampled_from([None, "s0", "s1"]),
        some.booleans(),
    ),
    max_size=12,
)


@given(strokes=some_strokes)
def test_strokes_that_are_dropped_never_change_the_cells(strokes):
    recipe = MaskRecipe()
    for one in strokes:
        recipe = painted_over(recipe, one)
    assert np.array_equal(cells(strokes_of(recipe), panel()), cells(strokes, panel()))


def test_a_locked_painted_layer_is_not_painted_on_and_says_so():
    locked = Layer(name="Mine", rule=Painted(strokes=(Stroke(start=0, end=9),)), locked=True)
    recipe = MaskRecipe(layers=(locked,))
    for erase in (False, True):
        with pytest.raises(MaskError, match="'Mine' is locked"):
            painted_over(recipe, Stroke(start=5, end=20, erase=erase))


def test_a_layer_of_too_many_strokes_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(painted_layer, "STROKES_MOST", 3)
    strokes = [Stroke(start=at, end=at) for at in range(4)]
    with pytest.raises(MaskError, match="holds 3 strokes"):
        with_strokes(MaskRecipe(), strokes)
