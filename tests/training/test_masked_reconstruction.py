"""A reconstruction that scores what the mask hides: its cells, its draws, its calendar, its passes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from training_cases import experiment, layer, prepared, recipe, waves

from masklab.errors import ExperimentError
from masklab.split import TEST, TRAINING, VALIDATION
from masklab.training.batches import Gatherer
from masklab.training.calendar import calendar
from masklab.training.config import Reconstruct
from masklab.training.drawing import fresh_cells
from masklab.training.loop import Run
from masklab.training.loss import loss_of, scored_error

MASKED = {"kind": "reconstruct", "window": 24, "rate": 0.25, "scored": "masked"}
SHAPE = torch.Size([400, 48, 7])


def some_hidden(scope="both"):
    return recipe(layer("mcar", scope, rate=0.3, seed=1))


def drawn(seed=0, **settings):
    task = Reconstruct(window=48, scored="masked", **settings)
    return fresh_cells(SHAPE, task, torch.Generator().manual_seed(seed))


def test_validation_and_test_score_what_the_mask_hides_and_nothing_on_top():
    panel = waves(missing=0.1)
    ready = prepared(panel, ["residual"], task=MASKED, recipe=some_hidden())
    later = ready.parts != TRAINING
    np.testing.assert_array_equal(ready.common[later], (ready.native & ~ready.observed)[later])
    np.testing.assert_array_equal(ready.hidden[later], ready.common[later])
    assert ready.fresh is None
    fresh = prepared(panel, ["residual"], task={**MASKED, "scored": "fresh"}, recipe=some_hidden())
    assert (ready.observed & ~fresh.observed)[later].any()
    training = ready.parts == TRAINING
    np.testing.assert_array_equal(ready.common[training], (ready.native & ready.observed)[training])


def test_a_mask_that_hides_nothing_there_is_refused():
    with pytest.raises(ExperimentError, match=r"hides no cell of .* choose task.scored: fresh"):
        prepared(waves(), ["residual"], task=MASKED, recipe=some_hidden("training"))


@pytest.mark.parametrize("settings", [{}, {"training_pattern": "rectangles", "rate_to": 0.5}])
def test_its_run_learns_and_predicts_the_hidden_cells(settings):
    task = {**MASKED, **settings}
    changes = {"task": task, "recipe": some_hidden()}
    plan = experiment(["residual"], **changes)
    ready = prepared(waves(), ["residual"], **changes)
    run = Run(ready, plan.strategies[0], 0, plan.model, plan.training)
    reports = list(run.reports())
    assert all(np.isfinite(one.training_loss) for one in reports)
    found = run.predictions(VALIDATION)
    error = np.abs(found.predicted - found.truth)[found.common]
    original = min(reports, key=lambda one: one.common.mse).common_original
    assert error.size == original.count > 0
    assert error.mean() == pytest.approx(original.mae, rel=1e-5)


def test_shares_are_drawn_for_each_window_between_the_two_rates():
    shares = drawn(rate=0.1, rate_to=0.9).float().mean(dim=(1, 2))
    assert shares.min() < 0.2
    assert shares.max() > 0.8
    assert shares.mean() == pytest.approx(0.5, abs=0.04)
    same = drawn(rate=0.1).float().mean(dim=(1, 2))
    assert same.mean() == pytest.approx(0.1, abs=0.01)
    assert same.std() < 0.03


def test_stretches_are_one_in_a_channel_and_as_long_as_they_say():
    hidden = drawn(rate=0.001, training_pattern="stretches")
    starts = (hidden[:, 1:] & ~hidden[:, :-1]).sum(dim=1) + hidden[:, 0]
    length = hidden.sum(dim=1)
    long = length >= 3  # the others are the rare single cells
    assert (starts[long] <= 2).all()
    assert (starts[long] == 1).float().mean() > 0.9
    assert length[long].min() >= 5
    assert length.max() <= 48 * 5 / 6 + 2
    windows = long.any(dim=1).float().mean()
    assert windows == pytest.approx(2 / 3, abs=0.08)


def test_rectangles_are_shared_by_most_channels():
    hidden = drawn(rate=0.001, training_pattern="rectangles")
    together = hidden.sum(dim=2)
    shaped = together > 2
    assert shaped.any(dim=1).float().mean() == pytest.approx(2 / 3, abs=0.08)
    assert (together[shaped] >= 4).float().mean() > 0.95


@pytest.mark.parametrize("pattern", [None, "stretches", "rectangles"])
def test_a_seed_draws_the_same_again(pattern):
    settings = {"rate": 0.2, "rate_to": 0.6, "training_pattern": pattern}
    assert torch.equal(drawn(3, **settings), drawn(3, **settings))
    assert not torch.equal(drawn(3, **settings), drawn(4, **settings))


def test_a_rate_to_below_the_rate_is_refused():
    with pytest.raises(ValueError, match=r"rate_to \(0.1\) is below rate \(0.2\)"):
        Reconstruct(rate=0.2, rate_to=0.1)


def test_the_calendar_tells_day_week_and_year():
    panel = waves()
    clock = panel.clock.astype(np.int64)
    found = calendar(panel, clock, ("day", "week", "year"))
    times = panel.clock.astype("datetime64[h]").astype(np.int64)
    np.testing.assert_allclose(found[:, 0], np.sin(2 * np.pi * (times % 24) / 24), atol=1e-5)
    np.testing.assert_allclose(found[:, 3], np.cos(2 * np.pi * (times % 168) / 168), atol=1e-5)
    np.testing.assert_allclose(found[:, 4] ** 2 + found[:, 5] ** 2, 1, atol=1e-5)
    np.testing.assert_array_equal(calendar(panel, clock, ("week",)), found[:, 2:4])


@pytest.mark.parametrize("kind", ["carry", "residual"])
def test_a_network_reads_the_calendar_whatever_is_masked(kind):
    changes = {
        "task": MASKED,
        "recipe": some_hidden(),
        "model": {"hidden_size": 6, "calendar": ["day"]},
    }
    plan = experiment([kind], **changes)
    ready = prepared(waves(), [kind], **changes)
    run = Run(ready, plan.strategies[0], 0, plan.model, plan.training)
    batch = Gatherer(ready, kind, torch.device("cpu")).gather(
        torch.from_numpy(ready.starts(TEST)[:2])
    )
    shifted = (*batch.window[:-1], batch.window[-1] + 1)
    assert not torch.allclose(run.network(*batch.window), run.network(*shifted))
    with pytest.raises(ValueError, match="reads a calendar"):
        run.network(*batch.window[:-1])


def test_a_recurrence_of_channels_can_t_read_a_calendar():
    with pytest.raises(ExperimentError, match=r"strategies rits can't read a calendar"):
        experiment(["rits"], task=MASKED, model={"calendar": ["day"]})


def test_a_second_pass_corrects_the_first_and_never_reads_what_is_hidden():
    changes = {"task": MASKED, "recipe": some_hidden()}
    plan = experiment([{"kind": "residual", "passes": 2}], **changes)
    ready = prepared(waves(), [{"kind": "residual", "passes": 2}], **changes)
    (strategy,) = plan.strategies
    assert strategy.label == "residual(passes=2)"
    network = Run(ready, strategy, 0, plan.model, plan.training).network
    batch = Gatherer(ready, strategy.label, torch.device("cpu")).gather(
        torch.from_numpy(ready.starts(TEST)[:2])
    )
    predicted = network(*batch.window)
    values = torch.where(batch.observed, batch.values, 9.9)
    assert torch.equal(network(values, *batch.window[1:]), predicted)
    (second,) = network.refinements
    torch.nn.init.zeros_(second.head.weight)
    torch.nn.init.zeros_(second.head.bias)
    network.refinements = torch.nn.ModuleList()
    first = network(*batch.window)
    assert not torch.equal(predicted, first)
    network.refinements = torch.nn.ModuleList([second])
    assert torch.equal(network(*batch.window), first)


def test_a_committee_predicts_the_mean_of_members_that_learn_each_for_itself():
    changes = {"task": MASKED, "recipe": some_hidden()}
    plan = experiment(["carry"], **changes, model={"hidden_size": 6, "members": 3})
    ready = prepared(waves(), ["carry"], **changes)
    run = Run(ready, plan.strategies[0], 0, plan.model, plan.training)
    alone = Run(
        ready, plan.strategies[0], 0, plan.model.model_copy(update={"members": 1}), plan.training
    )
    first, second, third = run.network.members
    for (name, one), other in zip(
        alone.network.named_parameters(), first.parameters(), strict=True
    ):
        assert torch.equal(one, other), name
    assert not torch.equal(first.head.weight, second.head.weight)
    batch = Gatherer(ready, "carry", torch.device("cpu")).gather(
        torch.from_numpy(ready.starts(TEST)[:2])
    )
    before = [one.head.weight.clone() for one in (first, second, third)]
    list(run.reports())
    for one, was in zip((first, second, third), before, strict=True):
        assert not torch.equal(one.head.weight, was)
    network = run.network.eval()
    mean = torch.stack([one(*batch.window) for one in network.members]).mean(dim=0)
    assert torch.equal(network(*batch.window), mean)
    network.train()
    assert network.with_auxiliary(*batch.window)[0].shape == (3, *mean.shape)


def test_the_loss_of_several_estimates_is_their_mean():
    truth, scored = torch.zeros(2, 3, 1), torch.rand(2, 3, 1) < 0.5
    scored[0, 0, 0] = True
    estimates = torch.randn(4, 2, 3, 1)
    every = loss_of(scored_error(estimates, truth, scored), scored, "mae")
    each = [loss_of(scored_error(one, truth, scored), scored, "mae") for one in estimates]
    torch.testing.assert_close(every, torch.stack(each).mean())
