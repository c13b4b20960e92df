"""What the rules that look at neighbours, statistics or several channels select, by example."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.course import everything
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Rule
from masklab.masks.rules.calendar import Calendar
from masklab.masks.rules.clipping import Clipping
from masklab.masks.rules.disagreement import Disagreement
from masklab.masks.rules.first_last import FirstLast
from masklab.masks.rules.flat_line import FlatLine
from masklab.masks.rules.gap_neighbours import GapNeighbours
from masklab.masks.rules.missing_sentinel import Sentinel
from masklab.masks.rules.outlier import Outlier
from masklab.masks.rules.periodic import Periodic
from masklab.masks.rules.quantile import Quantile
from masklab.masks.rules.rate_of_change import RateOfChange
from masklab.masks.rules.rolling_variance import RollingVariance
from masklab.masks.rules.spike import Spike
from masklab.masks.rules.value_range import ValueRange
from masklab.masks.suggesting import exceeded_by

NAN = np.nan


def series_of(*values: float, hours: list[int] | None = None, **more) -> Panel:
    """One channel, a value an hour from a Saturday's midnight on, or at the given hours."""
    at = np.arange(len(values)) if hours is None else np.array(hours)
    clock = np.datetime64("2024-03-30T00", "us") + at * np.timedelta64(1, "h")
    column = np.array(values, dtype=float)[:, None]
    return Panel(("one",), np.array([0, len(values)]), clock, column, ("a",), **more)


def channels_of(**columns: list[float]) -> Panel:
    values = np.column_stack([np.array(one, dtype=float) for one in columns.values()])
    clock = np.datetime64("2024-03-30T00", "us") + np.arange(len(values)) * np.timedelta64(1, "h")
    return Panel(("one",), np.array([0, len(values)]), clock, values, tuple(columns))


def rows(rule: Rule, panel: Panel, column: int = 0) -> list[int]:
    selected = rule.select(everything(panel)) & panel.native
    return np.flatnonzero(selected[:, column]).tolist()


def hidden(panel: Panel, *layers: Layer) -> list[tuple[int, int]]:
    observed = MaskRecipe(layers=layers).apply(panel).observed
    return [tuple(cell) for cell in np.argwhere(panel.native & ~observed).tolist()]


def test_an_outlier_is_far_in_deviations_that_outliers_do_not_move():
    panel = series_of(1, 2, 1, 2, 60, 1, 2, 1, 70, 2, 1)
    assert rows(Outlier(reach=3, threshold=5), panel) == [4, 8]


def test_every_other_value_is_far_where_most_are_equal_unless_a_least_distance_is_set():
    panel = series_of(0, 0, 0, 0.5, 0, 0, 9, 0, 0)
    assert rows(Outlier(reach=3), panel) == [3, 6]
    assert rows(Outlier(reach=3, least=0.5), panel) == [6]


def test_a_code_hidden_by_an_earlier_layer_moves_no_median():
    panel = series_of(1, -999, -999, 30, -999, 2, 3)
    outlier = Layer(rule=Outlier(reach=3, threshold=5))
    assert (3, 0) not in hidden(panel, outlier)
    assert (3, 0) in hidden(panel, Layer(rule=Sentinel(values=(-999,))), outlier)


def test_what_was_painted_can_be_narrowed_to_the_flat_lines_in_it():
    panel = series_of(1, 2, 5, 5, 5, 5, 3, 4)
    painted = Layer(rule=ValueRange(low=2, high=5, side="inside"))
    narrowed = Layer(rule=FlatLine(length=4), combine="and")
    assert hidden(panel, painted, narrowed) == [(2, 0), (3, 0), (4, 0), (5, 0)]


def test_a_rate_is_per_unit_of_time_and_doubles_what_is_allowed_after_a_missing_cell():
    panel = series_of(0, 10, 20, NAN, 40, 45, 60)
    assert rows(RateOfChange(limit=10, per="hour"), panel) == [6]
    assert rows(RateOfChange(limit=0.1, per="minute"), panel) == [1, 2, 4, 6]
    assert rows(RateOfChange(limit=9, per="step"), panel) == [1, 2, 4, 6]
    assert rows(RateOfChange(limit=239, per="day"), panel) == [1, 2, 4, 6]


def test_rises_and_falls_are_told_apart():
    panel = series_of(0, 10, 0)
    assert rows(RateOfChange(limit=5, direction="rise"), panel) == [1]
    assert rows(RateOfChange(limit=5, direction="fall"), panel) == [2]


