"""Scores pool sums over an epoch, per cell, in scaled and in original units."""

from __future__ import annotations

import numpy as np
import pytest
from training_cases import layer, prepared, recipe, waves

from masklab.split import VALIDATION
from masklab.training.metrics import Truth
from masklab.training.predictions import predicted_rows


def truth(size=(4.0, 8.0), original=(40.0, 800.0), scale=(10.0, 100.0)):
    return Truth(np.array(size), np.array(original), np.array(scale))


def test_scores_are_the_closed_forms_in_both_units():
    sums = np.array([[2.0, 3.0], [2.0, 5.0], [2.0, 2.0], [2.0, 3.0], [2.0, 5.0], [4.0, 12.0]])
    scaled, original = truth().scores(sums)
    assert (scaled.mae, scaled.mse, scaled.count) == (5 / 4, 7 / 4, 4)
    assert scaled.rmse == pytest.approx((7 / 4) ** 0.5)
    assert scaled.mre == pytest.approx(5 / 12)
    assert original.mae == pytest.approx((2 * 10 + 3 * 100) / 4)
    assert original.mse == pytest.approx((2 * 100 + 5 * 10_000) / 4)
    assert original.mre == pytest.approx(320 / 840)
    assert scaled.mase == original.mase == 16 / 4


def test_trap_10_nothing_scored_gives_zeros_and_count_0():
    nothing = truth(size=(0.0, 0.0), original=(0.0, 0.0)).scores(np.zeros((6, 2)))
    for scores in nothing:
        assert (scores.mse, scores.mae, scores.rmse, scores.mre, scores.count) == (0, 0, 0, 0, 0)


def test_an_error_relative_to_nothing_is_not_defined():
    sums = np.array([[3.0, 0.0], [9.0, 0.0], [1.0, 0.0], [3.0, 0.0], [9.0, 0.0], [6.0, np.nan]])
    scaled, _ = truth(size=(0.0, 0.0), original=(0.0, 0.0)).scores(sums)
    assert (scaled.mae, scaled.count) == (3.0, 1)
    assert np.isnan(scaled.mre)
    assert scaled.mase == 6  # an undefined step of a target without scored cells plays no part


@pytest.mark.parametrize(
    "task",
    [
        {"kind": "forecast", "window": 24, "horizon": 3, "targets": ["b"]},
        {"kind": "reconstruct", "window": 24},
    ],
)
def test_the_truth_s_size_is_that_of_a_walk_over_all_windows(task):
    hidden = recipe(layer("mcar", rate=0.3, seed=1))
    shared = prepared(waves(missing=0.1), task=task, recipe=hidden)
    scale, shift = shared.scaler.scale[0], shared.scaler.shift[0]
    size = original = 0.0
    for rows in predicted_rows(shared, VALIDATION):
        for row in rows:
            for place, target in enumerate(shared.targets):
                if shared.common[row, place]:
                    value = float(shared.values[row, target])
                    size += abs(value)
                    original += abs(value * scale[target] + shift[target])
    found = Truth.of(shared, VALIDATION, shared.common)
    assert found.size.sum() == pytest.approx(size)
    assert found.original.sum() == pytest.approx(original)
