"""A run that goes on from a checkpoint ends as one that nothing disturbed, bit for bit."""

from __future__ import annotations

import dataclasses
import math
from itertools import islice
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from masklab.errors import TrainingError
from masklab.runs.spec import STRATEGIES
from masklab.training import checkpoint as checkpoints
from masklab.training.loop import Run
from masklab.training.prepare import prepare
from tests.training.training_cases import experiment, waves


def run_of(plan, shared) -> Run:
    return Run(shared, plan.strategies[0], 3, plan.model, plan.training)


def told(reports) -> list[dict[str, object]]:
    return [dataclasses.asdict(one) | {"seconds": 0} for one in reports]


def both_ways(plan, shared, epochs: int, path: Path) -> tuple[Run, Run, list, list]:
    """Train undisturbed, and with a break after some epochs, through a file."""
    whole, first, second = (run_of(plan, shared) for _ in range(3))
    undisturbed = told(whole.reports())
    generator = first.reports()
    before = told(islice(generator, epochs))
    checkpoints.write(first.checkpoint(), path)
    generator.close()
    second.restore(checkpoints.read(path))
    return whole, second, undisturbed, before + told(second.reports())


@pytest.mark.parametrize("kind", sorted(STRATEGIES))
def test_every_strategy_ends_with_the_same_numbers_and_weights(kind, tmp_path):
    task = "reconstruct" if "forecast" not in STRATEGIES[kind].tasks else "forecast"
    plan = experiment([kind], task={"kind": task, "window": 24})
    shared = prepare(plan, waves(missing=0.2))
    whole, second, undisturbed, mended = both_ways(plan, shared, 1, tmp_path / "checkpoint")
    assert mended == undisturbed
    for name, tensor in whole.network.state_dict().items():
        assert torch.equal(tensor, second.network.state_dict()[name])


@settings(max_examples=12, deadline=None)
@given(
    epochs=st.integers(0, 6),
    dropout=st.sampled_from([0.0, 0.5]),
    schedule=st.sampled_from(["one_cycle", "cosine", "constant"]),
    patience=st.sampled_from([None, 1, 2]),
)
def test_a_break_after_any_epoch_changes_nothing(
    tmp_path_factory, epochs, dropout, schedule, patience
):
    plan = experiment(
        ["carry"],
        model={"hidden_size": 8, "num_layers": 2, "dropout": dropout},
        training={"epochs": 6, "schedule": schedule, "patience": patience, "learning_rate": 0.1},
    )
    path = tmp_path_factory.mktemp("breaks") / "checkpoint"
    whole, second, undisturbed, mended = both_ways(
        plan, prepare(plan, waves(missing=0.2)), epochs, path
    )
    assert mended == undisturbed
    assert (whole.predictions().predicted == second.predictions().predicted).all()


def test_a_checkpoint_stands_still_while_training_goes_on():
    plan = experiment(["carry"])
    run = run_of(plan, prepare(plan, waves()))
    reports = run.reports()
    next(reports)
    taken = run.checkpoint()
    before = {name: tensor.clone() for name, tensor in taken.tensors.items()}
    list(reports)
    assert all(torch.equal(taken.tensors[name], tensor) for name, tensor in before.items())


def test_positions_keep_every_bit_of_a_score(tmp_path):
    position = checkpoints.Position("carry", 1, 2, 1, math.nextafter(0.1, 1), 8, 16)
    checkpoints.write(checkpoints.Checkpoint(position, {}), tmp_path / "one")
    assert checkpoints.read(tmp_path / "one").position == position


@pytest.mark.parametrize("share", [0.0, 0.01, 0.5, 0.999])
def test_a_checkpoint_cut_short_is_told_as_damaged(share, tmp_path):
    plan = experiment(["carry"])
    path = tmp_path / "cut"
    checkpoints.write(run_of(plan, prepare(plan, waves())).checkpoint(), path)
    path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])
    with pytest.raises(TrainingError, match="damaged"):
        checkpoints.read(path)


def test_tensors_without_a_position_are_no_checkpoint(tmp_path):
    import safetensors.torch  # noqa: PLC0415

    safetensors.torch.save_file({"a": torch.zeros(2)}, tmp_path / "other")
    with pytest.raises(TrainingError, match="damaged or none"):
        checkpoints.read(tmp_path / "other")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 4}, "seed 4"),
        ({"strategy": "reset"}, "of reset"),
        ({"planned": 5}, "5 steps"),
    ],
)
def test_a_checkpoint_of_another_run_is_refused(changes, words):
    plan = experiment(["carry"])
    run = run_of(plan, prepare(plan, waves()))
    found = run.checkpoint()
    other = checkpoints.Checkpoint(dataclasses.replace(found.position, **changes), found.tensors)
    with pytest.raises(TrainingError, match=words):
        run.restore(other)


def test_a_checkpoint_of_another_shape_is_refused():
    small = experiment(["carry"])
    large = experiment(["carry"], model={"hidden_size": 9})
    shared = prepare(small, waves())
    with pytest.raises(TrainingError, match="another shape"):
        run_of(large, shared).restore(run_of(small, shared).checkpoint())
