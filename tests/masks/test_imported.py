"""Imported masks come back bit for bit, serve other clocks by clock time, and are checked when read."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import hidden_cells, panels
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.packed import PackedCells
from masklab.masks.recipe_file import dump_recipe, load_recipe
from masklab.masks.rules.imported import Imported


def hidden_by(rule, panel):
    return ~MaskRecipe(layers=(Layer(rule=rule),)).apply(panel).observed & panel.native


@settings(deadline=None)
@given(st.data())
def test_an_imported_mask_hides_the_cells_it_was_made_of(data):
    panel = data.draw(panels(data.draw(st.sampled_from(["time", "step"]))))
    hidden = data.draw(hidden_cells(panel))
    rule = Imported.of(panel, hidden)
    np.testing.assert_array_equal(hidden_by(rule, panel), hidden & panel.native)
    back = load_recipe(dump_recipe(MaskRecipe(layers=(Layer(rule=rule),)))).layers[0].rule
    assert back == rule


def slowly(times: list[int], hidden: list[bool], moment: int) -> bool:
    if moment in times:
        return hidden[times.index(moment)]
    before = [at for at in range(len(times)) if times[at] < moment]
    after = [at for at in range(len(times)) if times[at] > moment]
    return bool(before and after and hidden[before[-1]] and hidden[after[0]])


@settings(deadline=None)
@given(st.data())
def test_on_another_clock_cells_within_hidden_stretches_are_hidden(data):
    times = sorted(data.draw(st.sets(st.integers(0, 60), min_size=1, max_size=20)))
    hidden = data.draw(st.lists(st.booleans(), min_size=len(times), max_size=len(times)))
    packed = PackedCells.of(np.array(times), np.array(hidden)[:, None], ("a",))
    clock = np.arange(-2, 63)
    found = np.zeros(len(clock), bool) if packed is None else packed.marks.at(clock)[0]
    assert found.tolist() == [slowly(times, hidden, one) for one in clock.tolist()]


def long_panel(rows: int, channels: int = 2) -> Panel:
    clock = np.datetime64("2024-01-01", "us") + np.arange(rows) * np.timedelta64(1, "h")
    names = tuple(f"c{n}" for n in range(channels))
    return Panel(("one",), np.array([0, rows]), clock, np.ones((rows, channels)), names)


def test_only_rows_at_which_something_changes_are_kept():
    panel = long_panel(100_000)
    hidden = np.zeros(panel.values.shape, bool)
    hidden[500:90_000, 1] = True
    (part,) = Imported.of(panel, hidden).parts
    assert part.channels == ("c1",)
    assert part.rows == 4
    np.testing.assert_array_equal(hidden_by(Imported(parts=(part,)), panel), hidden)


def test_a_part_without_a_series_serves_every_series():
    hidden = np.zeros((4, 2), bool)
    hidden[1:3, 0] = True
    rule = Imported.of(long_panel(4), hidden)
    one = long_panel(4)
    both = Panel(
        ("x", "y"), np.array([0, 4, 8]), np.tile(one.clock, 2), np.ones((8, 2)), one.channels
    )
    np.testing.assert_array_equal(hidden_by(rule, both), np.tile(hidden, (2, 1)))


def test_unknown_channels_and_series_are_named_and_the_rest_kept():
    one = long_panel(4, 3)
    both = Panel(
        ("x", "y"), np.array([0, 4, 8]), np.tile(one.clock, 2), np.ones((8, 3)), one.channels
    )
    rule = Imported.of(both, np.ones((8, 3), bool))
    other = Panel(("y", "z"), both.offsets, both.clock, np.ones((8, 2)), ("c0", "c2"))
    (problem,) = rule.misfits(other)
    assert "channel 'c1', series 'x'" in problem
    kept = rule.fitted(other)
    assert kept.misfits(other) == ()
    expected = np.zeros((8, 2), bool)
    expected[:4] = True
    np.testing.assert_array_equal(hidden_by(kept, other), expected)
    assert (
        rule.fitted(Panel(("q", "r"), both.offsets, both.clock, both.values, tuple("uvw"))) is None
    )


def deflated(*steps: int) -> str:
    content = zlib.compress(np.array(steps, dtype="<i8").tobytes())
    return base64.b64encode(content).decode()


GOOD = {"channels": ("a",), "start": 0, "rows": 3, "steps": deflated(1, 1), "hidden": "4A=="}


def test_the_packed_form_is_what_the_documentation_says():
    marks = PackedCells(**GOOD).marks
    assert marks.times.tolist() == [0, 1, 2]
    assert marks.hidden.tolist() == [[True, True, True]]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": "4A"}, "no base64"),
        ({"hidden": "é"}, "no base64"),
        ({"hidden": "4ADg"}, "take 1 bytes, but there are 3"),
        ({"rows": 20_000_000}, "take 2,500,000 bytes"),
        ({"rows": 2**40}, "less than or equal to 20000000"),
        ({"steps": "AAAA"}, "packed times are damaged"),
        ({"steps": deflated(1)}, "should take 16 bytes"),
        ({"steps": deflated(1, 1, 1)}, "should take 16 bytes"),
        ({"steps": deflated(*[0] * 1_000_000)}, "should take 16 bytes"),
        ({"steps": deflated(1, 0)}, "don't increase"),
        ({"steps": deflated(1, -1)}, "don't increase"),
        ({"steps": deflated(2**63 - 1, 2**63 - 1)}, "don't increase"),
        ({"steps": deflated(2**62, 1)}, "don't increase"),
        ({"start": 2**63}, "less than or equal"),
        ({"channels": ()}, "at least 1"),
        ({"rows": 0}, "greater than or equal to 1"),
    ],
)
def test_damaged_or_hostile_packed_cells_are_refused(changes, message):
    with pytest.raises(ValidationError, match=message):
        PackedCells(**{**GOOD, **changes})
