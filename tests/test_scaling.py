"""Scalers are fitted on the given cells alone, undo themselves, and survive odd channels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from masklab.data.series import Panel
from masklab.scaling import fit, fit_each

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
    assert scaler.shift[0, 0] == 50
    assert scaler.scale[0, 0] == pytest.approx(50 / 1.349)


def test_robust_falls_back_on_the_deviation_where_the_quartiles_meet():
    values = np.zeros((100, 1))
    values[:10] = 5.0
    assert fit(values, all_of(values), ("a",), "robust").scale[0, 0] == pytest.approx(values.std())


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
    assert scaler.scale[0, 0] == 1
    assert abs(scaler.scaled(values)).max() < 1e-6
    assert "'flat' is constant" in scaler.notes[0]


def test_a_channel_without_a_fitted_cell_keeps_its_units_and_is_named():
    values = np.full((5, 1), np.nan)
    scaler = fit(values, np.zeros((5, 1), dtype=bool), ("empty",))
    assert (scaler.shift[0, 0], scaler.scale[0, 0], scaler.mean[0, 0]) == (0, 1, 0)
    assert "'empty' has no observed training cell" in scaler.notes[0]


@pytest.mark.parametrize("size", [1e-200, 1e200, 1e307])
def test_huge_and_tiny_numbers_neither_overflow_nor_vanish(size):
    values = size * np.random.default_rng(2).normal(size=(200, 1))
    assert fit(values, all_of(values), ("a",)).scaled(values).std() == pytest.approx(1)


def test_trap_4_a_raw_zero_is_a_value_far_from_the_mean():
    values = np.random.default_rng(3).normal(1000, 1, size=(200, 1))  # air pressure, say
    scaler = fit(values, all_of(values), ("pressure",))
    assert scaler.scaled_zero[0, 0] < -900
    assert scaler.scaled_mean[0, 0] == pytest.approx(0, abs=1e-9)


def panel_of(*series: np.ndarray) -> Panel:
    lengths = [len(one) for one in series]
    return Panel(
        names=tuple(f"s{index}" for index in range(len(series))),
        offsets=np.cumsum([0, *lengths]),
        clock=np.concatenate([np.arange(one) * np.timedelta64(1, "h") for one in lengths])
        + np.datetime64("2024-01-01", "us"),
        values=np.concatenate(series),
        channels=("a", "b"),
    )


def three_series() -> tuple[Panel, np.ndarray]:
    """Series of three sizes and lengths, and random cells to fit on."""
    rng = np.random.default_rng(4)
    panel = panel_of(
        *(size * rng.normal(3, 1, (rows, 2)) for size, rows in ((1, 40), (1000, 70), (-0.1, 30)))
    )
    return panel, rng.random(panel.values.shape) < 0.6


@pytest.mark.parametrize("method", METHODS)
def test_each_series_is_scaled_as_if_it_were_alone(method):
    panel, fitted = three_series()
    scaler = fit_each(panel, fitted, method)
    scaled = scaler.scaled(panel.values)
    for index in range(3):
        rows = panel.rows_of(index)
        alone = fit(panel.values[rows], fitted[rows], panel.channels, method)
        np.testing.assert_array_equal(scaled[rows], alone.scaled(panel.values[rows]))
        np.testing.assert_array_equal(scaler.scaled_zero[index], alone.scaled_zero[0])
        np.testing.assert_array_equal(scaler.scaled_mean[index], alone.scaled_mean[0])
        some = np.arange(rows.start, rows.stop)[::3]
        np.testing.assert_array_equal(scaler.scaled(panel.values[some], some), scaled[some])
        np.testing.assert_allclose(scaler.original(scaled[some], some), panel.values[some])
    np.testing.assert_allclose(scaler.original(scaled), panel.values, rtol=1e-12)
    assert not scaler.notes


@pytest.mark.parametrize("method", METHODS)
def test_trap_5_cells_that_are_not_fitted_change_nothing_per_series_either(method):
    panel, fitted = three_series()
    other = panel_of(*np.split(np.where(fitted, panel.values, 1e9), panel.offsets[1:-1]))
    first, second = (fit_each(one, fitted, method) for one in (panel, other))
    for name in ("shift", "scale", "mean"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


def test_a_series_never_changes_the_statistics_of_another():
    panel, fitted = three_series()
    other = panel_of(*(one.values * factor for one, factor in zip(panel, (1, 7, 1), strict=True)))
    first, second = (fit_each(one, fitted) for one in (panel, other))
    for index, same in enumerate((True, False, True)):
        assert np.array_equal(first.scale[index], second.scale[index]) is same


def test_a_series_channel_without_a_fitted_cell_is_scaled_as_over_all_series_and_named():
    panel, fitted = three_series()
    fitted[panel.rows_of(1), 0] = False
    fitted[panel.rows_of(2)] = False
    scaler, whole = fit_each(panel, fitted), fit(panel.values, fitted, panel.channels)
    for name in ("shift", "scale", "mean"):
        rows, all_rows = getattr(scaler, name), getattr(whole, name)[0]
        np.testing.assert_array_equal(rows[2], all_rows)
        assert rows[1, 0] == all_rows[0]
        assert rows[1, 1] != all_rows[1]
    assert scaler.notes == (
        "In 2 of 3 series ('s1', 's2') a channel is without an observed training cell; "
        "there it is scaled as over all series.",
    )


def test_many_series_without_a_cell_are_one_sentence():
    panel = panel_of(*(np.random.default_rng(0).normal(size=(4, 2)) for _ in range(9)))
    fitted = np.zeros(panel.values.shape, dtype=bool)
    fitted[panel.rows_of(0)] = True
    (note,) = fit_each(panel, fitted).notes
    assert note.startswith("In 8 of 9 series ('s1', 's2', 's3' and 5 more) a channel is without")


def test_a_channel_that_no_series_has_is_named_once():
    panel, fitted = three_series()
    fitted[:, 1] = False
    assert fit_each(panel, fitted).notes == fit(panel.values, fitted, panel.channels).notes


def test_a_channel_constant_in_one_series_is_centred_there_and_the_series_is_named():
    panel, fitted = three_series()
    values = panel.values.copy()
    values[panel.rows_of(0), 1] = 5.0
    scaler = fit_each(panel_of(*np.split(values, panel.offsets[1:-1])), fitted)
    assert (scaler.shift[0, 1], scaler.scale[0, 1]) == (5, 1)
    (note,) = scaler.notes
    assert "1 of 3 series ('s0') a channel is constant" in note


@pytest.mark.parametrize("method", METHODS)
def test_one_series_alone_is_scaled_bit_for_bit_as_over_all(method):
    panel = three_series()[0][0].as_panel()
    fitted = np.random.default_rng(5).random(panel.values.shape) < 0.5
    each, whole = fit_each(panel, fitted, method), fit(panel.values, fitted, ("a", "b"), method)
    for name in ("shift", "scale", "mean", "borders"):
        np.testing.assert_array_equal(getattr(each, name), getattr(whole, name))
    assert each.notes == whole.notes
