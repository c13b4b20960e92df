"""What changed between two recipes: cells as a loop counts them, layers in words."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import panels, parts_of, recipes

from masklab.errors import MaskError
from masklab.masks.difference import Change, cell_changes, change_counts, layer_changes, matches
from masklab.masks.generators.blocks import Blocks
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.rules.painted import Painted
from masklab.masks.rules.value_range import ValueRange
from masklab.masks.strokes import Stroke


@st.composite
def two_masks(draw):
    panel = draw(panels())
    parts = draw(parts_of(panel))
    return panel, *(draw(recipes(panel)).apply(panel, parts) for _ in range(2))


@settings(max_examples=40, deadline=None)
@given(two_masks())
def test_changes_are_those_of_a_loop_over_cells(scene):
    panel, before, after = scene
    changes = cell_changes(panel, before, after)
    names = {(True, True): 0, (False, False): 1, (True, False): 2, (False, True): 3}
    for cell in np.ndindex(*panel.values.shape):
        sides = (bool(before.observed[cell]), bool(after.observed[cell]))
        assert changes[cell] == (names[sides] if panel.native[cell] else Change.VISIBLE)


@settings(max_examples=40, deadline=None)
@given(two_masks())
def test_counts_have_what_the_file_holds_as_denominator_and_turn_around(scene):
    panel, before, after = scene
    there = change_counts(panel, cell_changes(panel, before, after))
    back = change_counts(panel, cell_changes(panel, after, before))
    assert list(there["cells"]) == list(panel.native.sum(axis=0))
    assert list(there["now_hidden"]) == list(back["now_visible"])
    assert list(there["hidden"]) == list(back["hidden"])
    gained = there["now_hidden"] - there["now_visible"]
    assert list(gained) == list(before.observed.sum(axis=0) - after.observed.sum(axis=0))


@settings(max_examples=5, deadline=None)
@given(panels())
def test_masks_of_other_data_are_refused(panel):
    other = Mask(np.ones((panel.rows + 1, len(panel.channels)), dtype=bool), panel.channels)
    with pytest.raises(MaskError, match="Apply both recipes to this data"):
        cell_changes(panel, other, other)


def recipe_of(*layers: Layer) -> MaskRecipe:
    return MaskRecipe(layers=layers)


NOISE, NIGHTS = (
    Layer(name="noise", rule=Mcar(rate=0.1)),
    Layer(name="range", rule=ValueRange(low=0)),
)
STROKES = (Stroke(start=0, end=5), Stroke(start=9, end=12))


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (recipe_of(), recipe_of(), ()),
        (recipe_of(), recipe_of(NOISE), ("Added “noise”.",)),
        (recipe_of(NOISE), recipe_of(), ("Removed “noise”.",)),
        (
            recipe_of(NOISE),
            recipe_of(NOISE.model_copy(update={"rule": Mcar(rate=0.2, seed=4)})),
            ("Changed “noise”: rate from 10 % to 20 %; seed from 0 to 4.",),
        ),
        (
            recipe_of(NOISE),
            recipe_of(NOISE.model_copy(update={"channels": ("a", "b"), "enabled": False})),
            ("Changed “noise”: switched off; channels from all to a, b.",),
        ),
        (
            recipe_of(NOISE),
            recipe_of(NOISE.model_copy(update={"name": "", "opacity": 0.5, "colour": "sky"})),
            (
                "Changed “noise”: name taken away; opacity from 100 % to 50 %; colour from by place to sky.",
            ),
        ),
        (
            recipe_of(NOISE, NIGHTS, Layer(rule=Blocks())),
            recipe_of(NIGHTS, Layer(rule=Blocks()), NOISE),
            ("Changed “noise”: moved from place 1 to 3.",),
        ),
        (
            recipe_of(NOISE),
            recipe_of(NOISE.model_copy(update={"rule": Blocks()})),
            ("Removed “noise”.", "Added “noise”."),
        ),
        (
            recipe_of(Layer(name="p", rule=Painted(strokes=STROKES[:1]))),
            recipe_of(Layer(name="p", rule=Painted(strokes=STROKES))),
            ("Changed “p”: strokes from 1 to 2.",),
        ),
        (
            recipe_of(Layer(name="p", rule=Painted(strokes=STROKES[:1]))),
            recipe_of(Layer(name="p", rule=Painted(strokes=STROKES[1:]))),
            ("Changed “p”: strokes changed.",),
        ),
    ],
)
def test_layers_that_changed_are_told_in_words(before, after, told):
    assert layer_changes(before, after) == told


@settings(max_examples=40, deadline=None)
@given(panels().flatmap(lambda panel: st.tuples(recipes(panel), recipes(panel))))
def test_words_are_told_exactly_where_recipes_differ(pair):
    before, after = pair
    assert bool(layer_changes(before, after)) == (before != after)
    assert layer_changes(before, before) == ()


def test_a_layer_is_found_by_its_name_before_its_place():
    before = [Layer(name="a", rule=Mcar(seed=1)), Layer(name="b", rule=Mcar(seed=2))]
    after = [Layer(name="b", rule=Mcar(seed=3)), Layer(name="a", rule=Mcar(seed=4))]
    assert matches(before, after) == {0: 1, 1: 0}
