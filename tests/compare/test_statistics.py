"""Intervals and probabilities of paired differences, against SciPy and closed forms."""

from __future__ import annotations

import itertools
import math
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from masklab.compare import student
from masklab.compare.intervals import LEVEL, RESAMPLED_FROM, locate, studentised
from masklab.compare.statistics import ENOUGH, MOST, POWER, differences, seeds_to_tell
from masklab.errors import ExperimentError

FIVE = np.array([-0.11, -0.2, -0.16, -0.31, 0.03])
TAIL = (1 - LEVEL) / 2


def scores(**by_strategy: list[float] | dict[int, float]) -> pd.DataFrame:
    rows = [
        (name, seed, score)
        for name, given in by_strategy.items()
        for seed, score in (given.items() if isinstance(given, dict) else enumerate(given))
    ]
    return pd.DataFrame(rows, columns=["strategy", "seed", "score"])


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 8, 9, 30, 101])
def test_student_s_t_is_scipy_s(freedom: int) -> None:
    for t in (-math.inf, -60, -4, -0.3, 0, 0.02, 1, 2.5, 17, math.inf):
        assert student.cdf(t, freedom) == pytest.approx(stats.t.cdf(t, freedom), abs=1e-14)
    for share in (1e-4, 0.025, 0.3, 0.5, 0.8, 0.975, 0.9999):
        expected = stats.t.ppf(share, freedom)
        assert student.quantile(share, freedom) == pytest.approx(expected, rel=1e-10, abs=1e-12)


@pytest.mark.parametrize("values", [[-0.1, -0.3], [-0.1, -0.2, -0.15], [0.4, -0.2, 0.1, 0.3]])
def test_under_five_values_the_interval_is_student_s(values: list[float]) -> None:
    found = locate(np.array(values))
    expected = stats.t.interval(
        LEVEL, len(values) - 1, loc=np.mean(values), scale=stats.sem(values)
    )
    assert (found.low, found.high) == pytest.approx(expected)
    one_sided = stats.ttest_1samp(values, 0, alternative="less").pvalue
    assert found.below == pytest.approx(1 - one_sided)


def test_resampled_t_s_are_those_of_every_resample() -> None:
    every = np.array(list(itertools.product(FIVE, repeat=5)))
    with np.errstate(divide="ignore"):
        spread = every.std(axis=1, ddof=1)
        spread[spread < 1e-15] = 0
        t = (every.mean(axis=1) - FIVE.mean()) / spread * math.sqrt(5)
    drawn = studentised(FIVE)
    for share in (0.025, 0.1, 0.5, 0.9, 0.975):
        # The share of all 3,125 resamples below the drawn quantile: three standard errors.
        found = np.quantile(drawn, share, method="inverted_cdf")
        near = 3 * math.sqrt(share * (1 - share) / len(drawn))
        assert np.mean(t < found) - near <= share <= np.mean(t <= found) + near
    place = locate(FIVE)
    error = stats.sem(FIVE)
    below = np.mean(t > FIVE.mean() / error)
    assert place.below == pytest.approx(below, abs=0.005)
    ends = np.quantile(t, [1 - TAIL, TAIL], method="inverted_cdf")
    assert (place.low, place.high) == pytest.approx(FIVE.mean() - ends * error, abs=0.03)


@pytest.mark.parametrize("count", [5, 10])
def test_the_resampled_interval_is_scipy_s_bootstrap_of_t(count: int) -> None:
    values = np.random.default_rng(count).gamma(2, size=count) - 1

    def t(drawn: np.ndarray, axis: int = -1) -> np.ndarray:
        spread = np.maximum(drawn.std(axis=axis, ddof=1), 1e-9)
        return (drawn.mean(axis=axis) - values.mean()) / spread * math.sqrt(count)

    drawn = stats.bootstrap(
        (values,), t, n_resamples=50_000, batch=5_000, method="percentile", rng=7
    ).bootstrap_distribution
    error, place = stats.sem(values), locate(values)
    expected = values.mean() - np.quantile(drawn, [1 - TAIL, TAIL]) * error
    assert (place.low, place.high) == pytest.approx(expected, abs=0.25 * error)
    assert place.below == pytest.approx(np.mean(drawn > values.mean() / error), abs=0.01)


@settings(deadline=None)
@example(values=[-2.0, 1.0, 1.0, 0.0, 0.0], random=Random(0))  # noqa: S311 - nothing secret
@given(st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=2, max_size=9), st.randoms())
def test_neither_order_nor_side_nor_unit_changes_an_interval(values, random) -> None:
    place = locate(np.array(values))
    shuffled = random.sample(values, len(values))
    again, mirrored = locate(np.array(shuffled)), locate(-np.array(values))
    scaled = locate(1_024.0 * np.array(values))
    ends = (place.low, place.high)
    assert (again.low, again.high) == pytest.approx(ends, abs=1e-9)
    assert (-mirrored.high, -mirrored.low) == pytest.approx(ends, abs=1e-9)
    assert (scaled.low / 1_024, scaled.high / 1_024) == pytest.approx(ends, abs=1e-9)
    assert place.low <= place.mean <= place.high
    assert 0 <= place.below <= 1