def test_nothing_is_compared_across_a_gap_in_the_clock():
    hours = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 40, 41]
    panel = series_of(*[0] * 10, 99, 99, hours=hours)
    assert rows(RateOfChange(limit=1), panel) == []
    assert rows(RateOfChange(limit=1), series_of(*[0] * 10, 99, 99)) == [10]
    late = series_of(*[0] * 9, 50, 0, 0, hours=hours)
    assert rows(Spike(height=10), late) == []


def test_a_flat_line_is_as_long_as_asked_and_bridges_missing_cells():
    panel = series_of(1, 2, 2, NAN, 2, 2, 3, 3, 3, 1)
    assert rows(FlatLine(length=4), panel) == [1, 2, 4, 5]
    assert rows(FlatLine(length=3), panel) == [1, 2, 4, 5, 6, 7, 8]
    assert rows(FlatLine(length=5), panel) == []


def test_a_slow_drift_is_no_flat_line_though_no_step_of_it_exceeds_the_tolerance():
    panel = series_of(*np.arange(0, 5, 0.5))
    assert rows(FlatLine(length=4, tolerance=0.5), panel) == []
    assert rows(FlatLine(length=4, tolerance=1.5), panel) == list(range(10))


def test_a_spike_comes_back_and_a_step_does_not():
    panel = series_of(0, 9, 0, 0, 9, 9, 0, 0, 9, 9, 9)
    assert rows(Spike(height=5, width=1, direction="up"), panel) == [1]
    assert rows(Spike(height=5, width=2, direction="up"), panel) == [1, 4, 5]
    assert rows(Spike(height=5, width=2, direction="down"), panel) == [2, 3, 6, 7]


def test_a_spike_may_overshoot_on_its_way_back():
    assert rows(Spike(height=5), series_of(0, 9, 2, 0)) == [1]
    assert rows(Spike(height=8), series_of(0, 9, 2, 0)) == []


def test_a_dying_and_a_loose_sensor_vary_too_little_and_too_much():
    panel = series_of(1, 2, 1, 2, 2, 2, 2, 2, 1, 2, 9, 0, 9, 2, 1)
    assert rows(RollingVariance(reach=1, low=0.1), panel) == [4, 5, 6]
    assert rows(RollingVariance(reach=1, high=4.5), panel) == [10, 11, 12]
    assert rows(RollingVariance(reach=1, low=0.1, high=4.5), panel) == [4, 5, 6, 10, 11, 12]


@pytest.mark.parametrize("level", [0.0, 1e6, 1e12])
def test_variance_is_exact_however_high_the_level(level):
    panel = series_of(*(level + np.array([0, 1, 0, 1, 0, 0, 0, 0, 0, 1, 0])))
    assert rows(RollingVariance(reach=1, low=1e-12), panel) == [5, 6, 7]
    assert rows(RollingVariance(reach=1, high=0.57), panel) == [1, 2, 3, 4, 8, 9]


def test_lowest_and_highest_are_counted_and_equal_values_go_together():
    panel = series_of(*range(10))
    assert rows(Quantile(share=0.2, side="lowest"), panel) == [0, 1]
    assert rows(Quantile(share=0.2, side="highest"), panel) == [8, 9]
    assert rows(Quantile(share=0.2), panel) == [0, 1, 8, 9]
    ties = series_of(0, 0, 0, 1, 2, 3, 4, 5, 5, 5)
    assert rows(Quantile(share=0.2), ties) == []
    assert rows(Quantile(share=0.3), ties) == [0, 1, 2, 7, 8, 9]
    assert rows(Quantile(share=1.0, side="lowest"), ties) == list(range(10))


def test_a_quantile_is_of_the_cells_that_the_layer_is_aimed_at():
    panel = series_of(*range(10))
    parts = np.repeat([0, 1], 5).astype(np.int8)
    layer = Layer(rule=Quantile(share=0.2, side="highest"), scope="training")
    observed = MaskRecipe(layers=(layer,)).apply(panel, parts).observed
    assert np.flatnonzero(~observed[:, 0]).tolist() == [4]


def test_each_series_may_have_its_own_quantiles():
    clock = np.datetime64("2024-01-01", "us") + np.tile(np.arange(5), 2) * np.timedelta64(1, "h")
    panel = Panel(("x", "y"), np.array([0, 5, 10]), clock, np.arange(10.0)[:, None], ("a",))
    assert rows(Quantile(share=0.2, side="highest"), panel) == [8, 9]
    assert rows(Quantile(share=0.2, side="highest", each_series=True), panel) == [4, 9]


