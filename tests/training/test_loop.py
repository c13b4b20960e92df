"""A run is a generator: reproducible, alike for all strategies of a seed, and clean when stopped."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch
from training_cases import FOUR, experiment, layer, panel_of, prepared, recipe, waves

from masklab.errors import TrainingError
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training import loop
from masklab.training.baselines import baseline_scores
from masklab.training.batches import windows_of
from masklab.training.loop import Run, train_run
from masklab.training.prepare import prepare

HIDDEN = recipe(layer("mcar", rate=0.3, seed=1))
FORECAST = {"kind": "forecast", "window": 24, "horizon": 3}
RECONSTRUCT = {"kind": "reconstruct", "window": 24, "rate": 0.25, "pattern": "blocks"}
TASKS = pytest.mark.parametrize("task", [FORECAST, RECONSTRUCT], ids=["forecast", "reconstruct"])


def runs_of(panel=None, strategies=None, seed=0, **settings):
    """Runs of an experiment by label, none started."""
    plan = experiment(strategies, **settings)
    shared = prepare(plan, panel or waves(missing=0.1))
    return {one.label: Run(shared, one, seed, plan.model, plan.training) for one in plan.strategies}


def numbers(reports):
    return [replace(one, seconds=0.0) for one in reports]


@TASKS
@pytest.mark.parametrize("kind", FOUR)
def test_the_same_specification_gives_the_same_numbers_bit_for_bit(task, kind):
    settings = {
        "recipe": HIDDEN,
        "task": task,
        "model": {"hidden_size": 8, "num_layers": 2, "dropout": 0.3},
    }
    first = runs_of(strategies=[kind], **settings)[kind]
    reports = numbers(first.reports())
    torch.rand(7)  # somebody else's random numbers change nothing
    second = runs_of(strategies=[kind], **settings)[kind]
    assert numbers(second.reports()) == reports
    for one, other in zip(first.network.parameters(), second.network.parameters(), strict=True):
        assert torch.equal(one, other)


def test_interleaved_runs_do_not_disturb_each_other():
    settings = {"recipe": HIDDEN, "model": {"hidden_size": 8, "num_layers": 2, "dropout": 0.3}}
    alone = {label: numbers(run.reports()) for label, run in runs_of(**settings).items()}
    together = runs_of(**settings)
    rows = zip(*(run.reports() for run in together.values()), strict=True)
    assert dict(zip(together, map(numbers, zip(*rows, strict=True)), strict=True)) == alone


def test_another_seed_is_another_run():
    first, second = (list(runs_of(seed=seed)["carry"].reports()) for seed in (0, 1))
    assert first[0].training_loss != second[0].training_loss


def test_strategies_of_a_seed_start_alike_and_see_the_same_batches():
    runs = runs_of(recipe=HIDDEN)
    base = runs["ignore"]
    for run in runs.values():
        for epoch in (1, 2):
            np.testing.assert_array_equal(run._order(epoch), base._order(epoch))
        weights = dict(run.network.named_parameters())
        for name, parameter in base.network.named_parameters():
            shared = (
                weights[name][:, : parameter.shape[1]] if parameter.dim() > 1 else weights[name]
            )
            assert torch.equal(shared, parameter)


def test_strategies_of_a_seed_hide_the_same_fresh_cells():
    runs = runs_of(strategies=["carry", "mean_fill"], task=RECONSTRUCT).values()
    batches = [[one.own for one in run._batches(run._order(1), 32, fresh_in=1)] for run in runs]
    for one, other in zip(*batches, strict=True):
        assert torch.equal(one, other)


def test_fresh_cells_are_redrawn_every_batch_and_epoch_at_the_rate():
    run = runs_of(waves(3000), ["carry"], task=RECONSTRUCT)["carry"]
    order = run._order(1)
    first, second = (next(run._batches(order, 128, fresh_in=epoch)) for epoch in (1, 2))
    assert not torch.equal(first.own, second.own)
    assert first.own.float().mean().item() == pytest.approx(0.25, abs=0.02)
    assert not (first.observed[first.own]).any()


def test_fresh_cells_of_chosen_targets_are_hidden_and_other_channels_are_left():
    task = {**RECONSTRUCT, "targets": ["b"]}
    run = runs_of(waves(missing=0.1), ["carry"], task=task)["carry"]
    order = run._order(1)
    plain = next(run._batches(order, 64))
    fresh = next(run._batches(order, 64, fresh_in=1))
    hidden = fresh.own[:, :, 0]
    assert hidden.any()
    assert torch.equal(fresh.observed[:, :, 1], plain.observed[:, :, 1] & ~hidden)
    assert torch.equal(fresh.observed[:, :, 0], plain.observed[:, :, 0])


def test_every_epoch_draws_its_windows_anew_and_none_twice():
    run = runs_of(training={"training_windows": 100})["carry"]
    first, second = run._order(1), run._order(2)
    assert len(set(first.tolist())) == 100
    assert set(first.tolist()) != set(second.tolist())
    assert set(first.tolist()) <= set(run.prepared.starts(TRAINING).tolist())


@TASKS
@pytest.mark.parametrize("batch", [256, 7], ids=["one_batch", "many"])
def test_trap_7_and_8_the_best_report_is_what_the_predictions_say_cell_by_cell(
    task, batch, monkeypatch
):
    monkeypatch.setattr(loop, "_LEAST_SCORING_BATCH", batch)
    small = {"batch_size": 7, "training_windows": 28} if batch == 7 else {}
    for run in runs_of(
        strategies=["ignore", "carry"], recipe=HIDDEN, task=task, training=small
    ).values():
        reports = list(run.reports())
        best = [one for one in reports if one.is_best][-1]
        found = run.predictions(VALIDATION)
        for cells, scores in ((found.common, best.common_original), (found.own, best.own_original)):
            error = (found.predicted - found.truth)[cells]
            assert scores.count == cells.sum()
            assert scores.mae == pytest.approx(np.abs(error).mean(), rel=1e-5)
            assert scores.mse == pytest.approx((error**2).mean(), rel=1e-5)
            assert scores.mre == pytest.approx(
                np.abs(error).sum() / np.abs(found.truth[cells]).sum(), rel=1e-5
            )


def test_trap_8_all_runs_are_scored_on_the_same_cells_and_on_their_own():
    reports = {label: next(run.reports()) for label, run in runs_of(recipe=HIDDEN).items()}
    assert len({one.common.count for one in reports.values()}) == 1
    assert reports["ignore"].own.count > reports["ignore"].common.count
    assert reports["carry"].own == reports["carry"].common


def test_trap_7_the_training_loss_pools_cells_not_batches():
    run = runs_of(
        waves(missing=0.4), ["mean_fill"], training={"learning_rate": 1e-30, "epochs": 1}
    )["mean_fill"]
    report = next(run.reports())
    batches = list(run._batches(run._order(1), 10_000))
    with torch.no_grad():
        predicted = run.network(batches[0].values, batches[0].observed, batches[0].native)
    error = (predicted - batches[0].target)[batches[0].own]
    assert report.training_loss == pytest.approx(error.square().mean().item(), rel=1e-5)


@pytest.mark.parametrize("kind", ["carry", "indicator"])
def test_a_run_learns_a_daily_wave_better_than_the_mean(kind):
    settings = {
        "recipe": HIDDEN,
        "training": {"epochs": 12, "training_windows": 512},
        "model": {"hidden_size": 16},
    }
    run = runs_of(waves(1500), [kind], **settings)[kind]
    best = [one for one in run.reports() if one.is_best][-1]
    assert best.common.mse < 0.3 * baseline_scores(run.prepared)["mean"][0].mse


def test_early_stopping_ends_the_run_and_restores_the_best_weights():
    settings = {
        "training": {"epochs": 60, "patience": 2, "learning_rate": 0.5, "schedule": "constant"}
    }
    run = runs_of(strategies=["mean_fill"], **settings)["mean_fill"]
    reports = list(run.reports())
    best = [one for one in reports if one.is_best][-1]
    assert best.common.mse == min(one.common.mse for one in reports)
    assert reports[-1].epoch == best.epoch + 2 < 60
    assert run._epoch(99, run.prepared.starts(VALIDATION)).errors["common"][
        1
    ].sum() == pytest.approx(best.common.mse * best.common.count)


def test_without_patience_every_epoch_is_trained():
    settings = {
        "training": {"epochs": 9, "patience": None, "learning_rate": 0.5, "schedule": "constant"}
    }
    assert len(list(runs_of(**settings)["mean_fill"].reports())) == 9


def test_a_stopped_run_leaves_torch_as_it_was_and_keeps_its_best_weights():
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    state = torch.get_rng_state()
    try:
        run = runs_of()["carry"]
        reports = run.reports()
        with torch.no_grad():
            for _ in range(2):
                next(reports)
                assert torch.get_num_threads() == 2
                assert not torch.is_grad_enabled()
        reports.close()
        assert torch.get_num_threads() == 2
        assert torch.is_grad_enabled()
        assert torch.equal(torch.get_rng_state(), state)
        assert run._best is not None
        for name, weight in run.network.state_dict().items():
            assert torch.equal(weight, run._best[name])
    finally:
        torch.set_num_threads(threads)


def test_a_run_that_was_never_started_can_be_closed():
    run = runs_of()["carry"]
    before = {name: weight.clone() for name, weight in run.network.state_dict().items()}
    run.reports().close()
    after = run.network.state_dict()
    assert all(torch.equal(weight, after[name]) for name, weight in before.items())


def test_a_loss_that_is_not_finite_names_epoch_batch_and_cause():
    outlier = waves().values.copy()
    outlier[100, 0] = 1e25
    run = runs_of(panel_of(outlier), ["mean_fill"], training={"scaling": "none"})["mean_fill"]
    with pytest.raises(
        TrainingError,
        match=r"in epoch 1 \(training\), batch \d of 4\. Likely cause: channel 'a' has values up to 1e\+25 after scaling \(none\)",
    ):
        list(run.reports())


def test_hidden_values_are_blamed_only_where_the_strategy_reads_them():
    outlier = waves().values.copy()
    outlier[100, 0] = 1e30
    hides = recipe(layer("value_range", channels=["a"], high=1e6))
    found = runs_of(panel_of(outlier), ["ignore", "carry"], recipe=hides)
    with pytest.raises(TrainingError, match="This strategy reads masked cells too"):
        list(found["ignore"].reports())
    assert all(np.isfinite(report.common.mse) for report in found["carry"].reports())


def test_weights_that_are_not_finite_blame_the_learning_rate():
    run = runs_of(strategies=["mean_fill"])["mean_fill"]
    with torch.no_grad():
        run.network.head.bias.fill_(torch.nan)
    threads = torch.get_num_threads()
    with pytest.raises(
        TrainingError,
        match=r"epoch 1 .training., batch 1 of 4\. Likely cause: the learning rate 0.005 is too high",
    ):
        next(run.reports())
    assert torch.get_num_threads() == threads


def test_trap_10_windows_that_fresh_cells_empty_altogether_train_on():
    settings = {"task": {"kind": "reconstruct", "window": 4, "rate": 0.9}, "recipe": HIDDEN}
    for run in runs_of(**settings).values():
        assert all(np.isfinite(one.training_loss) for one in run.reports())


@TASKS
def test_predictions_are_in_original_units_with_their_rows(task):
    panel = waves(missing=0.1)
    run = runs_of(panel, ["mean_fill"], task=task)["mean_fill"]
    list(itertools.islice(run.reports(), 1))
    for part in (VALIDATION, TEST):
        found = run.predictions(part)
        expected = panel.values[found.rows][:, :, list(run.prepared.targets)]
        np.testing.assert_allclose(found.truth, expected, rtol=1e-5)
        assert found.predicted.shape == found.truth.shape == found.own.shape
        assert np.isfinite(found.predicted).all()


def test_an_absent_device_is_told():
    if torch.cuda.is_available():
        pytest.skip("This machine has CUDA.")
    with pytest.raises(
        TrainingError, match=r"training\.device is 'cuda', but this machine has no such"
    ):
        runs_of(training={"device": "cuda"})


def test_train_run_is_the_reports_of_a_run():
    plan = experiment(["carry"])
    shared = prepared(strategies=["carry"])
    found = list(train_run(shared, plan.strategies[0], 0, plan.model, plan.training))
    assert [one.epoch for one in found] == [1, 2, 3]
    assert {(one.strategy, one.seed, one.epochs) for one in found} == {("carry", 0, 3)}


def test_frozen_cells_reach_the_prediction_of_no_strategy_but_ignore():
    plan = experiment(task=RECONSTRUCT)
    shared = prepare(plan, waves())
    values = np.where(shared.fresh, 7.0, shared.values).astype(np.float32)
    for strategy in plan.strategies:
        first, other = (
            Run(one, strategy, 0, plan.model, plan.training).predictions().predicted
            for one in (shared, replace(shared, values=values))
        )
        assert np.array_equal(first, other) is (strategy.label != "ignore")


@pytest.mark.parametrize("columns", [1, 3])
@pytest.mark.parametrize("steps", [1, 4, 20])
def test_gathered_windows_are_slices_of_the_data(columns, steps):
    data = torch.randn(20, columns)
    starts = torch.randint(0, 20 - steps + 1, (7,), generator=torch.Generator().manual_seed(0))
    expected = torch.stack([data[start : start + steps] for start in starts])
    assert torch.equal(windows_of(data, starts, steps), expected)
    assert torch.equal(windows_of(data > 0, starts, steps), expected > 0)


def test_gathering_holds_no_copy_of_all_windows():
    data, asked = torch.zeros(5_000_000, 4), []

    class Watched(torch.utils._python_dispatch.TorchDispatchMode):
        def __torch_dispatch__(self, function, types, arguments=(), named=None):
            found = function(*arguments, **(named or {}))
            asked.append(found.untyped_storage().nbytes())
            return found

    with Watched():
        windows_of(data, torch.tensor([0, 4_999_000]), 500)
    assert max(one for one in asked if one != data.untyped_storage().nbytes()) < 100_000
