"""Rules that look at neighbours, statistics or several channels, against their slow twins."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import channel_choices, panels, parts_of
from rule_strategies import LOCAL, MEASURED
from slow_masks import slow_apply
from slow_rules import TWINS, slow_cells

from masklab.data.series import Panel
from masklab.masks.course import everything
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe, load_recipe
from masklab.masks.rule import Rule
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.value_range import ValueRange

START, MINUTE = np.datetime64("2024-03-30T00", "us"), np.timedelta64(60, "s")


def noisy(rows: int, seed: int, gaps: tuple[int, ...] = ()) -> Panel:
    """Two series of three channels that go together, with missing cells, spikes and flat stretches.

    The clock leaves out ten minutes at each of `gaps`.
    """
    random = np.random.default_rng(seed)
    wave = np.sin(np.arange(rows) / 20) * 5
    values = wave[:, None] + random.normal(size=(rows, 3)).round(2) + [0, 10, -3]
    values[random.integers(rows, size=rows // 30), random.integers(3, size=rows // 30)] += 40
    values[rows // 3 : rows // 3 + 8, 1] = values[rows // 3, 1]
    values[:, 2] = np.minimum(values[:, 2], 2.5)
    values[random.random((rows, 3)) < 0.1] = np.nan
    steps = np.ones(rows, dtype=int)
    steps[list(gaps)] = 11
    middle = rows * 2 // 3
    clock = START + (np.cumsum(steps) - steps[0]) * MINUTE
    clock[middle:] -= clock[middle] - START
    return Panel(("one", "two"), np.array([0, middle, rows]), clock, values, ("a", "b", "c"))


def select(rule: Rule, panel: Panel) -> np.ndarray:
    return rule.select(everything(panel)) & panel.native


def test_every_rule_that_needs_a_twin_has_one():
    twins = {rule.model_fields["kind"].default for rule in TWINS}
    assert twins == set(MEASURED) <= set(RULES)


@pytest.mark.parametrize("kind", MEASURED)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_each_rule_selects_what_its_twin_selects_after_other_layers(kind, data):
    panel = data.draw(panels(data.draw(st.sampled_from(["time", "time", "step"]))))
    earlier = data.draw(
        st.sampled_from([Sentinel(values=(-999,)), ValueRange(high=0, side="inside")])
    )
    layer = Layer(
        rule=data.draw(MEASURED[kind](panel)),
        channels=data.draw(channel_choices(panel)),
        scope=data.draw(st.sampled_from(["both", "training"])),
        combine=data.draw(st.sampled_from(["hide", "hide", "and", "reveal", "xor"])),
    )
    parts = data.draw(parts_of(panel))
    recipe = MaskRecipe(layers=(Layer(rule=earlier), layer))
    np.testing.assert_array_equal(
        recipe.apply(panel, parts).observed, slow_apply(recipe, panel, parts)
    )
    assert load_recipe(dump_recipe(recipe)) == recipe


@pytest.mark.parametrize("kind", MEASURED)
@pytest.mark.parametrize("seed", range(3))
def test_each_rule_begins_on_noisy_data_with_what_its_twin_selects(kind, seed):
    panel = noisy(200, seed, gaps=(40, 41, 150, 199))
    rule = RULES[kind].suggested(panel)
    selected = select(rule, panel)
    np.testing.assert_array_equal(selected, slow_cells(rule, panel) & panel.native)
    assert 0 < selected.sum() < 0.4 * panel.native.sum()


@pytest.mark.parametrize("kind", LOCAL)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_a_series_cut_at_its_gaps_is_masked_as_its_pieces_are(kind, data):
    panel = noisy(120, data.draw(st.integers(0, 9)), gaps=(20, 21, 50, 90, 119))
    rule = data.draw(MEASURED[kind](panel))
    selected = select(rule, panel)
    for first, end in ((0, 20), (21, 50), (50, 80), (80, 90), (90, 119)):
        piece = slice(first, end)
        alone = Panel(
            ("piece",), np.array([0, end - first]), panel.clock[piece], panel.values[piece],
            panel.channels,
        )  # fmt: skip
        np.testing.assert_array_equal(select(rule, alone), selected[piece])


ALONE = (*LOCAL, "clipping", "disagreement", "first_last", "gap_neighbours", "periodic")


@pytest.mark.parametrize("kind", ALONE)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_two_series_of_a_panel_are_masked_as_each_alone(kind, data):
    panel = noisy(120, data.draw(st.integers(0, 9)), gaps=(20, 50, 90))
    rule = data.draw(MEASURED[kind](panel))
    alone = [select(rule, series.as_panel()) for series in panel]
    np.testing.assert_array_equal(select(rule, panel), np.concatenate(alone))


@pytest.mark.parametrize("kind", MEASURED)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_channel_is_masked_alike_whatever_stands_beside_it(kind, data):
    if kind == "disagreement":
        return
    panel = noisy(80, data.draw(st.integers(0, 9)), gaps=(20,))
    rule = data.draw(MEASURED[kind](panel))
    alone = Panel(panel.names, panel.offsets, panel.clock, panel.values[:, :1], ("a",))
    np.testing.assert_array_equal(select(rule, panel)[:, :1], select(rule, alone))


@pytest.mark.parametrize("kind", MEASURED)
@pytest.mark.parametrize("rows", [1, 2, 3, 50])
@pytest.mark.parametrize("what", ["missing", "equal", "huge", "tiny", "one"])
def test_each_rule_bears_odd_channels(kind, rows, what):
    random = np.random.default_rng(0)
    huge = np.finfo(float).max
    values = {
        "missing": np.full(rows, np.nan),
        "equal": np.full(rows, 7.0),
        "huge": random.choice([huge, -huge, 0.0], rows),
        "tiny": random.choice([5e-324, 0.0, -5e-324], rows),
        "one": np.where(np.arange(rows) == rows // 2, 1.0, np.nan),
    }[what]
    clock = START + np.arange(rows) * np.timedelta64(1, "us")
    both = np.column_stack([values, np.arange(rows)])
    panel = Panel(("one",), np.array([0, rows]), clock, both, ("a", "b"))
    rule = RULES[kind].suggested(panel)
    assert load_recipe(dump_recipe(MaskRecipe(layers=(Layer(rule=rule),))))
    selected = rule.select(everything(panel))
    assert selected.shape == (rows, 2)
    if what == "equal" and kind in LOCAL and kind != "flat_line":
        assert not selected[:, 0].any()