def test_an_extreme_that_repeats_is_clipping_and_one_that_does_not_is_none():
    panel = series_of(1, 5, 5, 5, 2, 0, 3, 5, 4.9)
    assert rows(Clipping(repeats=4), panel) == [1, 2, 3, 7]
    assert rows(Clipping(repeats=5), panel) == []
    assert rows(Clipping(repeats=5, tolerance=0.02), panel) == [1, 2, 3, 7, 8]
    assert rows(Clipping(repeats=2, side="lowest"), panel) == []
    assert rows(Clipping(repeats=2), series_of(4, 4, 4)) == []


def test_clipping_begins_with_the_highest_alone_where_values_rest_at_the_lowest():
    rain = series_of(*[0] * 20, 3, 4, 5, 5)
    assert Clipping.suggested(rain).side == "highest"
    assert Clipping.suggested(series_of(*range(20))).side == "both"


def test_samples_beside_gaps_of_the_file_of_the_clock_and_of_earlier_layers():
    hours = [0, 1, 2, 3, 4, 5, 6, 20, 21, 22]
    panel = series_of(1, 2, NAN, 3, 4, -999, 5, 6, 7, 8, hours=hours)
    sentinel = Layer(rule=Sentinel(values=(-999,)))
    assert rows(GapNeighbours(before=1, after=1), panel) == [1, 3, 6, 7]
    assert rows(GapNeighbours(before=0, after=2), panel) == [3, 4, 7, 8]
    beside = Layer(rule=GapNeighbours(before=1, after=1))
    assert hidden(panel, sentinel, beside) == [(row, 0) for row in (1, 3, 4, 5, 6, 7)]
    long = Layer(rule=GapNeighbours(before=1, after=1, least=2))
    assert hidden(panel, sentinel, long) == [(row, 0) for row in (5, 6, 7)]


def test_cells_that_a_series_lacks_at_its_ends_are_gaps_and_the_ends_are_none():
    assert rows(GapNeighbours(), series_of(NAN, 1, 2, 3, NAN)) == [1, 3]
    assert rows(GapNeighbours(), series_of(1, 2, 3)) == []


def test_a_part_of_every_period_of_steps_or_of_the_wall_clock():
    panel = series_of(*range(48))
    assert rows(Periodic(every=24, width=2, phase=8, unit="hours"), panel) == [8, 9, 32, 33]
    assert rows(Periodic(every=7, width=1, phase=6, unit="days"), panel) == list(range(24, 48))
    assert rows(Periodic(every=20, width=2, phase=-1), panel) == [0, 19, 20, 39, 40]
    # In Berlin, 31 March 2024 began at 23:00 UTC, and its clock went from 2:00 to 3:00.
    local = series_of(*range(48), timezone="Europe/Berlin")
    assert rows(Periodic(every=24, width=2, phase=8, unit="hours"), local) == [7, 8, 30, 31]


def test_steps_that_the_clock_leaves_out_are_counted():
    panel = series_of(*range(12), hours=[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13])
    assert rows(Periodic(every=4), panel) == [0, 4, 8, 10]


def test_the_first_and_last_rows_of_each_series():
    clock = np.datetime64("2024-01-01", "us") + np.arange(7) * np.timedelta64(1, "h")
    panel = Panel(("x", "y"), np.array([0, 5, 7]), clock, np.arange(7.0)[:, None], ("a",))
    assert rows(FirstLast(first=1, last=2), panel) == [0, 3, 4, 5, 6]
    assert rows(FirstLast(first=0, last=1), panel) == [4, 6]


def test_of_three_thermometers_the_one_that_strays_is_found_whatever_their_offsets():
    noise = np.random.default_rng(0).normal(scale=0.1, size=(50, 3))
    values = np.sin(np.arange(50))[:, None] + noise + [10, 12, 9]
    values[4, 2] += 20
    panel = channels_of(a=values[:, 0], b=values[:, 1], c=values[:, 2])
    selected = Disagreement(threshold=20).select(everything(panel))
    assert np.argwhere(selected).tolist() == [[4, 2]]
    two = channels_of(a=values[:, 0], c=values[:, 2])
    selected = Disagreement(threshold=20).select(everything(two))
    assert np.argwhere(selected).tolist() == [[4, 0], [4, 1]]


