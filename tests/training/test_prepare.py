"""What runs share is frozen before any of them starts, and says what it leaves out."""

from __future__ import annotations

import numpy as np
import pytest
from training_cases import FOUR, experiment, hide_all, layer, panel_of, prepared, recipe, waves

from masklab.errors import ExperimentError, WindowError
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training.prepare import prepare
from masklab.windows import any_within

RECONSTRUCT = {"kind": "reconstruct", "window": 24, "rate": 0.25}


def some_hidden(scope="both"):
    return recipe(layer("mcar", scope, rate=0.3, seed=1))


def test_trap_5_neither_hidden_nor_later_cells_reach_the_scaler():
    panel = waves()
    hidden_in_training = np.zeros(panel.values.shape, dtype=bool)
    hidden_in_training[:100, 0] = True
    later = np.arange(panel.rows) >= 420
    other = panel.values.copy()
    other[hidden_in_training] = 200.0  # hidden by the recipe below
    other[later] += 1e4
    hide = recipe(layer("value_range", low=100, high=1000, side="inside"))
    values = panel.values.copy()
    values[hidden_in_training] = 500.0
    first = prepared(panel_of(values), recipe=hide)
    second = prepared(panel_of(other), recipe=hide)
    np.testing.assert_array_equal(first.scaler.shift, second.scaler.shift)
    np.testing.assert_array_equal(first.scaler.scale, second.scaler.scale)


def test_trap_8_common_cells_are_those_that_every_strategy_counts():
    panel = waves(missing=0.1)
    shared = prepared(panel, recipe=some_hidden())
    own = shared.own
    np.testing.assert_array_equal(own["carry"], shared.native & shared.observed)
    np.testing.assert_array_equal(own["ignore"], shared.native)
    np.testing.assert_array_equal(shared.common, np.logical_and.reduce(list(own.values())))
    assert (own["ignore"] & ~shared.common).any()
    for kinds in (["carry", "ignore"], ["ignore", "carry"]):
        pair = prepared(panel, kinds, recipe=some_hidden())
        np.testing.assert_array_equal(pair.common, shared.common)
    alone = prepared(panel, ["ignore"], recipe=some_hidden())
    np.testing.assert_array_equal(alone.common, alone.native)


def test_every_strategy_uses_the_same_windows_whichever_else_runs():
    panel = waves(missing=0.3)
    one, other = (prepared(panel, kinds, recipe=some_hidden()) for kinds in (["carry"], FOUR))
    np.testing.assert_array_equal(one.starts(TRAINING), other.starts(TRAINING))


def test_values_are_scaled_and_zero_only_where_the_file_lacks_them():
    panel = waves(missing=0.2)
    shared = prepared(panel, recipe=some_hidden())
    assert shared.values.dtype == np.float32
    assert np.isfinite(shared.values).all()
    assert (shared.values[~shared.native] == 0).all()
    back = shared.scaler.original(shared.values.astype(float))
    np.testing.assert_allclose(back[shared.native], panel.values[shared.native], rtol=1e-5)


def test_trap_11_windows_cross_no_gap_no_series_and_no_part():
    one, two = waves(300).values, waves(200, seed=1).values
    panel = panel_of(one, two, skip={100: 9, 350: 9})
    shared = prepared(panel, split={"by": "time", "training": 0.6, "validation": 0.2})
    segment = np.repeat([0, 1, 2, 3], [100, 200, 50, 150])
    for part in (TRAINING, VALIDATION, TEST):
        rows = shared.starts(part)[:, None] + np.arange(27)
        assert (segment[rows] == segment[rows][:, :1]).all()
        assert (shared.parts[rows] == part).all()
    assert any("would cross a gap" in note for note in shared.notes)


def test_windows_with_nothing_to_read_or_score_are_left_out_and_told():
    values = waves(600).values.copy()
    values[100:140] = np.nan
    values[450:476, 0] = np.nan
    shared = prepared(
        panel_of(values), task={"kind": "forecast", "window": 24, "horizon": 3, "targets": ["a"]}
    )
    starts = shared.starts(TRAINING)
    assert any_within(shared.observed.any(1), starts, 24).all()
    assert any_within(shared.common[:, 0], starts + 24, 3).all()
    # Of 394 starts, 17 read rows 100-139 alone; of the others 24 score nothing but them.
    assert "17 of 394 training windows have no usable step and are left out." in shared.notes
    assert "24 of 394 training windows have no scored target and are left out." in shared.notes


def test_a_long_validation_part_is_thinned_out_evenly_and_told():
    shared = prepared(waves(4000), training={"validation_windows": 10})
    gaps = np.diff(shared.starts(VALIDATION))
    assert len(shared.starts(VALIDATION)) == 10
    assert gaps.max() - gaps.min() <= 1
    assert "10 of 574 validation windows are scored, evenly spread." in shared.notes


