"""The estimate follows the size of the work, and no more is promised."""

from __future__ import annotations

import pytest
from training_cases import experiment, waves

from masklab.training.estimate import estimate_seconds
from masklab.training.prepare import prepare


def seconds(slots=1, seeds=(0, 1), strategies=("carry", "mean_fill"), **settings):
    plan = experiment(list(strategies), seeds=list(seeds), **settings)
    return estimate_seconds(plan, prepare(plan, waves(2000)), slots)


def test_two_slots_halve_the_time_and_more_slots_than_runs_do_not_help():
    assert seconds(2) == pytest.approx(seconds(1) / 2)
    assert seconds(99) == pytest.approx(seconds(4))


@pytest.mark.parametrize(
    "larger",
    [
        {"seeds": (0, 1, 2)},
        {"strategies": ("decay", "mean_fill")},
        {"training": {"epochs": 30}},
        {"training": {"training_windows": None}},
        {"model": {"hidden_size": 256}},
        {"model": {"hidden_size": 8, "num_layers": 2}},
        {"model": {"hidden_size": 8, "bidirectional": True}},
        {"task": {"kind": "forecast", "window": 48, "horizon": 3}},
    ],
)
def test_more_work_takes_longer(larger):
    assert seconds(**larger) > seconds()


def test_more_data_takes_longer_to_read_than_the_windows_drawn_from_it():
    plan = experiment(
        ["carry"], seeds=[0], training={"training_windows": 8, "validation_windows": 8}
    )
    small, large = (
        estimate_seconds(plan, prepare(plan, waves(rows)), 1) for rows in (2000, 20_000)
    )
    assert small < large < 10 * small