def test_channels_that_a_layer_is_not_aimed_at_have_no_say():
    a, b = [1, 2, 1, 2, 1.5, 2], [1, 2.1, 1, 1.9, 1.6, 2]
    panel = channels_of(a=a, b=b, c=[5, -3, 9, 0, -40, 2], d=[7, 1, -9, 3, -45, 8])
    rule = Disagreement(threshold=3)
    assert hidden(panel, Layer(rule=rule, channels=("a", "b"))) == hidden(
        channels_of(a=a, b=b), Layer(rule=rule)
    )


def test_a_layer_for_one_channel_compares_it_with_all_others():
    panel = channels_of(a=[1, 2, 3, 4, 90], b=[1, 2.1, 3, 4, 5], c=[1, 2, 3.1, 4, 5])
    assert hidden(panel, Layer(rule=Disagreement(), channels=("a",))) == [(4, 0)]


def test_channels_of_different_units_are_compared_on_one_scale_taken_where_the_layer_is_aimed():
    wave = np.sin(np.arange(30))
    panel = channels_of(a=wave + np.arange(30) % 3 * 0.01, b=1000 * wave, c=50 - wave)
    panel = channels_of(
        a=panel.values[:, 0], b=np.where(np.arange(30) == 7, 4000, panel.values[:, 1])
    )
    assert Disagreement.suggested(panel).scaled
    assert (7, 1) in hidden(panel, Layer(rule=Disagreement.suggested(panel)))
    parts = np.repeat([0, 1], 15).astype(np.int8)
    early = Panel(("one",), np.array([0, 15]), panel.clock[:15], panel.values[:15], ("a", "b"))
    rule = Disagreement(scaled=True, threshold=1)
    training = MaskRecipe(layers=(Layer(rule=rule, scope="training"),))
    np.testing.assert_array_equal(
        training.apply(panel, parts).observed[:15], training.apply(early).observed
    )


def test_one_channel_may_be_the_reference_and_is_never_selected_itself():
    panel = channels_of(a=[1, 2, 3, 4, 50], b=[1.1, 2, 3.3, 4.2, 5], c=[1.2, 2.1, 3, 4.1, 5])
    rule = Disagreement(against="channel", channel="a")
    assert hidden(panel, Layer(rule=rule)) == [(4, 1), (4, 2)]
    with pytest.raises(MaskError, match=r"channel 'wind', but this data has \['a', 'b', 'c'\]"):
        rule.model_copy(update={"channel": "wind"}).select(everything(panel))


def test_holidays_come_from_a_list_with_or_without_a_year():
    days = np.datetime64("2023-12-24", "us") + np.arange(366 + 10) * np.timedelta64(1, "D")
    panel = Panel(("one",), np.array([0, len(days)]), days, np.zeros((len(days), 1)), ("a",))
    rule = Calendar(days=("12-25", date(2024, 1, 1), "02-29"))
    assert rule.days == ("12-25", "2024-01-01", "02-29")
    found = days[rows(rule, panel)].astype("datetime64[D]").astype(str).tolist()
    assert found == ["2023-12-25", "2024-01-01", "2024-02-29", "2024-12-25"]
    assert rule.summary() == "on 12-25, 2024-01-01, 02-29"
    weekend = Calendar(days=("12-24", "12-25"), weekdays=("Sunday",))
    assert rows(weekend, panel) == [0]


@pytest.mark.parametrize(
    ("kind", "fields", "message"),
    [
        ("calendar", {"days": ["25.12.2024"]}, "'25.12.2024' is no day; write it like 2024-12-25"),
        ("calendar", {"days": ["2023-02-29"]}, "has no day 2023-02-29"),
        ("disagreement", {"against": "channel"}, "needs its name; choose one"),
        ("first_last", {"first": 0}, "nothing to hide; raise one of them"),
        ("flat_line", {"length": 1}, "greater than or equal to 2"),
        ("gap_neighbours", {"before": 0, "after": 0}, "nothing to hide; raise one of them"),
        ("outlier", {"reach": 0}, "greater than or equal to 1"),
        ("outlier", {"threshold": float("nan")}, "finite number"),
        ("periodic", {"every": 2, "width": 3}, "is longer than the period of 2; make it shorter"),
        ("periodic", {"every": 2.5}, "whole numbers; round them"),
        ("quantile", {"share": 1.2}, "less than or equal to 1"),
        ("rate_of_change", {"limit": -1}, "greater than or equal to 0"),
        ("rolling_variance", {}, "needs a lower or an upper bound"),
        ("rolling_variance", {"low": 2, "high": 1}, "bound 2 lies above the upper bound 1"),
        ("spike", {"height": 0}, "greater than 0"),
    ],
)
def test_impossible_fields_are_refused_with_a_way_out(kind, fields, message):
    with pytest.raises(ValidationError, match=message):
        RULES[kind].model_validate(fields)


