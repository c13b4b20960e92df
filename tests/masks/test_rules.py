"""The contract of every rule and generator, and what the deterministic ones select."""

from __future__ import annotations

import json
import re
from datetime import date
from typing import get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import panels
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.recipe_file import dump_recipe, load_recipe
from masklab.masks.rule import Family, Scene
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.channel_condition import ChannelCondition
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.value_range import ValueRange
from masklab.ui.layer_edits import added


def panel_of(clock, values, **more) -> Panel:
    array = np.array(values, dtype=float).reshape(len(clock), -1)
    times = np.array(clock, dtype="datetime64[us]")
    return Panel(
        ("one",), np.array([0, len(times)]), times, array, tuple("abc")[: array.shape[1]], **more
    )


HOURLY = panel_of(
    np.datetime64("2024-03-30T00", "us") + np.arange(72) * np.timedelta64(1, "h"),
    np.arange(72),
)
TWIN = panel_of(
    HOURLY.clock, np.column_stack([np.arange(72), np.where(np.arange(72) % 9, 1, np.nan)])
)


def rows(rule, panel=HOURLY) -> list[int]:
    scene = Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool))
    return np.flatnonzero(rule.select(scene)[:, 0]).tolist()


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_introduces_itself(kind):
    rule = RULES[kind]
    assert rule.title
    assert rule.title == rule.title.strip(" .")
    assert rule.family in get_args(Family)
    assert rule.explanation.endswith(".")
    assert rule.__doc__
    assert rule.model_json_schema()["properties"]["kind"]["const"] == kind
    for name, field in rule.model_fields.items():
        assert name == "kind" or field.description, f"{kind}.{name} needs a description for forms"


@pytest.mark.parametrize("kind", RULES)
@settings(max_examples=20, deadline=None)
@given(panel=panels())
def test_every_rule_suggests_a_beginning_that_works(kind, panel):
    rule = RULES[kind].suggested(panel)
    assert rule.summary()
    assert rule.fitted(panel) in (rule, None)
    recipe = MaskRecipe(layers=(Layer(rule=rule),))
    if problems := rule.misfits(panel):
        # One channel can't lead another, nor a file without gaps lend its own.
        assert kind in PARTICULAR
        assert all(one.endswith(".") and ("choose" in one) for one in problems)
        with pytest.raises(MaskError, match=re.escape(problems[0])):
            recipe.apply(panel)
        return
    mask = recipe.apply(panel)
    assert mask.observed.dtype == bool
    assert load_recipe(dump_recipe(recipe)) == recipe


PARTICULAR = {"mar", "like_native"}
"""Kinds that some data can't serve, whatever their settings."""


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_selects_booleans_of_the_panels_shape_without_changing_it(kind):
    scene = Scene(TWIN, TWIN.native, np.ones(TWIN.values.shape, dtype=bool))
    before = TWIN.values.copy()
    selected = RULES[kind].suggested(TWIN).select(scene)
    assert selected.shape == TWIN.values.shape
    assert selected.dtype == bool
    np.testing.assert_array_equal(TWIN.values, before)


@pytest.mark.parametrize("kind", RULES)
def test_every_rule_refuses_fields_that_it_does_not_have(kind):
    known = json.loads(RULES[kind].suggested(HOURLY).model_dump_json())
    with pytest.raises(ValidationError, match="colour"):
        RULES[kind].model_validate({**known, "colour": "red"})


def test_what_has_a_rate_has_a_seed():
    rated = {kind for kind, rule in RULES.items() if "rate" in rule.model_fields}
    assert rated == {"mcar", "blocks", "bursts", "mar", "mnar", "mnar_time", "tail"}
    assert all("seed" in RULES[kind].model_fields for kind in rated)


def test_a_sentinel_matches_exactly_and_takes_native_gaps_along():
    panel = panel_of(HOURLY.clock[:5], [-999, -998.9999, np.nan, 0, -200])
    assert rows(Sentinel(values=(-999, -200)), panel) == [0, 2, 4]
    assert rows(Sentinel(values=()), panel) == [2]


def coded(*columns: tuple[float, ...]) -> Panel:
    """Channels of numbers from 20 to 60 in tenths, each with ten cells of each of its values."""
    random = np.random.default_rng(3)
    values = random.uniform(20, 60, (400, len(columns))).round(1)
    for index, special in enumerate(columns):
        for place, value in enumerate(special):
            values[10 * place : 10 * place + 10, index] = value
    return panel_of(HOURLY.clock[0] + np.arange(400) * np.timedelta64(1, "h"), values)


