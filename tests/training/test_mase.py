"""MASE against a slow loop and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from training_cases import HOUR, experiment, layer, panel_of, prepared, recipe, waves

from masklab.split import TRAINING
from masklab.training.baselines import baseline_scores
from masklab.training.loop import Run
from masklab.training.prepare import prepare

NEXT = {"kind": "forecast", "window": 1, "horizon": 1}
HIDDEN = recipe(layer("mcar", rate=0.3, seed=1))


class Walk:
    """The panel row by row: the mean step of a series and target, in original units."""

    def __init__(self, plan, panel):
        self.panel, self.known = panel, {}
        self.parts = plan.split.parts(panel)
        self.observed = plan.recipe.apply(panel, self.parts).observed

    def step(self, row, target):
        """The step that MASE divides an error in this cell by."""
        key = int(self.panel.series_of_row[row]), target
        if key not in self.known:
            self.known[key] = self._mean(*key) or self._mean(None, target)
        return self.known[key]

    def _mean(self, series, target):
        panel, steps = self.panel, []
        for row in range(1, panel.rows):
            both = [row - 1, row]
            beside = {series} if series is not None else set(panel.series_of_row[[row]].tolist())
            near = panel.clock[row] - panel.clock[row - 1] == HOUR
            trains = (self.parts[both] == TRAINING).all() and self.observed[both, target].all()
            if set(panel.series_of_row[both].tolist()) == beside and near and trains:
                steps.append(abs(panel.values[row, target] - panel.values[row - 1, target]))
        return np.mean(steps) if steps else None

    def mase(self, found, predicted):
        """Mean over the common cells of `found` of the error of `predicted`, each in its steps."""
        errors = []
        for window, step, place in np.argwhere(found.common).tolist():
            row = int(found.rows[window, step])
            error = predicted(window, step, place) - self.panel.values[row, place]
            errors.append(abs(error) / self.step(row, place))
        return np.mean(errors), len(errors)


LAID_IN = {
    "nothing laid in": {},
    "gaps filled": {"longest_gap": 9},
    "short stretches padded": {"shortest": 8},
    "both": {"longest_gap": 9, "shortest": 8},
}


@pytest.mark.parametrize("laid_in", LAID_IN.values(), ids=LAID_IN)
@pytest.mark.parametrize("over", ["all", "series"])
@pytest.mark.parametrize("task", ["forecast", "reconstruct"])
@pytest.mark.parametrize("split", [{}, {"by": "series", "validation_series": ["s1", "s3"]}])
def test_mase_is_that_of_a_walk_over_all_scored_cells(split, task, over, laid_in):
    # Steps laid into the first series move the rows of all behind it by more than a window.
    long, short = (waves(rows, missing=0.1, seed=rows).values for rows in (160, 20))
    gaps = dict.fromkeys(range(20, 120, 20), 9) | {190: 30, 345: 5}
    panel = panel_of(long, 100 * long[::-1], 7 * short, 20 * long + 3, skip=gaps)
    plan = experiment(
        ["mean_fill"], task={"kind": task, "window": 24}, recipe=HIDDEN, split=split,
        training={"scaling_over": over, "epochs": 1, **laid_in},
    )  # fmt: skip
    shared, walk = prepare(plan, panel), Walk(plan, panel)
    assert bool(laid_in) == (shared.source is not None)
    run = Run(shared, plan.strategies[0], 0, plan.model, plan.training)
    report, found = next(run.reports()), run.predictions()
    mase, count = walk.mase(found, lambda *cell: found.predicted[cell])
    assert report.common.count == count
    assert report.common.mase == pytest.approx(mase, rel=1e-5)
    assert report.common_original.mase == report.common.mase
    means = np.nanmean(np.where(walk.observed & (walk.parts == TRAINING)[:, None], panel.values, np.nan), axis=0)  # fmt: skip
    if over == "all":
        mase, _ = walk.mase(found, lambda window, step, place: means[place])
        assert baseline_scores(shared)["mean"][0].mase == pytest.approx(mase, rel=1e-5)


def test_steps_laid_in_change_no_naive_step():
    panel = panel_of(
        waves(160).values, 9 * waves(20).values, waves(160, seed=1).values, skip={40: 3}
    )
    plain = prepared(panel)
    laid = prepared(panel, training={"longest_gap": 9, "shortest": 8})
    assert laid.source is not None
    np.testing.assert_array_equal(laid.naive.size, plain.naive.size)
    inside = laid.source >= 0
    of = laid.naive.series(np.arange(len(laid.source)))[inside]
    np.testing.assert_array_equal(of, panel.series_of_row)


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


def test_steps_that_are_rounding_errors_are_none():
    values = waves(300).values.copy()
    values[:, 1] = np.where(np.arange(300) % 2, 0.3, 0.1 + 0.2)
    assert len(np.unique(values[:, 1])) == 2
    shared = prepared(panel_of(values))
    assert np.isnan(shared.naive.size).tolist() == [[False, True]]


def test_small_series_keep_their_steps_beside_a_huge_one():
    small = waves(300).values * 1e-8
    shared = prepared(panel_of(1e9 + 1e9 * small, small), training={"scaling_over": "series"})
    assert not any("MASE" in note for note in shared.notes)
    together = shared.naive.size[1] * shared.scaler.scale[1]
    own = np.nanmean(np.abs(np.diff(small, axis=0)), axis=0)
    assert together == pytest.approx(own, rel=0.2)