@pytest.mark.parametrize(
    "rule", [RateOfChange(limit=1, per="hour"), Periodic(every=60, unit="minutes")]
)
def test_a_clock_that_counts_steps_has_no_hours(rule):
    panel = series_of(1, 2, 3, clock_kind="step")
    with pytest.raises(MaskError, match="this data counts steps; choose"):
        rule.select(everything(panel))


def test_a_clock_that_counts_steps_has_rates_by_its_own_count():
    panel = series_of(0, 4, 8, clock_kind="step")
    steps = Panel(
        ("one",), panel.offsets, np.array([0, 1, 3], dtype="datetime64[s]"), panel.values, ("a",),
        clock_kind="step",
    )  # fmt: skip
    assert rows(RateOfChange(limit=3), steps) == [1]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Outlier(reach=30, threshold=3), "outliers over 3 deviations of 61 steps"),
        (RateOfChange(limit=2, per="hour", direction="rise"), "rises by more than 2 per hour"),
        (FlatLine(length=12), "12 equal samples"),
        (FlatLine(length=12, tolerance=0.5), "12 samples within 0.5"),
        (Spike(height=5, width=1, direction="up"), "spikes up over 5, up to 1 sample"),
        (RollingVariance(reach=1, low=1, high=2), "deviation of 3 steps below 1 or above 2"),
        (GapNeighbours(before=2, after=1), "steps 2 before and 1 after each gap"),
        (GapNeighbours(before=0, after=1, least=3), "steps 1 after gaps of 3 steps or more"),
        (
            Periodic(every=60, width=15, phase=5, unit="minutes"),
            "15 of every 60 minutes, from 5 on",
        ),
        (Quantile(share=0.01), "lowest and highest 1 %"),
        (FirstLast(first=1), "first 1 step"),
        (FirstLast(first=3, last=2), "first 3 and last 2 steps"),
        (Clipping(tolerance=0.01), "at the highest or lowest value within 1 %, 5 times or more"),
        (Disagreement(), "over 6 deviations from the channels' median"),
        (Disagreement(against="channel", channel="b"), "over 6 deviations from b"),
    ],
)
def test_each_rule_says_what_it_does_in_a_few_words(rule, words):
    assert rule.summary() == words


@pytest.mark.parametrize(
    ("share", "values", "limit"),
    [
        (0.1, range(100), 89),
        (0.0001, range(100), 98),
        (0.1, [7.0], 7),
        (0.1, [NAN, np.inf], 1),
        (0.5, [1.23456, 2.0], 1.23),
        (0.5, [-1.23456, 2.0], -1.23),
        (0.5, [0.0, 5.0], 0),
        (0.5, [1.7e308, 1.75e308], 1.7e308),
        (0.5, [5e-324, 1.0], 5e-324),
    ],
)
def test_a_limit_is_round_and_exceeded_by_a_share_of_the_values(share, values, limit):
    assert exceeded_by(share, np.array(values, dtype=float)) == limit


def test_rain_that_rests_at_nothing_gets_no_new_layer_for_outliers_or_flat_lines():
    random = np.random.default_rng(0)
    rain = np.where(random.random(400) < 0.05, random.random(400), 0.0)
    panel = channels_of(temp=random.normal(size=400), rain=rain)
    assert Outlier.aimed(panel) == FlatLine.aimed(panel) == ("temp",)
    assert FlatLine.suggested(panel).length == 6
    alone = channels_of(rain=rain)
    assert FlatLine.aimed(alone) == ("rain",)
    assert FlatLine.suggested(alone).length > 6


def test_channels_that_look_like_measures_of_one_thing_are_compared_first():
    random = np.random.default_rng(0)
    wave = np.sin(np.arange(200) / 9)[:, None]
    values = wave * [1, 1.1, 900] + random.normal(size=(200, 3)) * 0.1 + [0, 0.5, 40]
    panel = channels_of(a=values[:, 0], b=values[:, 1], c=values[:, 2])
    assert Disagreement.aimed(panel) == ("a", "b")
    assert not Disagreement.suggested(panel).scaled
    units = replace(panel, units={"a": "°F", "b": "%"})
    assert Disagreement.aimed(units) == ("a", "b", "c")
    assert Disagreement.suggested(units).scaled
