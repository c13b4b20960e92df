"""Changes of shape: the laws of dilation and erosion, holes and short stretches, borders and gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import panels, shapes

from masklab.data.series import Panel
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.morphology.close_holes import CloseHoles
from masklab.masks.morphology.drop_short import DropShort
from masklab.masks.morphology.grow import Grow
from masklab.masks.morphology.shrink import Shrink
from masklab.masks.rule import Rule, Scene

sides = st.integers(0, 4)


@st.composite
def hidden_in(draw: st.DrawFn, panel: Panel) -> np.ndarray:
    flags = draw(st.lists(st.booleans(), min_size=panel.values.size, max_size=panel.values.size))
    return np.array(flags).reshape(panel.values.shape) & panel.native


def after(panel: Panel, hidden: np.ndarray, *rules: Rule) -> np.ndarray:
    """Return what is hidden after each rule has acted with its own way to combine."""
    everywhere = np.ones(panel.values.shape, dtype=bool)
    for rule in rules:
        selected = rule.select(Scene(panel, panel.native & ~hidden, everywhere))
        hidden = {
            "hide": hidden | selected,
            "and": hidden & selected,
            "reveal": hidden & ~selected,
        }[rule.combines]
    return hidden & panel.native


@settings(deadline=None)
@given(panels(), st.data(), sides, sides)
def test_growing_then_shrinking_keeps_all_that_was_hidden(panel, data, before, later):
    hidden = data.draw(hidden_in(panel))
    grow, shrink = Grow(before=before, after=later), Shrink(before=before, after=later)
    closed = after(panel, hidden, grow, shrink)
    assert not (hidden & ~closed).any()
    np.testing.assert_array_equal(after(panel, closed, grow, shrink), closed)


@settings(deadline=None)
@given(panels(), st.data(), sides, sides)
def test_shrinking_then_growing_hides_nothing_new(panel, data, before, later):
    hidden = data.draw(hidden_in(panel))
    grow, shrink = Grow(before=before, after=later), Shrink(before=before, after=later)
    opened = after(panel, hidden, shrink, grow)
    assert not (opened & ~hidden).any()
    np.testing.assert_array_equal(after(panel, opened, shrink, grow), opened)


@settings(deadline=None)
@given(panels(), st.data(), sides, sides)
def test_shrinking_what_is_hidden_is_growing_what_is_shown(panel, data, before, later):
    hidden = data.draw(hidden_in(panel))
    shown = panel.native & ~hidden
    shrunk = after(panel, hidden, Shrink(before=before, after=later))
    np.testing.assert_array_equal(
        panel.native & ~shrunk, after(panel, shown, Grow(before=later, after=before))
    )


@settings(deadline=None)
@given(panels(), st.data(), shapes().filter(lambda rule: rule.kind in ("grow", "shrink")))
def test_more_hidden_before_is_more_hidden_after(panel, data, rule):
    few = data.draw(hidden_in(panel))
    many = few | data.draw(hidden_in(panel))
    assert not (after(panel, few, rule) & ~after(panel, many, rule)).any()


@settings(deadline=None)
@given(panels(), st.data(), shapes())
def test_series_by_series_is_all_at_once(panel, data, rule):
    hidden = data.draw(hidden_in(panel))
    whole = after(panel, hidden, rule)
    for index, series in enumerate(panel):
        rows = panel.rows_of(index)
        np.testing.assert_array_equal(after(series.as_panel(), hidden[rows], rule), whole[rows])


@settings(deadline=None)
@given(panels(), st.data(), st.integers(1, 5), st.integers(2, 6))
def test_closing_holes_and_dropping_stretches_twice_does_no_more(panel, data, longest, shortest):
    hidden = data.draw(hidden_in(panel))
    for rule in (CloseHoles(longest=longest), DropShort(shortest=shortest)):
        once = after(panel, hidden, rule)
        np.testing.assert_array_equal(after(panel, once, rule), once)


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), sides)
def test_growing_in_two_goes_is_growing_once(flags, steps):
    # Only where the file lacks nothing: what it lacks can't hand on what reached it.
    panel, hidden = panel_of(np.zeros(len(flags))), np.array(flags)[:, None]
    twice = after(panel, hidden, Grow(before=steps, after=0), Grow(before=1, after=2))
    np.testing.assert_array_equal(twice, after(panel, hidden, Grow(before=steps + 1, after=2)))


@settings(deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=40), st.integers(0, 3), st.integers(0, 3))
def test_closing_by_growth_closes_the_holes_up_to_its_reach(flags, before, later):
    panel = panel_of(np.zeros(len(flags)))
    hidden = np.array(flags)[:, None]
    closed = after(
        panel, hidden, Grow(before=before, after=later), Shrink(before=before, after=later)
    )
    inside = slice(*np.flatnonzero(flags)[[0, -1]]) if any(flags) else slice(0)
    reach = before + later
    expected = after(panel, hidden, CloseHoles(longest=reach)) if reach else hidden
    np.testing.assert_array_equal(closed[inside], expected[inside])


def panel_of(values, lengths=None) -> Panel:
    array = np.array(values, dtype=float).reshape(-1, 1)
    lengths = lengths or [len(array)]
    clock = np.datetime64("2024-01-01", "us") + np.arange(len(array)) * np.timedelta64(1, "h")
    names = tuple(f"s{index}" for index in range(len(lengths)))
    return Panel(names, np.cumsum([0, *lengths]), clock, array, ("a",))


def drawn(text: str, rule: Rule) -> str:
    """Return what a rule makes of a mask: # hidden, . shown, _ missing in the file, | a border."""
    cells = text.replace("|", "")
    panel = panel_of(
        [np.nan if one == "_" else 0 for one in cells], [len(one) for one in text.split("|")]
    )
    hidden = after(panel, np.array([[one == "#"] for one in cells]), rule)[:, 0]
    marks = iter(
        "_" if one == "_" else ".#"[int(now)] for one, now in zip(cells, hidden, strict=True)
    )
    return "".join("|" if one == "|" else next(marks) for one in text)


