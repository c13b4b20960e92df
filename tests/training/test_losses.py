"""Losses count scored cells alone, and hidden cells reach neither the loss nor its gradient."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from masklab.training.loss import error_sums, loss_of, scored_error
from masklab.training.schedule import learning_rate


@pytest.mark.parametrize("kind", ["mse", "mae"])
@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_trap_3_nan_in_cells_that_do_not_count_reaches_neither_loss_nor_gradient(kind, poison):
    predicted = torch.tensor([[[1.0], [2.0], [3.0]]], requires_grad=True)
    target = torch.tensor([[[0.0], [poison], [5.0]]])
    scored = torch.tensor([[[True], [False], [True]]])
    error = scored_error(predicted, target, scored)
    loss = loss_of(error, scored, kind)
    loss.backward()
    assert loss.item() == pytest.approx({"mse": (1 + 4) / 2, "mae": (1 + 2) / 2}[kind])
    assert predicted.grad.isfinite().all()
    assert predicted.grad[0, 1, 0] == 0


def test_trap_3_a_prediction_that_is_nan_where_nothing_counts_leaves_no_trace():
    predicted = torch.tensor([[[math.nan], [2.0]]], requires_grad=True)
    scored = torch.tensor([[[False], [True]]])
    loss = loss_of(scored_error(predicted, torch.zeros(1, 2, 1), scored), scored, "mse")
    loss.backward()
    assert loss.item() == 4
    assert predicted.grad[0, 0, 0] == 0


@pytest.mark.parametrize("kind", ["mse", "mae"])
def test_trap_10_nothing_scored_costs_0_with_count_0(kind):
    predicted = torch.ones(2, 3, 1, requires_grad=True)
    scored = torch.zeros(2, 3, 1, dtype=torch.bool)
    error = scored_error(predicted, torch.zeros(2, 3, 1), scored)
    loss = loss_of(error, scored, kind)
    loss.backward()
    assert loss.item() == 0
    assert (predicted.grad == 0).all()
    assert (
        error_sums(error, scored, torch.ones(2, 1, 1), torch.ones(2, 1, 1)).tolist() == [[0.0]] * 6
    )


def test_sums_are_kept_per_target_in_scaled_and_in_relative_original_units():
    error = torch.tensor([[[1.0, -2.0], [3.0, 0.0]], [[4.0, 1.0], [0.0, 0.0]]])
    scored = torch.tensor([[[True, True], [True, False]], [[True, True], [False, False]]])
    unit = torch.tensor([[[0.5, 1.0]], [[1.0, 0.25]]])
    sums = error_sums(error, scored, unit, 3 * unit).tolist()
    assert sums[:3] == [[8, 3], [26, 5], [3, 2]]
    assert sums[3:5] == [[0.5 + 1.5 + 4, 2 + 0.25], [0.25 + 2.25 + 16, 4 + 0.0625]]
    assert sums[5] == [3 * 6, 3 * 2.25]


@given(st.sampled_from(["one_cycle", "cosine", "constant"]), st.integers(1, 300), st.data())
def test_the_learning_rate_stays_above_0_and_at_most_at_its_peak(schedule, steps, data):
    step = data.draw(st.integers(0, steps - 1))
    assert 0 < learning_rate(schedule, 0.01, step, steps) <= 0.01 * (1 + 1e-12)


def test_one_cycle_rises_to_its_peak_and_falls_to_a_thousandth():
    rates = [learning_rate("one_cycle", 1.0, step, 101) for step in range(101)]
    assert rates[0] == pytest.approx(1 / 25)
    assert rates[30] == pytest.approx(1)
    assert rates[100] == pytest.approx(1 / 1000)
    assert rates[:31] == sorted(rates[:31])
    assert rates[30:] == sorted(rates[30:], reverse=True)
