"""What goes wrong when the training loss counts hidden targets, and what stays right."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from masklab.split import VALIDATION
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.training.training_cases import experiment, panel_of, waves

HALF = {"layers": [{"rule": {"kind": "mcar", "rate": 0.5, "seed": 1}}]}
TASKS = pytest.mark.parametrize(
    "task",
    [
        {"kind": "forecast", "window": 24, "horizon": 3},
        {"kind": "reconstruct", "window": 24, "rate": 0.3},
    ],
    ids=["forecast", "reconstruct"],
)


def run_of(loss_on, task, panel=None, kind="mean_fill", **training):
    training = {"loss_on": loss_on, "epochs": 6, "learning_rate": 0.02, **training}
    plan = experiment([kind], recipe=HALF, task=task, training=training)
    shared = prepare(plan, waves() if panel is None else panel)
    return Run(shared, plan.strategies[0], 0, plan.model, plan.training)


@TASKS
def test_counting_all_cells_pulls_predictions_to_the_raw_zero_and_scores_worse(task):
    found, scores = {}, {}
    for loss_on in ("scored", "all"):
        run = run_of(loss_on, task)
        for (
            report
        ) in run.reports():  # the last epoch's: the best weights are those that learnt least
            scores[loss_on], found[loss_on] = report.common_original, run.predictions(VALIDATION)
    # Values lie around 10 with half of the targets hidden: a raw zero is far below them all.
    assert scores["all"].count == scores["scored"].count
    assert scores["all"].mae > 1.5 * scores["scored"].mae
    cells = found["all"].common
    assert found["all"].predicted[cells].mean() < found["scored"].predicted[cells].mean() - 1


@TASKS
def test_a_target_that_is_not_known_counts_as_a_raw_zero_and_any_other_as_it_is(task):
    run = run_of("all", task, waves(missing=0.1))
    (batch,) = run._batches(run._order(1), 10_000, fresh_in=1)
    shared = run.prepared
    first = 24 if task["kind"] == "forecast" else 0
    steps = 3 if task["kind"] == "forecast" else 24
    rows = run._order(1)[:, None] + first + np.arange(steps)
    known = (shared.native & shared.observed)[rows]
    original = shared.scaler.original(batch.target.numpy(), rows)
    assert batch.own.all()
    assert 0.3 < known.mean() < 0.6
    np.testing.assert_allclose(original[~known], 0, atol=1e-5)
    np.testing.assert_allclose(batch.target.numpy()[known], shared.values[rows][known])


@TASKS
@pytest.mark.parametrize("kind", ["mean_fill", "carry"])
def test_hidden_values_reach_neither_the_loss_nor_the_weights(task, kind):
    panel = waves()
    observed = prepare(experiment(recipe=HALF), panel).observed
    other = panel_of(np.where(observed, panel.values, -1e6))
    runs = [run_of("all", task, one, kind, epochs=2) for one in (panel, other)]
    losses = [[one.training_loss for one in run.reports()] for run in runs]
    assert losses[0] == losses[1]
    for one, twin in zip(*(run.network.state_dict().values() for run in runs), strict=True):
        assert torch.equal(one, twin)


def test_validation_and_test_cells_are_not_touched():
    task = {"kind": "forecast", "window": 24, "horizon": 3}
    batches = []
    for loss_on in ("scored", "all"):
        run = run_of(loss_on, task)
        batches.append(next(run._batches(run.prepared.starts(VALIDATION), 10_000)))
    scored, counted = batches
    assert torch.equal(scored.own, counted.own)
    assert torch.equal(scored.target, counted.target)


def test_a_note_says_what_the_loss_counts():
    task = {"kind": "forecast", "window": 24, "horizon": 3}
    assert any("loss_on: all" in note for note in run_of("all", task).prepared.notes)
    assert not any("loss_on" in note for note in run_of("scored", task).prepared.notes)
