"""What generators do on average: chances, lengths and shares against closed forms and models."""

from __future__ import annotations

import numpy as np
import pytest
from test_generators import everywhere, panel_of

from masklab.data.series import Panel
from masklab.masks.coverage import run_histogram
from masklab.masks.draw import leaning, random_keys, smallest
from masklab.masks.generators.bursts import Bursts
from masklab.masks.generators.dropout_channel import DropoutChannel
from masklab.masks.generators.like_native import LikeNative
from masklab.masks.generators.mar import Mar
from masklab.masks.generators.mnar import Mnar
from masklab.masks.generators.mnar_time import MnarTime
from masklab.masks.generators.tail import Tail
from masklab.masks.mask import runs
from masklab.masks.native_gaps import native_gaps

pytestmark = pytest.mark.slow


def logistic(lean: np.ndarray, rate: float) -> np.ndarray:
    """Return the chances of the logistic model with this mean; its intercept by bisection."""
    low, high = -100.0, 100.0
    for _ in range(100):
        middle = (low + high) / 2
        chances = 1 / (1 + np.exp(-(middle + lean)))
        low, high = (middle, high) if chances.mean() < rate else (low, middle)
    return chances


def assert_chances(count: np.ndarray, chances: np.ndarray, draws: int) -> None:
    """Hold how often each cell was drawn against its chance: five standard deviations, over all."""
    spread = np.sqrt(draws * chances * (1 - chances)) + 1
    assert (np.abs(count - draws * chances) / spread).max() < 5
    assert np.mean(((count - draws * chances) / spread) ** 2) < 1.3