def test_a_code_of_one_channel_leaves_genuine_values_of_another():
    panel = coded((-200.0, -1.0), (-999.0,))
    panel = panel_of(panel.clock, np.column_stack([panel.values, np.arange(400) % 9 - 4.0]))
    layers = added(MaskRecipe(), "sentinel", panel).layers
    assert [(layer.rule.values, layer.channels) for layer in layers] == [
        ((-999.0,), ("b",)),
        ((-200.0, -1.0), ("a",)),
    ]
    hidden = panel.native & ~MaskRecipe(layers=layers).apply(panel).observed
    assert hidden.sum(axis=0).tolist() == [20, 10, 0]
    assert Sentinel.suggested(panel).values == (-999.0, -200.0)


def test_codes_that_no_channel_means_get_one_layer_aimed_at_their_channels():
    layers = added(MaskRecipe(), "sentinel", coded((-200.0,), (), (-999.0,))).layers
    assert [(layer.rule.values, layer.channels) for layer in layers] == [
        ((-999.0, -200.0), ("a", "c"))
    ]
    (everywhere,) = added(MaskRecipe(), "sentinel", coded((-999.0,), (-999.0,))).layers
    assert everywhere.channels is None


@pytest.mark.parametrize(
    ("bounds", "side", "expected"),
    [
        ({"low": 1}, "outside", [0]),
        ({"high": 1}, "outside", [2, 3]),
        ({"low": 1, "high": 2}, "outside", [0, 3]),
        ({"low": 1, "high": 2}, "inside", [1, 2]),
        ({"low": 2}, "inside", [2, 3]),
        ({"low": 1, "high": 1}, "inside", [1]),
    ],
)
def test_a_range_includes_its_bounds_and_leaves_gaps_alone(bounds, side, expected):
    panel = panel_of(HOURLY.clock[:5], [0, 1, 2, 3, np.nan])
    assert rows(ValueRange(**bounds, side=side), panel) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"value": 2}, [3]),
        ({"comparison": "below", "value": 2}, [0, 1]),
        ({"comparison": "between", "value": 1, "upper": 2}, [1, 2]),
        ({"comparison": "missing"}, [4]),
    ],
)
def test_another_channel_decides_for_all(fields, expected):
    panel = panel_of(HOURLY.clock[:5], [[9, 0], [9, 1], [np.nan, 2], [9, 3], [9, np.nan]])
    rule = ChannelCondition(channel="b", **fields)
    assert rows(rule, panel) == expected
    layer = Layer(rule=rule, channels=("a",))
    hidden = panel.native & ~MaskRecipe(layers=(layer,)).apply(panel).observed
    assert np.flatnonzero(hidden[:, 0]).tolist() == [row for row in expected if row != 2]
    assert not hidden[:, 1].any()


def test_a_condition_on_a_channel_that_is_not_there_says_which_are():
    rule = ChannelCondition(channel="gust", value=1)
    with pytest.raises(MaskError, match=r"asks for the channel 'gust', but this data has \['a'\]"):
        rows(rule)
    assert rule.fitted(HOURLY) is None


def test_hours_wrap_over_midnight():
    night = rows(Calendar(hour_from=22, hour_to=6))
    assert [row % 24 for row in night[:10]] == [0, 1, 2, 3, 4, 5, 22, 23, 0, 1]
    assert sorted(night + rows(Calendar(hour_from=6, hour_to=22))) == list(range(72))


def test_hours_may_be_halves_and_end_at_24():
    half = panel_of(
        ["2024-01-01T06:29", "2024-01-01T06:30", "2024-01-01T23:59:59.999999"], [1, 2, 3]
    )
    assert rows(Calendar(hour_from=6.5, hour_to=24), half) == [1, 2]


def test_the_calendar_is_that_of_the_panels_own_zone():
    # In Berlin the clocks went from 2:00 to 3:00 on 31 March 2024: no row has the hour 2.
    local = panel_of(HOURLY.clock, HOURLY.values, timezone="Europe/Berlin")
    assert rows(Calendar(hour_from=1, hour_to=4), HOURLY) == [1, 2, 3, 25, 26, 27, 49, 50, 51]
    assert rows(Calendar(hour_from=1, hour_to=4), local) == [0, 1, 2, 24, 25, 47, 48, 49, 71]
    assert rows(Calendar(weekdays=("Sunday",)), local) == list(range(23, 46))
    assert rows(Calendar(months=("April",)), local) == list(range(46, 72))


