"""Expressions select what a slow reading of them, cell by cell, selects."""

from __future__ import annotations

import ast
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mask_strategies import panels
from slow_language import SlowLanguage

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.language import evaluate, misfits, parse
from masklab.masks.language.evaluation import spelt
from masklab.masks.language.functions import FUNCTIONS
from masklab.masks.language.stretches import Stretches
from masklab.masks.language.windows import window_mean, window_std
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rule import Scene
from masklab.masks.rules.around_events import AroundEvents
from masklab.masks.rules.expression import ExpressionRule
from masklab.masks.rules.missing_sentinel import Sentinel

HOUR = np.timedelta64(1, "h")


def panel_of(*columns, names=None, clock=None, offsets=None, **more) -> Panel:
    values = np.array(columns, dtype=float).T
    names = names or tuple("abcdef")[: values.shape[1]]
    clock = (
        np.datetime64("2024-01-01", "us") + np.arange(len(values)) * HOUR
        if clock is None
        else clock
    )
    offsets = np.array([0, len(values)] if offsets is None else offsets)
    series = tuple(f"s{index}" for index in range(len(offsets) - 1))
    return Panel(series, offsets, np.array(clock, dtype="datetime64[us]"), values, names, **more)


def scene_of(panel: Panel, **more) -> Scene:
    return Scene(panel, panel.native, np.ones(panel.values.shape, dtype=bool), **more)


def rows(text: str, panel: Panel, channel: int = 0) -> list[int]:
    return np.flatnonzero(evaluate(parse(text), scene_of(panel))[:, channel]).tolist()


numbers = st.sampled_from(["0", "1", "0.5", "-1", "2", "-999", "03", "1e1"])
names = st.sampled_from(["value", "alpha", "row", "hour", "weekday", "day", "observed", "minute"])


