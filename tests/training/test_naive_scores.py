"""Naive baselines are what a walk over every window and cell says."""

from __future__ import annotations

import numpy as np
import pytest
from training_cases import HOUR, layer, panel_of, prepared, recipe, waves

from masklab.data.series import Panel
from masklab.split import VALIDATION
from masklab.training.baselines import baseline_scores
from masklab.training.predictions import predicted_rows
from masklab.training.season import season

HIDDEN = recipe(layer("mcar", rate=0.35, seed=4))
FORECAST = {"kind": "forecast", "window": 30, "horizon": 5, "targets": ["b"]}
RECONSTRUCT = {"kind": "reconstruct", "window": 12, "rate": 0.4, "pattern": "blocks", "length": 4}


def slow_forecast(shared, name, start, row, target):
    known = {
        one: shared.values[one, target]
        for one in range(start, start + shared.task.window)
        if shared.observed[one, target]
    }
    mean = shared.scaler.scaled_mean[0, target]
    if name == "seasonal_naive":
        for one in range(row - 24, start - 1, -24):
            if one in known:
                return known[one]
    if name == "mean" or not known:
        return mean
    return known[max(known)]


def slow_reconstruct(shared, name, start, row, target):
    known = [r for r in range(start, start + shared.task.window) if shared.observed[r, target]]
    before = [r for r in known if r < row]
    after = [r for r in known if r > row]
    value = shared.values[:, target]
    if name == "linear" and before and after:
        left, right = max(before), min(after)
        times = shared.clock[[left, right]]
        return np.interp(shared.clock[row], times, value[[left, right]])
    if name == "linear" and after and not before:
        return value[min(after)]
    if name == "mean" or not before:
        return shared.scaler.scaled_mean[0, target]
    return value[max(before)]


@pytest.mark.parametrize(
    ("task", "slow"), [(FORECAST, slow_forecast), (RECONSTRUCT, slow_reconstruct)]
)
def test_baselines_are_those_of_the_slow_walk(task, slow):
    panel = waves(700, missing=0.1)
    gappy = panel_of(panel.values, skip={515: 2, 560: 30})
    shared = prepared(gappy, task=task, recipe=HIDDEN)
    found = baseline_scores(shared)
    for name, (scaled, original) in found.items():
        absolute, squared, raw = [], [], []
        for start, rows in zip(
            shared.starts(VALIDATION), predicted_rows(shared, VALIDATION), strict=True
        ):
            for row in rows:
                for place, target in enumerate(shared.targets):
                    if shared.common[row, place]:
                        error = slow(shared, name, start, row, target) - shared.values[row, target]
                        absolute.append(abs(error))
                        squared.append(error**2)
                        raw.append(abs(error) * shared.scaler.scale[0, target])
        assert scaled.count == len(absolute)
        assert scaled.mae == pytest.approx(np.mean(absolute), rel=1e-6), name
        assert scaled.mse == pytest.approx(np.mean(squared), rel=1e-6), name
        assert original.mae == pytest.approx(np.mean(raw), rel=1e-6), name


def test_a_forecast_has_a_seasonal_baseline_only_where_a_season_fits():
    assert set(baseline_scores(prepared(task=FORECAST))) == {"last_value", "mean", "seasonal_naive"}
    short = {**FORECAST, "window": 20}
    assert set(baseline_scores(prepared(task=short))) == {"last_value", "mean"}
    assert set(baseline_scores(prepared(task=RECONSTRUCT))) == {"last_value", "mean", "linear"}


def test_naive_baselines_are_exact_where_they_should_be():
    line = panel_of(np.arange(600.0)[:, None])
    assert baseline_scores(prepared(line, task=RECONSTRUCT))["linear"][0].mae < 0.03  # edges only
    cycle = panel_of(np.tile(np.arange(24.0), 30)[:, None])
    task = {"kind": "forecast", "window": 24, "horizon": 30}
    assert baseline_scores(prepared(cycle, task=task))["seasonal_naive"][0].mae == 0


@pytest.mark.parametrize(
    ("step", "window", "steps"),
    [(1, 48, 24), (1, 20, None), (24, 30, 7), (24 * 7, 52, 52), (24 * 7, 40, None), (5, 200, None)],
)
def test_the_season_is_a_day_a_week_or_a_year(step, window, steps):
    values = np.zeros((50, 1))
    clock = np.datetime64("2024-01-01", "us") + np.arange(50) * step * HOUR
    panel = Panel(("a",), np.array([0, 50]), clock, values, ("a",))
    assert season(panel, window) == steps


def test_a_clock_that_counts_steps_has_no_season():
    clock = np.datetime64("1970-01-01", "us") + np.arange(50) * np.timedelta64(1, "s")
    panel = Panel(("a",), np.array([0, 50]), clock, np.zeros((50, 1)), ("a",), clock_kind="step")
    assert season(panel, 100_000) is None
