"""MASE against a slow loop and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_cases import experiment, layer, panel_of, prepared, recipe, waves

from masklab.split import TRAINING, VALIDATION
from masklab.training.baselines import baseline_scores
from masklab.training.loop import Run
from masklab.training.predictions import predicted_rows

NEXT = {"kind": "forecast", "window": 1, "horizon": 1}
HIDDEN = recipe(layer("mcar", rate=0.3, seed=1))


def slow_step(panel, shared, series, target):
    """The mean step in original units; over all series for None. Needs no laid-in rows."""
    steps = []
    for row in range(1, panel.rows):
        of = panel.series_of_row[[row - 1, row]]
        beside = of[0] == of[1] and series in (None, of[0])
        near = panel.clock[row] - panel.clock[row - 1] == np.timedelta64(3600, "s")
        trains = (shared.parts[[row - 1, row]] == TRAINING).all()
        if beside and near and trains and shared.observed[[row - 1, row], target].all():
            steps.append(abs(panel.values[row, target] - panel.values[row - 1, target]))
    return np.mean(steps) if steps and sum(steps) else None


@pytest.mark.parametrize("over", ["all", "series"])
def test_mase_is_that_of_a_walk_over_all_scored_cells(over):
    one, two = waves(300, missing=0.1), waves(300, missing=0.1, seed=3)
    panel = panel_of(one.values, 100 * two.values, skip={40: 3, 390: 30})
    settings = {
        "recipe": HIDDEN,
        "split": {"by": "series", "validation_series": ["s1"]},
        "training": {"scaling_over": over},
    }
    for split in ({}, {"split": settings.pop("split")}):
        plan = settings | split
        shared = prepared(panel, **plan)
        setup = experiment(**plan)
        run = Run(shared, setup.strategies[1], 0, setup.model, setup.training)
        reports = run.reports()
        report = next(reports)
        found = run.predictions()
        error, known = [], {}
        for window, rows in enumerate(predicted_rows(shared, VALIDATION)):
            for step, row in enumerate(rows):
                for place, target in enumerate(shared.targets):
                    if found.common[window, step, place]:
                        size = slow_step_of(
                            known, panel, shared, int(panel.series_of_row[row]), target
                        )
                        gap = (
                            found.predicted[window, step, place] - found.truth[window, step, place]
                        )
                        error.append(abs(gap) / size)
        assert report.common.count == len(error)
        assert report.common.mase == pytest.approx(np.mean(error), rel=1e-5)
        assert report.common_original.mase == report.common.mase


def slow_step_of(known, panel, shared, series, target):
    key = (series, target)
    if key not in known:
        own = slow_step(panel, shared, series, target)
        known[key] = own or slow_step(panel, shared, None, target)
    return known[key]


@given(st.integers(0, 1000), st.floats(0.05, 0.6), st.sampled_from(["all", "series"]))
def test_the_naive_forecast_scores_1_on_the_pairs_that_make_the_step(seed, rate, over):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(120, 1)).cumsum(axis=0)
    panel = panel_of(values, 50 * values[::-1], skip={30: 4, 150: 2})
    shared = prepared(
        panel, ["carry"], task=NEXT, recipe=recipe(layer("mcar", rate=rate, seed=seed)),
        training={"scaling_over": over},
    )  # fmt: skip
    for scores in baseline_scores(shared, TRAINING)["last_value"]:
        assert scores.mase == pytest.approx(1, rel=1e-5)


def test_a_target_that_never_changes_leaves_mase_undefined_and_says_so():
    values = waves(300).values.copy()
    values[:, 1] = 7.0
    shared = prepared(panel_of(values))
    assert any("MASE is not defined" in note and "'b'" in note for note in shared.notes)
    assert np.isnan(baseline_scores(shared)["mean"][0].mase)
    only = prepared(panel_of(values), task={**NEXT, "targets": ["a"]})
    assert np.isfinite(baseline_scores(only)["mean"][0].mase)
    assert not any("MASE" in note for note in only.notes)


def test_a_series_that_never_changes_takes_the_step_over_all_series():
    values = waves(300).values
    shared = prepared(panel_of(values, np.full_like(values, 3.0)))
    assert np.isfinite(shared.naive.size).all()
    assert any("over all series" in note and "MASE" in note for note in shared.notes)
