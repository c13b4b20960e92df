"""The forest of differences: every seed a dot, intervals where they tell, words that are only words."""

from __future__ import annotations

import pytest

from masklab.charts.forest import forest
from masklab.compare.statistics import differences
from tests.compare.test_statistics import scores

SCORES = scores(a=[0.5, 0.52, 0.49], b=[0.4, 0.41, 0.42], c=[0.5, 0.52, 0.49], d={0: 0.9})
INK = "#565A63"


def figure(**changes):
    given = {"baseline": "a", "metric": "RMSE", "unit": "°F", "ink": INK} | changes
    return forest(differences(SCORES, "a"), **given)


def test_every_seed_is_a_dot_below_its_mean() -> None:
    dots = [trace for trace in figure().data if trace.marker.symbol == "circle-open"]
    assert [len(dot.x) for dot in dots] == [3, 3, 1]
    assert dots[0].x == pytest.approx((-0.1, -0.11, -0.07))
    assert list(dots[0].customdata) == [0, 1, 2]
    assert "°F" in dots[0].hovertemplate
    means = [trace for trace in figure().data if trace.marker.symbol == "diamond"]
    assert [mean.x[0] for mean in means] == pytest.approx([-0.28 / 3, 0, 0.4])
    assert all(mean.y[0] < dot.y[0] < mean.y[0] + 0.5 for mean, dot in zip(means, dots, strict=True))  # fmt: skip


def test_intervals_stand_where_there_is_a_verdict() -> None:
    bars = [trace for trace in figure().data if trace.mode == "lines+markers"]
    (found, *_) = differences(SCORES, "a")
    assert len(bars) == 1  # equal runs have none, nor has a single seed
    assert bars[0].x == (found.low, found.high)


def test_axis_rows_and_sides_are_named() -> None:
    drawn = figure()
    assert drawn.layout.xaxis.title.text == "Difference in RMSE from a (°F)"
    assert list(drawn.layout.yaxis.ticktext) == ["b (n = 3) ", "c (n = 3) ", "d (n = 1) "]
    top, bottom = sorted(drawn.layout.yaxis.range)
    assert top < 0 < len(drawn.layout.yaxis.ticktext) - 1 < bottom
    assert [one.text for one in drawn.layout.annotations] == ["← better than a", "worse →"]
    low, high = drawn.layout.xaxis.range
    assert low < -0.11
    assert high > 0.4


def test_words_of_a_user_s_are_no_markup() -> None:
    drawn = figure(baseline="<b>x</b>", unit="<i>", words={"b": ["<s>1", "2"]})
    beside = drawn.layout.annotations[2]
    assert (beside.text, beside.y) == ("&lt;s&gt;1<br>2", 0)
    assert "&lt;b&gt;x&lt;/b&gt; (&lt;i&gt;)" in drawn.layout.xaxis.title.text
    assert {one.font.color for one in drawn.layout.annotations} == {INK}


def test_without_differences_there_is_an_axis_all_the_same() -> None:
    drawn = forest((), baseline="a", metric="MAE", unit="", ink=INK)
    assert len(drawn.data) == 0
    assert drawn.layout.xaxis.title.text == "Difference in MAE from a"
    assert drawn.layout.height > 100