def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Numbers made of numbers or conditions."""
    window, steps = st.integers(1, 6), st.integers(-4, 4)
    return st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%"]), inner).map(
            lambda one: f"({one[0]} {one[1]} {one[2]})"
        ),
        st.tuples(inner, st.integers(-2, 3)).map(lambda one: f"({one[0]}) ** {one[1]}"),
        inner.map(lambda one: f"-({one})"),
        st.tuples(st.sampled_from(["abs", "sign", "sqrt", "diff", "median"]), inner).map(
            lambda one: f"{one[0]}({one[1]})"
        ),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(
            lambda one: f"{one[0]}({one[1]}, {one[2]})"
        ),
        st.tuples(st.sampled_from(["median", "min", "max", "mad"]), inner, window).map(
            lambda one: f"rolling_{one[0]}({one[1]}, {one[2]})"
        ),
        st.tuples(st.sampled_from(["lag", "diff"]), inner, steps).map(
            lambda one: f"{one[0]}({one[1]}, {one[2]})"
        ),
    )


values = st.recursive(st.one_of(names, numbers), grown, max_leaves=4)
signs = st.sampled_from(["<", "<=", ">", ">=", "==", "!="])
comparisons = st.one_of(
    st.tuples(values, signs, values).map(" ".join),
    st.tuples(values, signs, values, signs, values).map(" ".join),
    st.tuples(st.sampled_from(["missing", "isnan"]), values).map(lambda one: f"{one[0]}({one[1]})"),
    st.tuples(values, values, values).map(lambda one: f"between({', '.join(one)})"),
    st.sampled_from(["observed", "True", "False"]),
)
conditions = st.recursive(
    comparisons.map(lambda one: f"({one})"),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" and ", " or "]), inner).map(
            lambda one: f"({''.join(one)})"
        ),
        inner.map(lambda one: f"(not {one})"),
    ),
    max_leaves=4,
)


@st.composite
def looks(draw: st.DrawFn) -> tuple[Scene, str]:
    panel = draw(panels())
    cells = panel.values.shape
    flags = st.lists(st.booleans(), min_size=panel.values.size, max_size=panel.values.size)
    observed = panel.native & np.array(draw(flags)).reshape(cells)
    domain = np.array(draw(flags)).reshape(cells)
    pool = panel.native & domain if draw(st.booleans()) else None
    return Scene(panel, observed, domain, pool), draw(conditions)


@settings(deadline=None, max_examples=300)
@given(looks())
def test_an_expression_selects_what_the_slow_twin_selects(look):
    scene, text = look
    slow_text = text.replace("03", "3")
    found = evaluate(parse(text), scene) & scene.domain
    cells = {tuple(cell) for cell in np.argwhere(scene.domain).tolist()}
    readable = {tuple(cell) for cell in np.argwhere(scene.readable).tolist()}
    observed = {tuple(cell) for cell in np.argwhere(scene.observed).tolist()}
    slow = SlowLanguage(scene.panel, readable, observed)
    assert {tuple(cell) for cell in np.argwhere(found).tolist()} == {
        cell for cell in cells if slow.selects(slow_text, cell)
    }


@pytest.mark.parametrize("name", FUNCTIONS)
@settings(deadline=None, max_examples=40)
@given(panel=panels(), setting=st.integers(1, 6))
def test_every_function_gives_what_the_slow_twin_gives(name, panel, setting):
    function = FUNCTIONS[name]
    written = {"window": setting, "steps": setting - 3, "share": setting / 6}
    given_ = [written.get(what) for what in function.takes]
    arguments = [panel.values[:, 0] if one is None else one for one in given_]
    text = f"{name}({', '.join('alpha' if one is None else str(one) for one in given_)})"
    with np.errstate(all="ignore"):
        found = np.broadcast_to(function.run(Stretches(panel), *arguments), panel.rows)
    native = {tuple(cell) for cell in np.argwhere(panel.native).tolist()}
    slow = SlowLanguage(panel, native, native)
    node = ast.parse(text, mode="eval").body
    expected = [slow.of(node, row, 0) for row in range(panel.rows)]
    expected = np.array([np.nan if one is None else float(one) for one in expected])
    found = np.where(np.isinf(found.astype(float)), np.nan, found.astype(float))
    if function.gives == "condition":
        expected = np.nan_to_num(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([0.1, 1.0, -5.0, 1e3, 1e30, np.nan]), min_size=1, max_size=60),
    st.integers(1, 20),
)
def test_windows_hold_what_is_in_them_whatever_stood_before(held, window):
    values, least = np.array(held), (window + 1) // 2
    mean, std = window_mean(values, window, least), window_std(values, window, least)
    for row in range(len(values)):
        inside = values[max(0, row - window + 1) : row + 1]
        inside = inside[~np.isnan(inside)]
        if len(inside) < least:
            assert np.isnan(mean[row])
            assert np.isnan(std[row])
            continue
        np.testing.assert_allclose(mean[row], inside.mean(), rtol=1e-9)
        np.testing.assert_allclose(std[row], inside.std(), rtol=1e-6, atol=1e-12)
        if len(set(inside)) == 1:
            assert std[row] == 0


def test_long_columns_are_taken_in_pieces_that_join():
    random = np.random.default_rng(5)
    values = random.normal(size=150_000)
    for window in (7, 10_000):
        mean, std = window_mean(values, window, 1), window_std(values, window, 1)
        for row in [*random.integers(0, len(values), 50).tolist(), 32767, 32768, 65536]:
            inside = values[max(0, row - window + 1) : row + 1]
            np.testing.assert_allclose([mean[row], std[row]], [inside.mean(), inside.std()])


def test_windows_and_lags_stop_at_series_borders_and_gaps():
    clock = np.datetime64("2024-01-01") + np.array([0, 1, 2, 3, 40, 41, 42, 43, 44, 0, 1, 2]) * HOUR
    panel = panel_of(np.arange(12.0), clock=clock, offsets=[0, 9, 12])
    assert rows("missing(lag(a, 1))", panel) == [0, 4, 9]
    assert rows("missing(lag(a, -2))", panel) == [2, 3, 7, 8, 10, 11]
    assert rows("diff(a) == 1", panel) == [1, 2, 3, 5, 6, 7, 8, 10, 11]
    assert rows("missing(rolling_max(a, 4))", panel) == [0, 4, 9]
    assert rows("rolling_min(a, 4) == 4", panel) == [5, 6, 7]
    assert rows("row == 0", panel) == [0, 9]


def test_a_missing_value_meets_no_comparison_and_no_denial_of_one():
    panel = panel_of([1, 5, np.nan])
    for text in ("a > 3", "a != 1", "not (a <= 3)", "not a == 1", "not (a < 3 or a > 9)"):
        assert rows(text, panel) == [1], text
    assert rows("a <= 3", panel) == rows("not (a > 3)", panel) == [0]
    assert rows("not between(a, 3, 9)", panel) == [0]
    assert rows("missing(a)", panel) == [2]
    assert rows("not missing(a)", panel) == [0, 1]


def test_value_serves_every_channel_and_other_names_serve_rows():
    panel = panel_of([1, 5, 9], [9, 5, 1])
    by_cell = evaluate(parse("value > 3 and a > 3"), scene_of(panel))
    assert by_cell.tolist() == [[False, False], [True, True], [True, False]]
    by_row = evaluate(parse("a > 3"), scene_of(panel))
    assert by_row.tolist() == [[False, False], [True, True], [True, True]]


def test_names_of_every_kind_can_be_written():
    names = (
        "temp °C",
        "value",
        "hour",
        "a`b",
        "temp.max",
        "class",
        "größe",
        "мощность",
        "ﬁt",
        "max",
    )
    panel = panel_of(*[[0, index] for index in range(1, len(names) + 1)], names=names)
    for index, name in enumerate(names):
        assert misfits(parse(f"{spelt(name)} == {index + 1}"), panel) == ()
        assert rows(f"{spelt(name)} == {index + 1}", panel) == [1], name
    assert rows("ﬁt == 9", panel) == [1]  # Python reads the name as "fit"
    assert rows("max(max, `max`) == 10 and größe == 7", panel) == [1]
    assert rows("`hour` == 3 and hour == 1", panel) == [1]


def test_calendar_words_are_those_of_the_panels_own_zone():
    panel = panel_of([1, 2, 3], timezone="America/New_York")
    assert rows("hour == 19 and minute == 0 and weekday == 6", panel) == [0]
    assert rows("year == 2023 and month == 12 and day == 31", panel) == [0, 1, 2]


def test_a_condition_counts_one_where_it_holds():
    panel = panel_of([1, 5, 9], [9, 5, 1])
    assert rows("(a > 3) + (b > 3) >= 2", panel) == [1]
    assert rows("rolling_mean(a > 3, 2) == 0.5", panel) == [1]
    assert rows("(a > 3) == (b > 3)", panel) == [1]
    assert rows("(a > 3) & ~(b > 3) | (a == 1)", panel) == [0, 2]


def test_what_has_no_finite_value_is_missing():
    panel = panel_of([0, 1, 4])
    assert rows("1 / a > 0", panel) == [1, 2]
    assert rows("missing(1 / a)", panel) == [0]
    assert rows("missing(log(a))", panel) == [0]
    assert rows("missing(sqrt(a - 2))", panel) == [0, 1]
    assert rows("missing(exp(a * 1000))", panel) == [1, 2]
    assert rows("missing((a * 1e300) ** 2)", panel) == [1, 2]


def test_what_an_earlier_layer_hid_is_missing():
    panel = panel_of([-999, 1, 2, 3, 4], [1, 1, 1, 1, 1])
    codes = Layer(rule=Sentinel(values=(-999,)))
    low = Layer(rule=ExpressionRule(expression="a < mean(a)"), channels=("b",))
    alone = MaskRecipe(layers=(low,)).apply(panel).observed
    after = MaskRecipe(layers=(codes, low)).apply(panel).observed
    assert np.flatnonzero(~alone[:, 1]).tolist() == [0]
    assert np.flatnonzero(~after[:, 1]).tolist() == [1, 2]


def test_only_channels_of_the_domain_are_computed():
    panel = panel_of([1, 2], [1, 2])
    domain = np.array([[True, False], [True, False]])
    scene = Scene(panel, panel.native, domain)
    assert evaluate(parse("value > 0"), scene).tolist() == [[True, False], [True, False]]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("tmep > 3", "There is no channel `tmep`; write temp."),
        ("Temp > 3", "There is no channel `Temp`; write temp."),
        ("wind_speed > 3", "There is no channel `wind_speed`; write `wind speed`."),
        ("hours < 3", "There is no channel `hours`; write hour."),
        ("xyz > 3", "There is no channel `xyz`; there are temp, `wind speed`."),
        ("`no such` > 3", "There is no channel `no such`; there are temp, `wind speed`."),
        ("temp == nan", "There is no `nan` to compare with; write missing(x), or not missing(x)."),
        ("exp > 3", "`exp` is a function; write exp(x)."),
    ],
)
def test_an_unknown_name_brings_the_nearest_ones(text, message):
    panel = panel_of([1], [1], names=("temp", "wind speed"))
    (problem,) = misfits(parse(text), panel)
    assert problem == message
    with pytest.raises(MaskError, match=r"Layer 1 \(.*"):
        MaskRecipe(layers=(Layer(rule=ExpressionRule(expression=text)),)).apply(panel)


def test_data_that_counts_steps_has_rows_but_no_hours():
    steps = panel_of([1, 2, 3], clock_kind="step")
    assert misfits(parse("row > 1"), steps) == ()
    assert "counts steps; choose a time column" in misfits(parse("hour > 1"), steps)[0]


def slow_around(events, before, after, offsets):
    near = np.zeros(len(events), dtype=bool)
    for first, end in pairwise(offsets):
        for row in range(first, end):
            if events[row]:
                near[max(first, row - before) : min(end, row + after + 1)] = True
    return near


@settings(deadline=None)
@given(panels(), st.integers(0, 5), st.integers(0, 5), st.sampled_from(["value", "alpha"]))
def test_around_events_covers_samples_before_and_after_within_the_series(
    panel, before, after, name
):
    rule = AroundEvents(condition=f"{name} > 0.5", before=before, after=after)
    found = rule.select(scene_of(panel))
    for channel in range(len(panel.channels)):
        values = panel.values[:, channel if name == "value" else 0]
        expected = slow_around(values > 0.5, before, after, panel.offsets)
        np.testing.assert_array_equal(found[:, channel], expected)


def test_around_events_counts_samples_over_a_gap_of_the_clock():
    clock = np.datetime64("2024-01-01") + np.array([0, 1, 2, 40, 41, 42]) * HOUR
    panel = panel_of([0, 0, 9, 0, 0, 0], clock=clock)
    rule = AroundEvents(condition="a > 5", before=1, after=2)
    assert np.flatnonzero(rule.select(scene_of(panel))[:, 0]).tolist() == [1, 2, 3, 4]
    assert rule.summary() == "around a > 5 (1 before, 2 after)"
