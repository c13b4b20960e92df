"""Trap 9: a sentinel that is declared is a hole in the file, to everything that comes after it."""

from __future__ import annotations

import numpy as np
import pytest
from training_cases import experiment

from masklab.data.inspect import inspect
from masklab.data.read import read_panel
from masklab.split import VALIDATION
from masklab.training.loop import Run
from masklab.training.prepare import Prepared, prepare

KINDS = ["ignore", "mean_fill", "carry"]


def file_with(hole: str) -> bytes:
    """An hourly CSV of a daily wave, `hole` standing in one of ten cells of the first channel."""
    rng = np.random.default_rng(0)
    clock = np.datetime64("2024-01-01T00", "m") + np.arange(600) * np.timedelta64(60, "m")
    wave = 20 + 3 * np.sin(np.arange(600) * 2 * np.pi / 24) + 0.1 * rng.normal(size=600)
    lost = rng.random(600) < 0.1
    rows = [
        f"{at},{hole if gone else f'{value:.3f}'},{value:.3f}"
        for at, value, gone in zip(clock, wave, lost, strict=True)
    ]
    return "\n".join(["time,a,b", *rows]).encode()


def ready(hole: str, **reading) -> Prepared:
    return prepare(experiment(KINDS), read_panel(file_with(hole), **reading))


@pytest.mark.parametrize("sentinel", ["-200", "-999", "9999", "-1"])
def test_trap_9_a_declared_sentinel_is_learnt_as_little_as_an_empty_cell(sentinel):
    empty, declared = ready(""), ready(sentinel, sentinels={"a": (float(sentinel),)})
    for name in ("values", "native", "observed", "common", "mean", "zero"):
        np.testing.assert_array_equal(getattr(declared, name), getattr(empty, name), err_msg=name)
    np.testing.assert_array_equal(declared.starts(), empty.starts())
    plan = experiment(KINDS)
    for strategy in plan.strategies:
        first, other = (
            Run(one, strategy, 0, plan.model, plan.training).predictions(VALIDATION)
            for one in (empty, declared)
        )
        np.testing.assert_array_equal(first.predicted, other.predicted)
        np.testing.assert_array_equal(first.truth, other.truth)
        assert (first.common == other.common).all()


@pytest.mark.parametrize("sentinel", ["-200", "-999", "9999", "-1"])
def test_trap_9_an_undeclared_sentinel_spoils_the_scale_and_is_suspected(sentinel):
    panel = read_panel(file_with(sentinel))
    assert [(one.channel, one.value) for one in inspect(panel).sentinels] == [
        ("a", float(sentinel))
    ]
    assert prepare(experiment(KINDS), panel).scaler.scale[0, 0] > 2 * ready("").scaler.scale[0, 0]
