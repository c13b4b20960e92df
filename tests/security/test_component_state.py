"""What a browser's components send is data of a stranger: any JSON is taken, refused or passed over.

`tests/painter/test_operations.py` holds the painter to it; here are the list of layers, the slider,
and whole messages under names and numbers that are sound.
"""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masklab.data.read import read_panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.ui.layer_list.wishes import FIELDS, WISHES_MOST, carried_out, read_wishes
from masklab.ui.layer_names import Named, named
from masklab.ui.live_slider import Reach
from masklab.ui.painter.operations import OPERATIONS_MOST, read_operations
from masklab.ui.project import Project

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
LAYERS = (
    Layer(rule={"kind": "mcar", "rate": 0.2, "seed": 1}),
    Layer(rule={"kind": "mcar", "rate": 0.1, "seed": 2}, locked=True, name="kept"),
)
ACTIONS = ("undo", "redo", "move", "set", "duplicate", "remove")


@given(JSON)
def test_any_message_to_the_list_gives_wishes(message):
    assert len(read_wishes(message, {})) <= WISHES_MOST


WISH = st.fixed_dictionaries(
    {
        "action": st.sampled_from(ACTIONS) | JSON,
        "layer": st.integers(-3, 5) | JSON,
        "to": st.integers(-3, 5) | JSON,
        "field": st.sampled_from(FIELDS) | JSON,
        "value": JSON,
    }
)
STROKE = st.fixed_dictionaries(
    dict.fromkeys(("start", "end", "series", "channels", "by", "erase"), JSON)
    | {"action": st.sampled_from(["stroke", "toggle", "invert", "move"])}
)
WHO = {"client": "c", "seq": 1}


def after(entry: dict[str, Any]) -> Project | None:
    """Return the project after one wish, None if it was refused in words."""
    (wish,) = read_wishes([entry | WHO], {})
    try:
        return carried_out(wish, project(), named(Named(), LAYERS))[0]
    except MaskError as error:
        said = str(error)
    assert said
    return None


def project() -> Project:
    return Project().with_recipe(MaskRecipe(layers=LAYERS))


@settings(max_examples=300)
@given(WISH)
def test_any_wish_is_carried_out_or_refused_in_words(entry):
    found = after(entry)
    assert found is None or Project.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "x" * 10_000, "\x00", "\u202e", "[a](javascript:x)"]
)
def test_a_name_is_a_name_or_refused(value):
    found = after({"action": "set", "layer": 1, "field": "name", "value": value})
    assert found is None or found.recipe.layers[0].name == value
    assert found is None or len(value) <= 200


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STROKE)
def test_any_stroke_is_taken_or_refused(panel, entry):
    (one,) = read_operations([entry | WHO], panel)
    assert one.stroke is not None or one.reason


@pytest.fixture(scope="module")
def panel(tmp_path_factory: pytest.TempPathFactory):
    path = tmp_path_factory.mktemp("panel") / "a.csv"
    path.write_text("time,a\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n")
    return read_panel(path)


def test_a_flood_is_taken_in_portions(panel):
    flood = [{"client": "c", "seq": n, "action": "undo"} for n in range(1, 100_000)]
    assert len(read_operations(flood, panel)) == OPERATIONS_MOST
    assert len(read_wishes(flood, {})) == WISHES_MOST


def test_a_message_nested_deeply_is_passed_over(panel):
    deep = json.loads("[" * 900 + "]" * 900)
    assert read_operations([{"client": "c", "seq": 1, "action": deep}], panel)[0].reason
    assert read_wishes([{"client": "c", "seq": 1, "action": deep}], {})[0].action == "refused"


@given(JSON)
def test_a_slider_takes_numbers_within_reach_alone(value):
    if Reach(0.0, 1.0, 0.1).holds(value):
        assert isinstance(value, int | float)
        assert math.isfinite(value)
        assert 0 <= value <= 1
