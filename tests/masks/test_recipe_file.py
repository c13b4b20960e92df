"""Recipes come back from JSON as they were, and broken ones get one clear sentence in time."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import scenes

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe, fits, fitted, load_recipe
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke


@settings(deadline=None)
@given(scenes())
def test_a_saved_recipe_comes_back_and_masks_alike(scene):
    panel, recipe, parts = scene
    text = dump_recipe(recipe)
    back = load_recipe(text)
    assert back == recipe
    assert dump_recipe(back) == text
    assert back.apply(panel, parts) == recipe.apply(panel, parts)
    assert load_recipe(b"\xef\xbb\xbf" + text.encode()) == recipe


def test_a_saved_recipe_states_its_version():
    assert json.loads(dump_recipe(MaskRecipe()))["schema_version"] == 1


def test_a_file_from_before_series_and_looks_means_what_it_meant():
    old = {
        "schema_version": 1,
        "layers": [
            {
                "name": "noise",
                "rule": {"kind": "mcar", "rate": 0.5, "together": False, "seed": 3},
                "channels": ["a"],
                "scope": "training",
                "combine": "hide",
                "enabled": True,
            }
        ],
    }
    (layer,) = load_recipe(json.dumps(old)).layers
    assert (layer.series, layer.locked, layer.opacity, layer.colour) == (None, False, 1.0, None)
    assert (layer.name, layer.channels, layer.scope) == ("noise", ("a",), "training")


def layer(**rule) -> str:
    return json.dumps({"layers": [{"rule": {"kind": "mcar"}}, {"rule": rule}]})


BROKEN = {
    "empty": ("", "is not JSON text"),
    "cut off": ('{"layers": [', "is not JSON text"),
    "binary": (b"\x89PNG\r\n\x1a\n\xff", "is not JSON text"),
    "a list": ("[]", "this is a list of 0"),
    "a number": ("3", "this is 3"),
    "newer": ('{"schema_version": 2}', "version 2; this MaskLab reads version 1"),
    "odd version": ('{"schema_version": true}', "version True"),
    "layers a number": ('{"layers": 5}', "the field `layers` should be a list, but is 5"),
    "layer a number": ('{"layers": [5]}', "layer 1, .*should be an object"),
    "no rule": ('{"layers": [{}]}', "layer 1, the field `rule` is missing"),
    "no kind": (layer(rate=0.1), "layer 2, the rule needs a `kind`, one of .*mcar"),
    "unknown kind": (layer(kind="magic"), "layer 2, there is no rule 'magic'; there are .*mcar"),
    "unknown field": (layer(kind="mcar", speed=1), "layer 2, the field `speed` is unknown"),
    "odd colour": (
        '{"layers": [{"rule": {"kind": "mcar"}, "colour": "pink"}]}',
        "layer 1, the field `colour` should be 'orange', .* or 'grey', but is 'pink'",
    ),
    "rate above 1": (
        layer(kind="mcar", rate=1.5),
        "layer 2, the field `rate` should be less than or equal to 1, but is 1.5",
    ),
    "a word for a number": (
        layer(kind="sentinel", values=[-999, "abc"]),
        "layer 2, the field `values 2` should be a number, but is 'abc'",
    ),
    "half a step": (
        layer(kind="blocks", length=2.5),
        "layer 2, the field `length` should be a whole number, but is 2.5",
    ),
    "NaN bound": (
        layer(kind="value_range", low=float("nan")),
        "layer 2, the field `low` should be a finite number, but is nan",
    ),
    "low above high": (
        layer(kind="value_range", low=2, high=1),
        "layer 2, the lower bound 2 lies above the upper bound 1; swap them",
    ),
    "bad stroke": (
        layer(kind="painted", strokes=[{"start": 0, "end": 1}, {"start": 0, "end": "x"}]),
        "layer 2, in field `strokes 2 end`, 'x' is no time",
    ),
    "bad scope": (
        '{"layers": [{"rule": {"kind": "mcar"}, "scope": "moon"}]}',
        "layer 1, the field `scope` should be 'training', 'validation' or 'both', but is 'moon'",
    ),
    "unknown top field": ('{"colour": 1}', "the field `colour` is unknown"),
    "no channel at all": ('{"layers": [{"rule": {"kind": "mcar"}, "channels": []}]}', "`channels`"),
    "deep": ("[" * 100_000, "recursion limit"),
    "deep in a field": (
        '{"layers": ' + "[" * 150 + "]" * 150 + "}",
        "layer 1, .*should be an object",
    ),
    "10 MB of one name": (layer(kind="mcar", seed="x" * 10_000_000), "`seed` should"),
    "10 MB of layers": (
        '{"layers": [' + "{}," * 3_300_000 + "{}]}",
        "has 3,300,001 entries",
    ),
    "10 MB of fields": ('{"layers": [{' + '"a":1,' * 1_500_000 + '"b":1}]}', "layer 1"),
    "10 MB of unknown fields": (
        '{"layers": [{' + ",".join(f'"k{n}":1' for n in range(900_000)) + "}]}",
        "has 900,000 fields in one place",
    ),
    "10 MB of empty strokes": (
        '{"layers": [{"rule": {"kind": "painted", "strokes": [' + "{}," * 3_300_000 + "{}]}}]}",
        "has 3,300,001 entries",
    ),
    "10 MB of strokes": (
        layer(kind="painted", strokes=[{"start": 0, "end": 1}] * 400_000),
        "has 400,000 entries in one place; MaskLab reads up to 50,000",
    ),
    "too large": (" " * 32_000_001, "has 32 MB; MaskLab reads recipes up to 32 MB"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_recipe_gets_one_clear_sentence(name):
    text, expected = BROKEN[name]
    with pytest.raises(MaskError, match=expected) as caught:
        load_recipe(text)
    message = str(caught.value)
    assert len(message) < 800
    assert message.endswith((".", ")"))
    assert "\n" not in message


@settings(deadline=None, max_examples=200)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["schema_version", "layers", "rule", "kind", "rate", "strokes", "name", "low"]
                )
                | st.text(max_size=3),
                inner | st.sampled_from([*RULES, 1]),
                max_size=4,
            )
        ),
    )
)
def test_whatever_json_arrives_is_a_recipe_or_a_mask_error(content):
    try:
        assert isinstance(load_recipe(json.dumps(content)), MaskRecipe)
    except MaskError as error:
        assert len(str(error)) < 600  # noqa: PT017


def panel_of(channels: tuple[str, ...], clock_kind: str = "time") -> Panel:
    clock = np.datetime64("2024-01-01", "us") + np.arange(5) * np.timedelta64(1, "h")
    values = np.ones((5, len(channels)))
    return Panel(("one",), np.array([0, 5]), clock, values, channels, clock_kind=clock_kind)


def test_fits_names_each_layer_and_what_it_lacks_and_fitted_keeps_the_rest():
    recipe = MaskRecipe(
        layers=(
            Layer(rule=Mcar(), channels=("temp", "wind")),
            Layer(rule=Mcar(), channels=("wind",), name="gusts"),
            Layer(rule=Calendar(hour_from=22, hour_to=6)),
            Layer(rule=Painted(strokes=(Stroke(start=0, end=1, series="Oslo"),))),
            Layer(rule=Mcar(seed=3)),
        )
    )
    panel = panel_of(("temp",), clock_kind="step")
    problems = fits(recipe, panel)
    assert [problem.split(" (")[0] for problem in problems] == [f"Layer {n}" for n in (1, 2, 3, 4)]
    assert "Layer 2 (gusts): It is aimed at the channels ['wind']" in problems[1]
    assert "series 'Oslo'" in problems[3]
    kept = fitted(recipe, panel)
    assert [one.channels for one in kept.layers] == [("temp",), None]
    assert fits(kept, panel) == []
    kept.apply(panel)


@settings(deadline=None)
@given(scenes())
def test_a_recipe_fits_the_data_it_was_made_for(scene):
    panel, recipe, _ = scene
    assert fits(recipe, panel) == []
    assert len(fitted(recipe, panel).layers) >= sum(
        one.rule.kind != "painted" for one in recipe.layers
    )
