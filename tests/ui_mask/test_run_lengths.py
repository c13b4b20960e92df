"""The lengths of hidden stretches: their bars, their words, and the rate beside the one asked."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.charts.run_lengths import Lengths, bins, run_length_chart, short_time
from masklab.data.series import Panel
from masklab.masks.coverage import layer_counts, selected_lengths
from masklab.masks.generators.bursts import Bursts
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.morphology.grow import Grow
from masklab.ui.run_lengths import in_words, realised
from tests.ui_mask.panel import opened, texts

lengths = st.lists(st.integers(1, 5000), min_size=1, max_size=30).map(np.array)


def panel_of(values, lengths=None, minutes=60) -> Panel:
    array = np.array(values, dtype=float).reshape(-1, 1)
    lengths = lengths or [len(array)]
    clock = np.datetime64("2024-01-01", "us") + np.arange(len(array)) * np.timedelta64(minutes, "m")
    names = tuple(f"s{index}" for index in range(len(lengths)))
    return Panel(names, np.cumsum([0, *lengths]), clock, array, ("a",))


def test_short_lengths_have_a_bar_each_and_long_ones_double():
    assert bins(3) == [(1, 1), (2, 2), (3, 3)]
    assert bins(13) == [(1, 1), (2, 3), (4, 7), (8, 15)]
    assert bins(0) == []


@settings(deadline=None)
@given(lengths, lengths)
def test_every_stretch_is_in_one_bar_and_bars_come_to_a_hundred_per_cent(one, other):
    shown = {"This layer": Lengths.of(one), "The file's gaps": Lengths.of(other)}
    figure = run_length_chart(shown, step_seconds=600.0, about=False, ink="#565A63")
    assert [trace.name for trace in figure.data] == list(shown)
    for trace in figure.data:
        assert sum(trace.y) == pytest.approx(100)
        assert len(trace.y) == len(trace.customdata) == len(bins(int(max(one.max(), other.max()))))
    assert figure.layout.xaxis.title.text == "Length (steps of 10 min)"
    assert figure.layout.yaxis.title.text == "Stretches (%)"
    assert len(figure.layout.xaxis.tickvals) <= 6


def test_a_bar_tells_its_length_in_steps_and_time_and_how_many_there_are():
    figure = run_length_chart(
        {"a": Lengths.of(np.array([1, 5, 6, 40]))}, step_seconds=3600.0, about=True, ink="red"
    )
    assert figure.data[0].customdata[2] == "4–7 steps (4 h to 7 h)<br>50.0 % of stretches: 2 of 4"
    assert figure.layout.xaxis.title.text == "Length (steps of about 1 h)"
    steps = run_length_chart(
        {"a": Lengths.of(np.array([2]))}, step_seconds=None, about=False, ink="red"
    )
    assert steps.layout.xaxis.title.text == "Length (steps)"
    assert steps.data[0].customdata[0] == "1 step<br>0.0 % of stretches: 0 of 1"
    assert not run_length_chart({}, step_seconds=None, about=False, ink="red").data


def test_stretches_can_count_for_more_than_others():
    weighed = Lengths.of(np.array([1, 3]), np.array([3.0, 1.0]))
    assert weighed.mean == 1.5
    figure = run_length_chart({"a": weighed}, step_seconds=None, about=False, ink="red")
    assert list(figure.data[0].y) == [75, 0, 25]


@settings(deadline=None)
@given(st.lists(st.integers(1, 20) | st.integers(10_000_001, 10_000_003), max_size=20))
def test_lengths_are_counted_whatever_their_size(stretches):
    found = Lengths.of(np.array(stretches, dtype=np.int64))
    counted = Counter(stretches)
    assert dict(zip(found.steps.tolist(), found.counts.tolist(), strict=True)) == counted
    assert found.count == len(stretches)
    assert found.longest == max(stretches, default=0)
    assert found.mean == pytest.approx(np.mean(stretches) if stretches else 0)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [(0.0005, "0.5 ms"), (1, "1 s"), (600, "10 min"), (4680, "1.3 h"), (86400 * 365, "365 d")],
)
def test_times_are_told_in_the_largest_unit_they_fill(seconds, told):
    assert short_time(seconds) == told


def test_what_the_file_lacks_neither_counts_nor_ends_a_selected_stretch():
    panel = panel_of([0, 1, np.nan, 1, 0, 1, 1, 1], [6, 2])
    rule = {"kind": "value_range", "low": 1, "side": "inside"}
    (step,) = MaskRecipe(layers=(Layer.model_validate({"rule": rule}),)).steps(panel)
    assert selected_lengths(panel, step).tolist() == [2, 1, 2]
    nothing = MaskRecipe(layers=(Layer(rule=Grow()),)).steps(panel)
    assert selected_lengths(panel, next(iter(nothing))).tolist() == []


def test_lengths_in_words():
    panel = panel_of(np.zeros(100))
    assert in_words(Lengths.of(np.array([1, 2, 48])), panel) == (
        "3 stretches, 17 steps on average; the longest: 48 steps = 2 days."
    )
    assert in_words(Lengths.of(np.array([1])), panel).startswith("1 stretch, 1 step on")
    assert in_words(Lengths.of(np.zeros(0, dtype=np.int64)), panel) == "no stretch."


def test_the_rate_that_was_drawn_stands_beside_the_one_asked():
    panel = panel_of([*np.zeros(18), np.nan, np.nan])

    def told(rule) -> str:
        layer = Layer(rule=rule)
        (count,) = layer_counts(MaskRecipe(layers=(layer,)), panel)
        return realised(layer, count)

    assert told(Mcar(rate=0.5)) == "Asked: 50 %. Drawn: 9 of 18 cells that it can change, 50.0 %."
    assert "9 of 18 steps that it can change" in told(Bursts(rate=0.5, together=True))
    assert told(LikeNative()) == (
        "Asked: as much as the file lacks of each channel. "
        "Drawn: 2 of 18 cells that it can change, 11.1 %."
    )
    assert told(Grow()) == ""


def test_the_open_layer_shows_its_rate_and_how_long_its_stretches_are():
    at = opened(Layer(rule=Bursts(rate=0.25, mean_length=4)))
    assert "Asked: 25 %. Drawn: 50 of 200 cells that it can change, 25.0 %." in texts(at)
    assert "This layer: " in texts(at)
    assert len(at.get("plotly_chart")) == 1


def test_a_layer_that_is_off_shows_neither():
    at = opened(Layer(rule=Bursts(rate=0.25), enabled=False))
    assert "Asked" not in texts(at)
    assert not at.get("plotly_chart")