@pytest.mark.parametrize(
    ("rule", "before", "expected"),
    [
        (Grow(before=1, after=2), "....#.....", "...####..."),
        (Grow(before=1, after=2), "#...|....#", "###.|...##"),
        (Grow(before=0, after=2), "..#_...", "..#_#.."),
        (Grow(before=0, after=0), "..#..#.", "..#..#."),
        (Grow(before=99, after=99), "..|.#.|..", "..|###|.."),
        (Grow(before=3, after=3), ".......", "......."),
        (Shrink(before=1, after=2), "..#####..", "...##...."),
        (Shrink(before=1, after=1), "###..|.###", "##...|..##"),
        (Shrink(before=1, after=1), ".##_##.", "..#_#.."),
        (Shrink(before=1, after=1), "##_..", "##_.."),
        (Shrink(before=2, after=2), ".###.", "....."),
        (Shrink(before=9, after=9), "#####", "#####"),
        (CloseHoles(longest=2), "#..#...#", "####...#"),
        (CloseHoles(longest=2), "..#.|.#..", "..#.|.#.."),
        (CloseHoles(longest=2), "#.__.#", "##__##"),
        (CloseHoles(longest=1), "#.__.#", "#.__.#"),
        (CloseHoles(longest=3), "_._.__", "_._.__"),
        (CloseHoles(longest=1), "_#.#_", "_###_"),
        (DropShort(shortest=3), ".##.###.", "....###."),
        (DropShort(shortest=3), ".#_##.", ".#_##."),
        (DropShort(shortest=4), ".#_##.", ".._..."),
        (DropShort(shortest=3), ".##|##.", "...|..."),
    ],
)
def test_shapes_change_as_drawn(rule, before, expected):
    assert drawn(before, rule) == expected


def test_a_layer_takes_the_way_to_combine_of_its_rule_unless_it_says_another():
    assert Layer(rule=Grow()).combine == "hide"
    assert Layer(rule=Shrink()).combine == "and"
    assert Layer.model_validate({"rule": {"kind": "drop_short"}}).combine == "reveal"
    assert Layer(rule=Shrink(), combine="hide").combine == "hide"
    again = MaskRecipe.model_validate_json(
        MaskRecipe(layers=(Layer(rule=Shrink()),)).model_dump_json()
    )
    assert again.layers[0].combine == "and"


def test_a_shape_touches_only_what_its_layer_is_aimed_at():
    panel = panel_of(np.arange(10.0))
    parts = np.repeat(np.array([0, 1], dtype=np.int8), 5)
    hide = Layer.model_validate(
        {"rule": {"kind": "value_range", "low": 4, "high": 5, "side": "inside"}}
    )
    grow = Layer(rule=Grow(before=2, after=2), scope="training")
    observed = MaskRecipe(layers=(hide, grow)).apply(panel, parts).observed[:, 0]
    # Row 5 is hidden too, and reaches back into the training rows; row 6 is no training row.
    assert np.flatnonzero(~observed).tolist() == [2, 3, 4, 5]
