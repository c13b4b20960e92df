"""With `scaling_over: series` each series is trained in its own units and reported in the file's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from training_cases import HOUR, experiment, layer, prepared, recipe, waves

from masklab.catalogue import members
from masklab.data.series import Panel, TimeSeries
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.strategies.strategy import Strategy
from masklab.training.baselines import baseline_scores
from masklab.training.batches import Gatherer
from masklab.training.device import resolve_device
from masklab.training.loop import Run
from masklab.training.prepare import prepare

KINDS = sorted(members("masklab.strategies", Strategy))
HIDDEN = recipe(layer("mcar", rate=0.3, seed=1))
FORECAST = {"kind": "forecast", "window": 24, "horizon": 3, "targets": ["b"]}
RECONSTRUCT = {"kind": "reconstruct", "window": 24, "rate": 0.25, "pattern": "blocks"}
TASKS = pytest.mark.parametrize("task", [FORECAST, RECONSTRUCT], ids=["forecast", "reconstruct"])
EACH = {"scaling_over": "series", "epochs": 2, "training_windows": 64}


def beside(*values):
    """A panel of hourly series on one clock, so that each has a share in every part."""
    clock = np.datetime64("2024-01-01", "us") + np.arange(len(values[0])) * HOUR
    return Panel.of(*(TimeSeries(f"s{i}", clock, one, ("a", "b")) for i, one in enumerate(values)))


def small_and_large():
    """Two series alike but for noise and size: the second is 1000 times the first."""
    one, two = (waves(300, missing=0.1, seed=seed).values for seed in (0, 1))
    return beside(one, 1000 * two)


def runs_of(panel, kinds, **settings):
    settings["training"] = {**EACH, **settings.get("training", {})}
    plan = experiment(kinds, **settings)
    shared = prepare(plan, panel)
    return {one.label: Run(shared, one, 0, plan.model, plan.training) for one in plan.strategies}


def test_a_small_and_a_large_series_both_have_unit_spread_in_training():
    panel = small_and_large()
    each = prepared(panel, recipe=HIDDEN, training=EACH)
    over_all = prepared(panel, recipe=HIDDEN)
    for index in range(2):
        rows = panel.rows_of(index)
        fitted = each.observed[rows] & (each.parts[rows] == TRAINING)[:, None]
        for channel in range(2):
            mine = each.values[rows, channel][fitted[:, channel]].astype(float)
            assert mine.mean() == pytest.approx(0, abs=1e-5)
            assert mine.std() == pytest.approx(1, rel=1e-5)
    small = over_all.values[panel.rows_of(0)]
    assert small[over_all.native[panel.rows_of(0)]].std() < 0.05, "over all, it nearly vanishes"


def test_trap_5_neither_hidden_nor_later_cells_of_a_series_reach_its_scaler():
    panel = small_and_large()
    first = prepared(panel, recipe=HIDDEN, training=EACH)
    fitted = first.observed & (first.parts == TRAINING)[:, None]
    other = beside(*np.split(np.where(fitted, panel.values, panel.values + 5e5), [300]))
    second = prepared(other, recipe=HIDDEN, training=EACH)
    for name in ("shift", "scale", "mean"):
        np.testing.assert_array_equal(getattr(first.scaler, name), getattr(second.scaler, name))


def test_scaled_values_return_to_those_of_the_file():
    panel = small_and_large()
    shared = prepared(panel, recipe=HIDDEN, training=EACH)
    back = shared.scaler.original(shared.values.astype(float))
    np.testing.assert_allclose(back[shared.native], panel.values[shared.native], rtol=1e-5)
    assert (shared.values[~shared.native] == 0).all()


@TASKS
def test_windows_of_both_series_are_gathered_with_their_own_statistics(task):
    panel = small_and_large()
    split = {"training": 0.6, "validation": 0.2}
    shared = prepared(panel, ["carry"], task=task, training=EACH, split=split)
    data = Gatherer(shared, "carry", resolve_device("cpu"))
    for part in (TRAINING, VALIDATION, TEST):
        starts = shared.starts(part)
        batch = data.gather(torch.from_numpy(starts))
        series = panel.series_of_row[starts]
        assert set(series) == {0, 1}
        np.testing.assert_array_equal(batch.group, series)
        scale = shared.scaler.scale[:, list(shared.targets)]
        np.testing.assert_allclose(batch.unit[:, 0], scale[series] / scale.max(axis=0))


@TASKS
def test_scores_in_original_units_are_those_of_a_walk_over_the_file_s_cells(task):
    panel = small_and_large()
    for run in runs_of(panel, ["ignore", "carry"], task=task, recipe=HIDDEN).values():
        best = [one for one in run.reports() if one.is_best][-1]
        found = run.predictions(VALIDATION)
        targets = np.array(run.prepared.targets)
        truth = panel.values[found.rows[:, :, None], targets]
        np.testing.assert_allclose(found.truth, truth, rtol=1e-5)
        for cells, original, scaled in (
            (found.common, best.common_original, best.common),
            (found.own, best.own_original, best.own),
        ):
            series = panel.series_of_row[found.rows][:, :, None]
            by_hand = np.abs(found.predicted - truth)[cells]
            unit = run.prepared.scaler.scale[series, targets][cells]
            assert original.count == scaled.count == cells.sum()
            assert original.mae == pytest.approx(by_hand.mean(), rel=1e-4)
            assert original.mse == pytest.approx((by_hand**2).mean(), rel=1e-4)
            assert original.mre == pytest.approx(
                by_hand.sum() / np.abs(truth[cells]).sum(), rel=1e-4
            )
            assert scaled.mae == pytest.approx((by_hand / unit).mean(), rel=1e-4)


def test_naive_baselines_of_each_series_are_those_of_the_series_alone():
    panel, task = small_and_large(), FORECAST
    # Between lowest and highest the mean of each series lies elsewhere; standardised, all are 0.
    training = {**EACH, "scaling": "minmax"}
    both = baseline_scores(prepared(panel, task=task, training=training))
    alone = [
        baseline_scores(prepared(one.as_panel(), task=task, training=training)) for one in panel
    ]
    for name, (scaled, original) in both.items():
        parts = [one[name] for one in alone]
        for mine, place in ((scaled, 0), (original, 1)):
            counts = np.array([one[place].count for one in parts])
            assert mine.count == counts.sum()
            for metric in ("mae", "mse"):
                values = np.array([getattr(one[place], metric) for one in parts])
                expected = (values * counts).sum() / counts.sum()
                assert getattr(mine, metric) == pytest.approx(expected, rel=1e-6), (name, metric)


@pytest.mark.parametrize("value", [0.0, -250.0])
def test_a_raw_fill_value_is_the_same_in_the_units_of_each_series(value):
    panel = small_and_large()
    run = runs_of(panel, [{"kind": "zero_fill", "value": value}], recipe=HIDDEN)
    (run,) = run.values()
    starts = run.prepared.starts(TRAINING)
    (batch,) = run._batches(starts, len(starts))
    seen = run.network._features(*batch.window[:5]).values.numpy()
    rows = starts[:, None] + np.arange(24)
    back = run.prepared.scaler.original(seen.astype(float).reshape(-1, 2), rows.ravel())
    hidden = ~run.prepared.observed[rows].reshape(-1, 2)
    size = np.where(panel.series_of_row[rows.ravel()], 1000.0, 1.0)[:, None]
    assert np.abs((back - value) / size)[hidden].max() < 1e-4
    assert np.abs((back - value) / size)[~hidden].min() > 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_strategy_trains_and_hidden_values_never_reach_its_prediction(kind):
    panel, task = small_and_large(), RECONSTRUCT
    run = runs_of(panel, [kind], task=task, recipe=HIDDEN)[kind]
    reports = list(run.reports())
    assert all(np.isfinite((one.training_loss, one.common_original.mae)).all() for one in reports)
    hidden = run.prepared.native & ~run.prepared.observed
    changed = np.where(hidden, np.float32(7.0), run.prepared.values)
    other = Run(
        replace(run.prepared, values=changed),
        run.strategy,
        0,
        experiment([kind], task=task).model.model_copy(
            update={"bidirectional": run.network.lstm.bidirectional}
        ),
        run.config,
    )
    other.network.load_state_dict(run.network.state_dict())
    same = np.array_equal(run.predictions().predicted, other.predictions().predicted)
    assert same is run.strategy.reads_mask


@TASKS
@pytest.mark.parametrize("kind", ["zero_fill", "carry", "decay"])
def test_one_series_gives_the_same_numbers_bit_for_bit_as_over_all(kind, task):
    reports = [
        [
            replace(one, seconds=0.0)
            for one in runs_of(
                waves(300, missing=0.1),
                [kind],
                task=task,
                recipe=HIDDEN,
                training={"scaling_over": over},
            )[kind].reports()
        ]
        for over in ("series", "all")
    ]
    assert reports[0] == reports[1]


def test_a_series_that_only_validates_is_scaled_as_over_all_and_named():
    shared = prepared(
        beside(*(waves(200, seed=seed).values for seed in range(3))),
        ["carry"],
        split={"by": "series", "validation_series": ["s2"]},
        training=EACH,
    )
    assert any("In 1 of 3 series ('s2')" in note for note in shared.notes)
    assert np.isfinite(shared.values).all()


def test_steps_laid_into_gaps_and_before_short_series_belong_to_their_series():
    one, two = (waves(300, seed=seed).values for seed in (0, 1))
    clock = np.datetime64("2024-01-01", "us") + np.arange(300) * HOUR
    kept = np.r_[0:100, 103:215, 290:300]  # a gap of 3, then a stretch too short for a window
    channels = ("a", "b")
    panel = Panel.of(
        TimeSeries("s0", clock[kept], one[kept], channels),
        TimeSeries("s1", clock[5:], 1000 * two[5:], channels),
    )
    laying = {"longest_gap": 5, "shortest": 4}
    shared = prepared(panel, ["carry"], training={**EACH, **laying})
    assert shared.source is not None
    known = shared.source >= 0
    assert not known.all()
    group = shared.scaler.group(np.arange(len(known)))
    np.testing.assert_array_equal(group[known], panel.series_of_row[shared.source[known]])
    np.testing.assert_array_equal(group[~known], 0)  # all of them were laid into the first series
    back = shared.scaler.original(shared.values.astype(float))[known]
    np.testing.assert_allclose(back, panel.values[shared.source[known]], rtol=1e-5)