@pytest.mark.parametrize("rate", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("strength", [0.0, 2.0, 6.0])
def test_leaning_draws_have_the_chances_of_the_logistic_model(rate, strength):
    lean = strength * np.random.default_rng(1).normal(size=400)
    count = sum(
        smallest(leaning(random_keys(400, seed), lean), round(rate * 400)) for seed in range(2000)
    )
    assert_chances(count, logistic(lean, rate), 2000)


def test_mar_follows_its_driver_and_mnar_its_own_value():
    panel = panel_of([300], channels=2)
    z = (panel.values - panel.values.mean(axis=0)) / panel.values.std(axis=0)
    draws = 1500
    for rule, lean in (
        (Mar(rate=0.3, driver="c0"), 2 * z[:, 0]),
        (Mar(rate=0.3, driver="c0", direction="low"), -2 * z[:, 0]),
    ):
        count = sum(
            rule.model_copy(update={"seed": n}).select(everywhere(panel)) for n in range(draws)
        )
        assert not count[:, 0].any()
        assert_chances(count[:, 1], logistic(lean, 0.3), draws)
    for direction, lean in (("high", 2 * z), ("low", -2 * z), ("both", 2 * np.abs(z))):
        count = sum(
            Mnar(rate=0.3, direction=direction, seed=n).select(everywhere(panel))
            for n in range(draws)
        )
        assert_chances(count, logistic(lean, 0.3), draws)


def test_chances_rise_and_fall_with_the_cycle_by_the_clock_on_the_wall():
    panel = panel_of([24 * 7 * 20], channels=1)
    at_noon = MnarTime(rate=0.2, phase=0.5, strength=3.0).select(everywhere(panel))[:, 0]
    hours = np.arange(panel.rows) % 24
    shares = np.array([at_noon[hours == hour].mean() for hour in range(24)])
    expected = logistic(3.0 * np.cos(2 * np.pi * (hours / 24 - 0.5)), 0.2)[:24]
    assert np.abs(shares - expected).max() < 5 * np.sqrt(0.25 / 140)
    # 1 January 2024 was a Monday: 2/7 of the week on is Wednesday at midnight
    weekly = MnarTime(rate=0.2, unit="weeks", phase=2 / 7, strength=8.0).select(everywhere(panel))
    days = (np.arange(panel.rows) + 12) // 24 % 7  # the day whose midnight is nearest
    assert np.argmax([weekly[days == day].mean() for day in range(7)]) == 2


def test_summer_time_does_not_move_the_hour():
    clock = np.datetime64("2024-01-01", "us") + np.arange(24 * 366) * np.timedelta64(1, "h")
    panel = Panel(
        ("one",),
        np.array([0, len(clock)]),
        clock,
        np.zeros((len(clock), 1)),
        ("a",),
        timezone="Europe/Berlin",
    )
    selected = MnarTime(rate=0.04, phase=0.5, strength=20.0).select(everywhere(panel))[:, 0]
    # Noon in Berlin is 11 by UTC in winter and 10 in summer.
    hours = np.arange(len(clock)) % 24
    assert np.bincount(hours[:2000][selected[:2000]]).argmax() == 11
    assert np.bincount(hours[3000:6000][selected[3000:6000]]).argmax() == 10


@pytest.mark.parametrize(("rate", "mean"), [(0.02, 5.0), (0.3, 12.0), (0.6, 4.0), (0.5, 2.0)])
def test_outages_and_what_lies_between_have_geometric_lengths(rate, mean):
    panel = panel_of([400_000], channels=1)
    selected = Bursts(rate=rate, mean_length=mean).select(everywhere(panel))[:, 0]
    hidden = np.diff(runs(selected))[1:-1, 0]
    shown = np.diff(runs(~selected))[1:-1, 0]
    for lengths, expected in ((hidden, mean), (shown, mean * (1 - rate) / rate)):
        quit_ = 1 / expected
        assert lengths.mean() == pytest.approx(expected, rel=5 / np.sqrt(len(lengths)))
        for length in (1, 2, 3, 5):
            chance = quit_ * (1 - quit_) ** (length - 1)
            spread = np.sqrt(chance * (1 - chance) / len(lengths))
            assert abs((lengths == length).mean() - chance) < 5 * spread


def test_above_its_limit_outages_are_as_long_as_chance_makes_them():
    panel = panel_of([200_000], channels=1)
    selected = Bursts(rate=0.9, mean_length=3).select(everywhere(panel))[:, 0]
    lengths = np.diff(runs(selected))[1:-1, 0]
    assert lengths.mean() == pytest.approx(10, rel=5 / np.sqrt(len(lengths)))


@pytest.mark.parametrize(("rate", "mean"), [(0.2, 10.0), (0.8, 10.0), (0.97, 10.0)])
def test_outages_are_in_balance_from_the_first_row_on(rate, mean):
    panel = panel_of([6] * 5000, channels=1)
    selected = Bursts(rate=rate, mean_length=mean).select(everywhere(panel))[:, 0]
    shares = selected.reshape(-1, 6).mean(axis=0)
    assert np.abs(shares - rate).max() < 5 * np.sqrt(rate * (1 - rate) / 5000)


def test_stretches_like_the_files_own_have_their_lengths_even_at_a_high_rate():
    panel = panel_of([100_000], channels=2)
    values = panel.values.copy()
    rng = np.random.default_rng(5)
    for start in rng.integers(0, 99_000, 300):
        values[start : start + rng.choice([1, 2, 40]), 0] = np.nan
    panel = Panel(panel.names, panel.offsets, panel.clock, values, panel.channels)
    own = native_gaps(panel)["c0"]
    for amount in (1.0, 10.0):
        selected = LikeNative(amount=amount).select(everywhere(panel))[:, 1]
        drawn = run_histogram(np.diff(runs(selected))[:, 0])
        file = run_histogram(own.lengths)
        assert len(drawn) == len(file)
        shares = [table["runs"].to_numpy() / table["runs"].sum() for table in (drawn, file)]
        assert np.abs(shares[0] - shares[1]).max() < 5 * np.sqrt(0.25 / drawn["runs"].sum())


def test_every_place_is_as_likely_to_be_hidden_as_another():
    panel = panel_of([60], channels=1)
    values = panel.values.copy()
    values[[10, 30, 31]] = np.nan
    panel = Panel(panel.names, panel.offsets, panel.clock, values, panel.channels)
    count = sum(LikeNative(amount=3, seed=n).select(everywhere(panel)) for n in range(3000))
    inside = count[panel.native][3:-3] / 3000
    assert np.abs(inside - inside.mean()).max() < 5 * np.sqrt(0.15 * 0.85 / 3000)


def test_ends_are_cut_off_by_unequal_shares_and_channels_drop_out_alike_often():
    panel = panel_of([100] * 2000, channels=2)
    selected = Tail(rate=0.2).select(everywhere(panel)).all(axis=1).reshape(-1, 100)
    lengths = selected.sum(axis=1)
    assert (np.diff(selected.astype(int), axis=1) >= 0).all()
    assert lengths.mean() == 20
    # min(1, t w) with w uniform: at a fifth, t = 0.4 and lengths are uniform from 0 to 40
    assert np.abs(np.quantile(lengths, [0.25, 0.5, 0.75, 1]) - [10, 20, 30, 40]).max() <= 2
    dropped = DropoutChannel(apart=True).select(everywhere(panel))
    per_series = dropped.reshape(-1, 100, 2).all(axis=1)
    assert (per_series.sum(axis=1) == 1).all()
    assert abs(per_series[:, 0].mean() - 0.5) < 5 * np.sqrt(0.25 / 2000)
