"""Which layer hides each cell: the mask's own cells, and the last layer that hid them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from masklab.data.series import TimeSeries
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.origin import MOST, ends_in_paint, hidden_by, painted_onto
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke
from tests.masks.mask_strategies import panels, parts_of, recipes, strokes_on


@settings(max_examples=60, deadline=None)
@given(data=some.data())
def test_cells_belong_to_the_last_layer_that_hid_them(data):
    panel = data.draw(panels())
    recipe = data.draw(recipes(panel))
    parts = data.draw(parts_of(panel))
    expected = np.zeros(panel.values.shape, dtype=int)
    for step in recipe.steps(panel, parts):
        for cell in np.ndindex(*expected.shape):
            if step.after[cell] or not panel.native[cell]:
                expected[cell] = 0
            elif step.before[cell] or (step.layer.combine == "hide" and step.selected[cell]):
                expected[cell] = step.number
    found = hidden_by(recipe, panel, parts)
    assert np.array_equal(found, expected)
    assert np.array_equal(found > 0, panel.native & ~recipe.apply(panel, parts).observed)


@settings(max_examples=60, deadline=None)
@given(data=some.data())
def test_painting_onto_what_lies_below_is_the_whole_recipe(data):
    panel = data.draw(panels())
    below = data.draw(recipes(panel))
    strokes = tuple(data.draw(some.lists(strokes_on(panel), max_size=5)))
    layers = (*below.layers, Layer(rule=Painted(strokes=strokes)))
    recipe = below.model_copy(update={"layers": layers})
    parts = data.draw(parts_of(panel))
    assert ends_in_paint(recipe)
    found = painted_onto(hidden_by(below, panel, parts), recipe, panel)
    assert np.array_equal(found, hidden_by(recipe, panel, parts))


@pytest.mark.parametrize(
    "change",
    [{"enabled": False}, {"combine": "xor"}, {"channels": ("a",)}, {"scope": "training"}],
)
def test_a_painted_layer_that_is_aimed_or_off_takes_the_long_way(change):
    painted = Layer(rule=Painted(strokes=(Stroke(start=0, end=0),)))
    assert ends_in_paint(MaskRecipe(layers=(painted,)))
    assert not ends_in_paint(MaskRecipe(layers=(painted.model_copy(update=change),)))
    assert not ends_in_paint(MaskRecipe())


def test_layers_beyond_the_last_that_can_be_told_apart_count_as_it():
    panel = TimeSeries("x", np.array(["1970-01-01"], "M8[us]"), np.ones((1, 1)), ("a",)).as_panel()
    stroke = Layer(rule=Painted(strokes=(Stroke(start=0, end=0),)))
    recipe = MaskRecipe(layers=(stroke,) * (MOST + 5))
    assert hidden_by(recipe, panel)[0].tolist() == [MOST]