def test_dates_include_both_ends_and_may_stand_alone():
    assert rows(Calendar(date_from=date(2024, 3, 31), date_to=date(2024, 3, 31))) == list(
        range(24, 48)
    )
    assert rows(Calendar(date_from=date(2024, 4, 1))) == list(range(48, 72))
    assert rows(Calendar(date_to=date(2024, 3, 30))) == list(range(24))


def test_all_conditions_of_a_calendar_must_hold():
    rule = Calendar(hour_from=0, hour_to=1, weekdays=("Saturday", "Sunday"))
    assert rows(rule) == [0, 24]


def test_a_clock_that_counts_steps_has_no_calendar():
    steps = panel_of(HOURLY.clock, HOURLY.values, clock_kind="step")
    recipe = MaskRecipe(layers=(Layer(rule=Calendar(hour_from=22, hour_to=6)),))
    with pytest.raises(MaskError, match=r"Layer 1 .*counts steps; choose a time column"):
        recipe.apply(steps)


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("value_range", {}, "needs a lower or an upper bound"),
        ("value_range", {"low": 3, "high": 1}, "lower bound 3 lies above the upper bound 1"),
        ("value_range", {"low": float("nan")}, "finite number"),
        ("value_range", {"high": float("inf")}, "finite number"),
        ("sentinel", {"values": [float("nan")]}, "finite number"),
        ("calendar", {}, "needs hours, weekdays, months or dates"),
        ("calendar", {"hour_from": 3}, "both a beginning and an end"),
        ("calendar", {"hour_from": 3, "hour_to": 3}, "none at all"),
        ("calendar", {"hour_from": 24, "hour_to": 3}, "less than 24"),
        ("calendar", {"date_from": "2024-02-02", "date_to": "2024-02-01"}, "is after the last day"),
        ("calendar", {"weekdays": ["Caturday"]}, "Monday"),
        ("channel_condition", {"comparison": "missing"}, "channel"),
        ("channel_condition", {"channel": ""}, "at least 1 character"),
        ("channel_condition", {"channel": "a"}, "'above' needs a value"),
        ("channel_condition", {"channel": "a", "comparison": "between", "value": 1}, "upper end"),
        (
            "channel_condition",
            {"channel": "a", "comparison": "between", "value": 2, "upper": 1},
            "lower end 2 lies above the upper end 1",
        ),
        ("mcar", {"rate": 1.01}, "less than or equal to 1"),
        ("mcar", {"rate": -0.1}, "greater than or equal to 0"),
        ("mcar", {"seed": -1}, "greater than or equal to 0"),
        ("blocks", {"length": 0}, "greater than or equal to 1"),
        ("blocks", {"rate": float("nan")}, "finite number"),
        ("painted", {"strokes": [{"start": 2, "end": 1}]}, "starts at 2 after it ends at 1"),
        ("painted", {"strokes": [{"start": "soon", "end": 1}]}, "'soon' is no time"),
    ],
)
def test_impossible_fields_are_refused(kind, fields, message):
    with pytest.raises(ValidationError, match=message):
        RULES[kind].model_validate(fields)


@given(st.floats(0, 24, exclude_max=True), st.floats(0, 24, exclude_min=True))
@settings(deadline=None, max_examples=50)
def test_hours_and_their_complement_share_the_day(first, last):
    if first == last or (first == 0 and last == 24):
        return
    if first == 0 or last == 24:
        return  # the complement would end at 0 or begin at 24
    chosen = rows(Calendar(hour_from=first, hour_to=last))
    rest = rows(Calendar(hour_from=last, hour_to=first))
    assert sorted(chosen + rest) == list(range(72))


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (np.timedelta64(1, "h"), {"hour_from": 22.0, "hour_to": 6.0}),
        (np.timedelta64(1, "D"), {"weekdays": ("Saturday", "Sunday")}),
        (np.timedelta64(7, "D"), {"months": ("December", "January", "February")}),
    ],
)
def test_a_calendar_begins_with_what_the_interval_can_tell_apart(step, expected):
    clock = np.datetime64("2024-01-01", "us") + np.arange(60) * step
    panel = panel_of(clock, np.zeros(60))
    rule = RULES["calendar"].suggested(panel)
    assert rule.model_dump(exclude_defaults=True) == expected
    assert 0 < len(rows(rule, panel)) < 60
