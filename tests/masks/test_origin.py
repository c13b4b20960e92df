"""Which layer hides each cell: the mask's own cells, and the last layer that hid them."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as some

from masklab.data.series import TimeSeries
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.origin import MOST, hidden_by
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke
from tests.masks.mask_strategies import panels, parts_of, recipes


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


def test_layers_beyond_the_last_that_can_be_told_apart_count_as_it():
    panel = TimeSeries("x", np.array(["1970-01-01"], "M8[us]"), np.ones((1, 1)), ("a",)).as_panel()
    stroke = Layer(rule=Painted(strokes=(Stroke(start=0, end=0),)))
    recipe = MaskRecipe(layers=(stroke,) * (MOST + 5))
    assert hidden_by(recipe, panel)[0].tolist() == [MOST]
