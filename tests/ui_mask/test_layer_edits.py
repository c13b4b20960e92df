"""Edits of a recipe's layers are pure, find their layer after other edits, and lose nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.ui.layer_edits import added, changed, duplicated, moved, removed, with_fields

PANEL = Panel(
    ("one",),
    np.array([0, 4]),
    np.datetime64("2024-01-01", "us") + np.arange(4) * np.timedelta64(1, "h"),
    np.array([[0, 1], [2, 3], [4, np.nan], [6, 7]]),
    ("temp", "wind"),
)


def recipe_of(*names: str) -> MaskRecipe:
    return MaskRecipe(layers=tuple(Layer(rule=Mcar(), name=name) for name in names))


def names(recipe: MaskRecipe) -> list[str]:
    return [layer.name for layer in recipe.layers]


@given(st.integers(0, 3), st.integers(-5, 8))
def test_moving_keeps_every_layer_and_the_order_of_the_others(place, to):
    recipe = recipe_of("a", "b", "c", "d")
    result = names(moved(recipe, place, to))
    kept = [one for one in "abcd" if one != "abcd"[place]]
    assert [one for one in result if one != "abcd"[place]] == kept
    assert result.index("abcd"[place]) == min(max(to, 0), 3)
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


@pytest.mark.parametrize(
    "edit",
    [
        lambda recipe: moved(recipe, 0, 1),
        lambda recipe: removed(recipe, 0),
        lambda recipe: changed(recipe, 0, with_fields(name="x")),
        lambda recipe: changed(recipe, 0, with_fields(rule=Mcar(rate=0.5))),
        lambda recipe: changed(recipe, 0, with_fields(locked=False, opacity=0.5)),
    ],
)
def test_a_locked_layer_is_neither_moved_nor_removed_nor_changed(edit):
    locked = changed(recipe_of("a", "b"), 0, with_fields(locked=True))
    with pytest.raises(MaskError, match=r"'a' is locked, so it can't be .*Unlock it first"):
        edit(locked)
    unlocked = changed(locked, 0, with_fields(locked=False))
    assert unlocked == recipe_of("a", "b")
    edit(unlocked)


def test_others_move_past_a_locked_layer():
    locked = changed(recipe_of("a", "b"), 0, with_fields(locked=True))
    assert names(moved(locked, 1, 0)) == ["b", "a"]


def test_a_new_layer_begins_with_what_the_layers_before_it_leave():
    values = np.random.default_rng(0).normal(size=(500, 1))
    values[::50] = -999
    clock = np.datetime64("2024-01-01", "us") + np.arange(500) * np.timedelta64(1, "h")
    panel = Panel(("one",), np.array([0, 500]), clock, values, ("temp",))
    sentinel = added(MaskRecipe(), "sentinel", panel)
    first, second = (added(one, "rate_of_change", panel) for one in (MaskRecipe(), sentinel))
    assert first.layers[-1].rule.limit > 900
    assert second.layers[-1].rule.limit < 10
    off = MaskRecipe(layers=(sentinel.layers[0].model_copy(update={"enabled": False}),))
    assert added(off, "rate_of_change", panel).layers[-1].rule.limit > 900