@settings(deadline=None)
@given(st.lists(st.floats(-2, 2).map(lambda x: round(x, 3)), min_size=2, max_size=9))
def test_the_interval_leaves_0_out_where_the_probability_says_so(values) -> None:
    place = locate(np.array(values))
    if place.std > 0 and abs(place.below - TAIL) > 1e-3 and abs(place.below - 1 + TAIL) > 1e-3:
        assert (place.high < 0) == (place.below > 1 - TAIL)
        assert (place.low > 0) == (place.below < TAIL)


def test_nearly_equal_values_have_an_interval_all_the_same() -> None:
    values = np.array([0.1, 0.1, 0.1, 0.1, 0.1, 0.3])
    found = locate(values)
    assert np.isfinite([found.low, found.high]).all()
    assert found.low < values.mean() < found.high


def test_differences_are_paired_by_seed_and_lacking_seeds_counted() -> None:
    table = scores(
        carry={0: 5.0, 1: 6.0, 2: 9.0, 4: 1.0}, reset={0: 4.0, 1: 4.5, 2: 8.0, 3: 7.0, 5: math.nan}
    )
    (found,) = differences(table, "carry")
    assert (found.strategy, found.baseline, found.seeds) == ("reset", "carry", (0, 1, 2))
    assert found.values == (-1.0, -1.5, -1.0)
    assert found.left_out == 2  # seed 4 and seed 3; seed 5 has no score
    assert found.mean == pytest.approx(-3.5 / 3)
    assert found.std == pytest.approx(np.std([-1, -1.5, -1], ddof=1))
    assert (found.n, found.verdict, found.more) == (3, "better", None)
    (other,) = differences(table, "reset")
    assert (other.mean, other.verdict) == (-found.mean, "worse")
    assert other.probability == pytest.approx(1 - found.probability)


def test_equal_to_the_last_digit_is_no_certainty() -> None:
    (found,) = differences(scores(a=[1.0, 2.0, 3.0], b=[1.0, 2.0, 3.0]), "a")
    assert found.verdict == "same"
    assert math.isnan(found.probability)
    assert (found.low, found.high, found.more) == (0, 0, None)


def test_an_interval_that_holds_0_does_not_tell() -> None:
    (found,) = differences(scores(a=[1.0, 1.0, 1.0], b=[0.9, 1.1, 0.7]), "a")
    assert (found.verdict, found.tells) == ("unclear", False)
    assert found.low < 0 < found.high
    assert found.more == seeds_to_tell(found.mean, found.std) - 3


@pytest.mark.parametrize("count", [1, 2])
def test_under_three_seeds_nothing_is_called_better(count: int) -> None:
    (found,) = differences(scores(a=[1.0, 1.01][:count], b=[0.5, 0.52][:count]), "a")
    assert found.verdict == "few"
    assert count >= 2 or (math.isnan(found.probability) and found.more is None)


def test_seeds_that_share_nothing_give_no_difference() -> None:
    (found,) = differences(scores(a={0: 1.0}, b={1: 2.0}), "a")
    assert (found.n, found.left_out, found.verdict) == (0, 2, "few")
    assert math.isnan(found.mean)


def test_a_naive_baseline_is_a_level() -> None:
    table = scores(a=[1.0, 1.1, 0.9], b=[2.0, 2.1, 2.2])
    first, second = differences(table, "last_value", level=1.5)
    assert first.values == pytest.approx((-0.5, -0.4, -0.6))
    assert (first.verdict, second.verdict) == ("better", "worse")
    assert first.left_out == 0


def test_a_baseline_without_scores_is_said() -> None:
    with pytest.raises(ExperimentError, match="'reset' has no score to compare with; a, b has"):
        differences(scores(a=[1.0], b=[2.0]), "reset")
    assert differences(scores(), "x", level=1.0) == ()


def test_the_seeds_that_would_tell_grow_with_the_spread() -> None:
    assert seeds_to_tell(0.0, 1.0) is None
    assert seeds_to_tell(1.0, 0.0) is None
    assert seeds_to_tell(0.01, 1.0) is None
    few, many = seeds_to_tell(-1.0, 0.5), seeds_to_tell(-1.0, 1.0)
    assert ENOUGH <= few < many <= ENOUGH + MOST


@pytest.mark.slow
@pytest.mark.parametrize("effect", [0.6, 1.0, 2.0])
def test_the_seeds_named_tell_as_often_as_is_said(effect: float) -> None:
    count = seeds_to_tell(effect, 1.0)
    drawn = np.random.default_rng(3).normal(effect, 1.0, (600, count))
    told = np.mean([locate(values).low > 0 for values in drawn])
    # Rough: seeds are whole, quantiles don't add up, and of five seeds a bootstrap-t is the wider.
    assert POWER - 0.1 <= told <= POWER + 0.12


def test_as_few_values_as_are_said_are_resampled() -> None:
    values = np.array([-0.1, -0.2, -0.15, -0.3, 0.02, 0.01])
    for count in range(2, 7):
        some = values[:count]
        reach = stats.t.ppf(1 - TAIL, count - 1) * stats.sem(some)
        is_student = locate(some).high == pytest.approx(some.mean() + reach, rel=1e-9)
        assert is_student == (count < RESAMPLED_FROM)
