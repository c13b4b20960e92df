"""Edits of a recipe's layers are pure, find their layer after other edits, and lose nothing."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rules.value_range import ValueRange
from masklab.ui.layer_edits import added, duplicated, moved, place_of, removed, replaced

PANEL = Panel(
    ("one",),
    np.array([0, 4]),
    np.datetime64("2024-01-01", "us") + np.arange(4) * np.timedelta64(1, "h"),
    np.arange(8.0).reshape(4, 2),
    ("temp", "wind"),
)


def recipe_of(*names: str) -> MaskRecipe:
    return MaskRecipe(layers=tuple(Layer(rule=Mcar(), name=name) for name in names))


def names(recipe: MaskRecipe) -> list[str]:
    return [layer.name for layer in recipe.layers]


@given(st.integers(0, 3), st.integers(-5, 5))
def test_moving_keeps_every_layer_and_the_order_of_the_others(place, steps):
    recipe = recipe_of("a", "b", "c", "d")
    result = names(moved(recipe, place, steps))
    kept = [one for one in "abcd" if one != "abcd"[place]]
    assert [one for one in result if one != "abcd"[place]] == kept
    assert result.index("abcd"[place]) == min(max(place + steps, 0), 3)
    assert names(recipe) == list("abcd")


def test_a_copy_stands_right_after_its_original_and_removal_undoes_it():
    recipe = recipe_of("a", "b")
    result = duplicated(recipe, 0)
    assert names(result) == ["a", "a, copy", "b"]
    assert removed(result, 1) == recipe


def test_a_name_as_long_as_may_be_can_be_copied():
    duplicated(recipe_of("x" * 200), 0).layers[1].model_dump_json()
    assert len(duplicated(recipe_of("x" * 200), 0).layers[1].name) <= 200


def test_a_new_layer_comes_last_and_masks_something_that_can_be_seen():
    for kind in RULES:
        recipe = added(recipe_of("a"), kind, PANEL)
        assert [layer.rule.kind for layer in recipe.layers] == ["mcar", kind]
        recipe.apply(PANEL)


def test_a_rule_in_a_channels_units_starts_on_one_channel():
    assert added(MaskRecipe(), "value_range", PANEL).layers[0].channels == ("temp",)
    assert added(MaskRecipe(), "mcar", PANEL).layers[0].channels is None


def test_a_layer_is_found_after_others_were_added_or_removed_before_it():
    recipe = recipe_of("a", "b", "c")
    layer = recipe.layers[1]
    assert place_of(recipe, 1, layer) == 1
    assert place_of(removed(recipe, 0), 1, layer) == 0
    assert place_of(moved(recipe, 1, 1), 1, layer) == 2


def test_a_layer_changed_a_moment_ago_is_still_meant_but_another_rule_is_not():
    recipe = recipe_of("a", "b")
    layer = recipe.layers[1]
    renamed = replaced(recipe, 1, layer.model_copy(update={"name": "new"}))
    assert place_of(renamed, 1, layer) == 1
    other = replaced(recipe, 1, Layer(rule=ValueRange(low=0)))
    assert place_of(other, 1, layer) is None
    assert place_of(removed(recipe, 1), 1, layer) is None