@pytest.mark.parametrize("pattern", ["cells", "blocks"])
def test_a_reconstruction_freezes_an_exact_share_of_common_cells(pattern):
    shared = prepared(
        waves(1200, missing=0.1), task={**RECONSTRUCT, "pattern": pattern}, recipe=some_hidden()
    )
    rows = np.flatnonzero(shared.parts == VALIDATION)
    rows = rows[: len(rows) // 24 * 24]  # whole windows
    fresh, left = shared.fresh[rows], shared.observed[rows]
    assert not (fresh & left).any()
    usable = fresh | left
    assert not (usable & ~shared.native[rows]).any()
    assert fresh.sum() == round(0.25 * usable.sum())
    assert (np.diff(shared.starts(VALIDATION)) % 24 == 0).all()
    assert not shared.fresh[shared.parts == TRAINING].any()


def test_fresh_cells_are_the_same_each_time_and_for_every_strategy():
    first, second = (prepared(waves(), task=RECONSTRUCT) for _ in range(2))
    np.testing.assert_array_equal(first.fresh, second.fresh)
    for own in first.own.values():
        np.testing.assert_array_equal(own, first.common)


def test_blocks_hide_stretches():
    shared = prepared(
        waves(2000, channels=1), task={**RECONSTRUCT, "pattern": "blocks", "length": 8}
    )
    fresh = shared.fresh[:, 0].astype(int)
    lengths = (
        np.flatnonzero(np.diff(fresh, append=0) < 0)
        - np.flatnonzero(np.diff(fresh, prepend=0) > 0)
        + 1
    )
    assert np.median(lengths) >= 8


WRONG = {
    "everything hidden": ({"recipe": hide_all()}, ExperimentError, "The mask hides every cell of training"),
    "validation hidden": ({"recipe": hide_all("validation")}, ExperimentError, "The mask hides every cell of validation"),
    "target hidden": (
        {"recipe": hide_all(channels=["a"]), "task": {"kind": "forecast", "targets": ["a"]}},
        ExperimentError,
        "No cell of a is left to score in training",
    ),
    "unknown target": ({"task": {"kind": "forecast", "targets": ["z"]}}, ExperimentError, "The target 'z' is not a channel of the data"),
    "target twice": ({"task": {"kind": "forecast", "targets": ["a", "a"]}}, ExperimentError, "A target is named twice"),
    "window longer than the series": ({"task": {"kind": "forecast", "window": 5000}}, WindowError, "longer than the longest stretch without a gap, 420 steps"),
    "window longer than validation": ({"task": {"kind": "forecast", "window": 100}}, WindowError, r"90 steps \(validation\)"),
    "no validation rows": ({"split": {"by": "series"}}, ExperimentError, "leaves no row for validation"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_what_cannot_be_trained_gets_one_sentence(name):
    settings, kind, message = WRONG[name]
    with pytest.raises(kind, match=message):
        prepare(experiment(["carry", "mean_fill"], **settings), waves())


def test_no_window_left_names_the_reasons():
    values = waves(600).values.copy()
    values[449:510, 0] = np.nan  # validation is rows 420-509; its first horizon starts at 450
    settings = {"task": {"kind": "forecast", "window": 30, "horizon": 3, "targets": ["a"]}}
    with pytest.raises(
        WindowError, match="No validation window is left: 0 have no observed step and 58"
    ):
        prepared(panel_of(values), ["carry"], **settings)


def test_values_beyond_float32_are_refused_by_name():
    values = waves().values.copy()
    values[500, 1] = 1e200
    with pytest.raises(ExperimentError, match="Channel 'b' has values too large"):
        prepared(panel_of(values))


def test_an_outlier_that_the_mask_hides_spoils_nothing():
    values = waves().values.copy()
    values[500, 1] = 1e200
    hides = recipe(layer("value_range", channels=["b"], high=1e6))
    shared = prepared(panel_of(values), recipe=hides)
    assert np.isfinite(shared.values).all()
    np.testing.assert_allclose(shared.scaler.scale, prepared(waves()).scaler.scale, rtol=0.01)


def test_a_stretch_to_hide_fits_into_the_window():
    task = {"kind": "reconstruct", "window": 12, "pattern": "blocks", "length": 10**9}
    with pytest.raises(ExperimentError, match="don't fit into a window of 12"):
        experiment(["carry"], task=task)


def test_a_constant_channel_is_told():
    values = waves().values.copy()
    values[:, 1] = 5.0
    assert any("'b' is constant" in note for note in prepared(panel_of(values)).notes)
