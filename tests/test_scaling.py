"""Scalers are fitted on the given cells alone, undo themselves, and survive odd channels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masklab.scaling import fit

METHODS = ["standardise", "robust", "minmax", "none"]
NUMBERS = st.floats(-1e6, 1e6, allow_nan=False)


def all_of(values):
    return np.ones(values.shape, dtype=bool)


@given(arrays(np.float64, (12, 2), elements=NUMBERS), st.sampled_from(METHODS))
def test_scaling_back_returns_the_values(values, method):
    scaler = fit(values, all_of(values), ("a", "b"), method)
    np.testing.assert_allclose(scaler.original(scaler.scaled(values)), values, rtol=1e-9, atol=1e-6)


def test_standardised_cells_have_mean_0_and_deviation_1():
    values = np.random.default_rng(0).normal(7, 3, size=(500, 2))
    scaled = fit(values, all_of(values), ("a", "b")).scaled(values)
    np.testing.assert_allclose(scaled.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(scaled.std(0), 1, rtol=1e-12)


def test_minmax_runs_from_0_to_1_and_none_changes_nothing():
    values = np.array([[2.0], [4.0], [10.0]])
    assert fit(values, all_of(values), ("a",), "minmax").scaled(values).ravel().tolist() == [
        0,
        0.25,
        1,
    ]
    assert fit(values, all_of(values), ("a",), "none").scaled(values).tolist() == values.tolist()


def test_robust_takes_median_and_quartiles_whatever_an_outlier_says():
    values = np.arange(101.0)[:, None]
    values[-1] = 1e9
    scaler = fit(values, all_of(values), ("a",), "robust")
    assert scaler.shift[0] == 50
    assert scaler.scale[0] == pytest.approx(50 / 1.349)


def test_robust_falls_back_on_the_deviation_where_the_quartiles_meet():
    values = np.zeros((100, 1))
    values[:10] = 5.0
    assert fit(values, all_of(values), ("a",), "robust").scale[0] == pytest.approx(values.std())


@pytest.mark.parametrize("method", METHODS)
def test_trap_5_cells_that_are_not_fitted_change_nothing(method):
    rng = np.random.default_rng(1)
    values, fitted = rng.normal(size=(60, 2)), rng.random((60, 2)) < 0.6
    other = np.where(fitted, values, 1e9)
    first, second = (fit(one, fitted, ("a", "b"), method) for one in (values, other))
    for name in ("shift", "scale", "mean"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@pytest.mark.parametrize("method", ["standardise", "robust", "minmax"])
@pytest.mark.parametrize("constant", [0.0, 0.1, 1e8 + 0.1, -3e-9])
def test_a_constant_channel_is_centred_keeps_scale_1_and_is_named(method, constant):
    values = np.full((1000, 1), constant)
    scaler = fit(values, all_of(values), ("flat",), method)
    assert scaler.scale[0] == 1
    assert abs(scaler.scaled(values)).max() < 1e-6
    assert "'flat' is constant" in scaler.notes[0]


def test_a_channel_without_a_fitted_cell_keeps_its_units_and_is_named():
    values = np.full((5, 1), np.nan)
    scaler = fit(values, np.zeros((5, 1), dtype=bool), ("empty",))
    assert (scaler.shift[0], scaler.scale[0], scaler.mean[0]) == (0, 1, 0)
    assert "'empty' has no observed training cell" in scaler.notes[0]


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e307])
def test_huge_and_tiny_numbers_neither_overflow_nor_vanish(size):
    values = size * np.random.default_rng(2).normal(size=(200, 1))
    assert fit(values, all_of(values), ("a",)).scaled(values).std() == pytest.approx(1)


def test_trap_4_a_raw_zero_is_a_value_far_from_the_mean():
    values = np.random.default_rng(3).normal(1000, 1, size=(200, 1))  # air pressure, say
    scaler = fit(values, all_of(values), ("pressure",))
    assert scaler.scaled_zero[0] < -900
    assert scaler.scaled_mean[0] == pytest.approx(0, abs=1e-9)
