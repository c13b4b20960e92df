"""Recipes do what the slow twin does, and keep their promises on every panel."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import looks, panels, scenes
from slow_masks import slow_apply

from masklab.data.series import Panel, TimeSeries
from masklab.errors import MaskError
from masklab.masks.appearance import APPEARANCE
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.value_range import ValueRange
from masklab.split import Split

EVERYTHING = ValueRange(low=-1e9, side="inside")


@settings(max_examples=300, deadline=None)
@given(scenes())
def test_applying_gives_what_the_slow_twin_gives(scene):
    panel, recipe, parts = scene
    np.testing.assert_array_equal(
        recipe.apply(panel, parts).observed, slow_apply(recipe, panel, parts)
    )


@settings(deadline=None)
@given(scenes())
def test_applying_twice_gives_the_same_bits_and_leaves_the_panel_alone(scene):
    panel, recipe, parts = scene
    values, clock, content = panel.values.copy(), panel.clock.copy(), panel.content_hash
    first, second = recipe.apply(panel, parts), recipe.apply(panel, parts)
    assert first == second
    np.testing.assert_array_equal(panel.values, values)
    np.testing.assert_array_equal(panel.clock, clock)
    fresh = Panel(
        panel.names,
        panel.offsets,
        clock,
        values,
        panel.channels,
        timezone=panel.timezone,
        clock_kind=panel.clock_kind,
    )
    assert fresh.content_hash == content
    assert recipe.apply(fresh, parts) == first


@settings(deadline=None)
@given(scenes())
def test_native_gaps_are_never_revealed(scene):
    panel, recipe, parts = scene
    assert not (recipe.apply(panel, parts).observed & ~panel.native).any()


@settings(deadline=None)
@given(scenes())
def test_memory_order_of_the_values_does_not_matter(scene):
    panel, recipe, parts = scene
    rowwise = Panel(
        panel.names,
        panel.offsets,
        panel.clock,
        np.ascontiguousarray(panel.values),
        panel.channels,
        timezone=panel.timezone,
        clock_kind=panel.clock_kind,
    )
    assert recipe.apply(rowwise, parts) == recipe.apply(panel, parts)


@settings(deadline=None)
@given(scenes(), st.sampled_from(["training", "validation"]))
def test_a_scope_touches_only_its_rows(scene, scope):
    panel, recipe, parts = scene
    if parts is None:
        parts = np.zeros(panel.rows, dtype=np.int8)
    scoped = MaskRecipe(
        layers=tuple(one.model_copy(update={"scope": scope}) for one in recipe.layers)
    )
    elsewhere = (parts != 0) if scope == "training" else (parts == 0)
    observed = scoped.apply(panel, parts).observed
    np.testing.assert_array_equal(observed[elsewhere], panel.native[elsewhere])


@settings(deadline=None)
@given(scenes())
def test_channels_that_no_layer_aims_at_keep_every_cell(scene):
    panel, recipe, parts = scene
    aimed = MaskRecipe(
        layers=tuple(
            one.model_copy(update={"channels": panel.channels[:1]}) for one in recipe.layers
        )
    )
    observed = aimed.apply(panel, parts).observed
    np.testing.assert_array_equal(observed[:, 1:], panel.native[:, 1:])


@settings(deadline=None)
@given(scenes())
def test_series_that_no_layer_aims_at_keep_every_cell(scene):
    panel, recipe, parts = scene
    aimed = MaskRecipe(
        layers=tuple(one.model_copy(update={"series": panel.names[:1]}) for one in recipe.layers)
    )
    rest = slice(panel.rows_of(0).stop, None)
    np.testing.assert_array_equal(aimed.apply(panel, parts).observed[rest], panel.native[rest])


@settings(deadline=None)
@given(scenes(), st.data())
def test_no_look_of_a_layer_changes_the_mask(scene, data):
    panel, recipe, parts = scene
    look = {**data.draw(looks()), "name": data.draw(st.text(max_size=5))}
    assert set(look) == set(APPEARANCE)
    dressed = MaskRecipe(layers=tuple(one.model_copy(update=look) for one in recipe.layers))
    assert dressed.apply(panel, parts) == recipe.apply(panel, parts)
    assert dressed.bare() == recipe.bare()
    assert recipe.bare().apply(panel, parts) == recipe.apply(panel, parts)


@settings(deadline=None)
@given(scenes())
def test_layers_switched_off_are_as_if_removed(scene):
    panel, recipe, parts = scene
    kept = MaskRecipe(layers=tuple(one for one in recipe.layers if one.enabled))
    assert recipe.apply(panel, parts) == kept.apply(panel, parts)


@settings(deadline=None)
@given(panels(), st.integers(0, 20))
def test_a_random_layer_draws_the_same_cells_wherever_it_stands(panel, seed):
    random = Layer(rule=Mcar(rate=0.5, seed=seed), channels=panel.channels[:1])
    other = Layer(rule=EVERYTHING, channels=panel.channels[1:] or panel.channels[:1], enabled=True)
    if len(panel.channels) == 1:
        other = other.model_copy(update={"enabled": False})
    before = MaskRecipe(layers=(random, other)).apply(panel)
    after = MaskRecipe(layers=(other, random)).apply(panel)
    assert before == after


def panel_of(values: list[list[float]]) -> Panel:
    array = np.array(values, dtype=float)
    clock = np.datetime64("2024-01-01", "us") + np.arange(len(array)) * np.timedelta64(1, "h")
    return Panel(("one",), np.array([0, len(array)]), clock, array, ("a", "b"))


def test_without_layers_exactly_the_native_cells_are_observed():
    panel = panel_of([[1, np.nan], [np.nan, 2]])
    np.testing.assert_array_equal(MaskRecipe().apply(panel).observed, panel.native)


@pytest.mark.parametrize(
    ("combine", "hidden"),
    [("hide", {0, 1, 2}), ("reveal", {0}), ("and", {1}), ("xor", {0, 2})],
)
def test_combining_follows_its_truth_table(combine, hidden):
    panel = panel_of([[0, 0], [1, 1], [2, 2], [3, 3]])
    earlier = Layer(rule=ValueRange(high=1, side="inside"))  # hides rows 0 and 1
    later = Layer(rule=ValueRange(low=1, high=2, side="inside"), combine=combine)  # rows 1 and 2
    observed = MaskRecipe(layers=(earlier, later)).apply(panel).observed
    assert set(np.flatnonzero(~observed[:, 0])) == hidden
    np.testing.assert_array_equal(observed[:, 0], observed[:, 1])


def test_and_leaves_what_lies_outside_its_domain_hidden():
    panel = panel_of([[0, 0], [1, 1]])
    narrow = Layer(rule=ValueRange(low=1, side="inside"), combine="and", channels=("a",))
    observed = MaskRecipe(layers=(Layer(rule=EVERYTHING), narrow)).apply(panel).observed
    np.testing.assert_array_equal(observed, [[True, False], [False, False]])


def test_a_series_and_its_panel_are_masked_alike():
    panel = panel_of([[0, 0], [1, 1], [2, 2]])
    series: TimeSeries = panel[0]
    recipe = MaskRecipe(layers=(Layer(rule=Mcar(rate=0.5)),))
    assert recipe.apply(series) == recipe.apply(panel)


def test_the_validation_scope_covers_test_rows_too():
    panel = panel_of([[row, row] for row in range(10)])
    parts = Split(training=0.5, validation=0.3).parts(panel)
    assert set(parts) == {0, 1, 2}
    layer = Layer(rule=EVERYTHING, scope="validation")
    observed = MaskRecipe(layers=(layer,)).apply(panel, parts).observed
    np.testing.assert_array_equal(observed[:, 0], parts == 0)


def test_a_layer_for_other_channels_says_which_layer_and_which_channels_there_are():
    recipe = MaskRecipe(layers=(Layer(rule=EVERYTHING), Layer(rule=Mcar(), channels=("wind",))))
    with pytest.raises(MaskError, match=r"^Layer 2 .*\['wind'\].*\['a', 'b'\]; choose among those"):
        recipe.apply(panel_of([[1, 1]]))


def test_a_layer_for_other_series_says_which_series_there_are():
    recipe = MaskRecipe(layers=(Layer(rule=EVERYTHING, series=("one", "two")),))
    with pytest.raises(MaskError, match=r"^Layer 1 .*series \['two'\].*\['one'\]; choose among"):
        recipe.apply(panel_of([[1, 1]]))


def test_of_very_many_names_a_dozen_are_told():
    layer = Layer(rule=EVERYTHING, series=tuple(f"s{number}" for number in range(400)))
    (problem,) = layer.misfits(panel_of([[1, 1]]))
    assert "'s11'] and 388 more" in problem
    assert "s12" not in problem


def test_a_layer_keeps_the_series_that_other_data_has_too():
    panel = panel_of([[1, 1]])
    assert Layer(rule=EVERYTHING, series=("one", "two")).fitted(panel).series == ("one",)
    assert Layer(rule=EVERYTHING, series=("two",)).fitted(panel) is None


def test_parts_of_other_data_are_refused():
    with pytest.raises(MaskError, match=r"each of the 1 rows; it instead has shape \(3,\)"):
        MaskRecipe().apply(panel_of([[1, 1]]), np.zeros(3, dtype=np.int8))
