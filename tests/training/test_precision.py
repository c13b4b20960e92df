"""Mixed precision stays near float32, and a run computes repeatably without a trace outside it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils import deterministic
from training_cases import experiment, layer, recipe, waves

from masklab.errors import TrainingError
from masklab.runs.identity import fingerprint
from masklab.runs.spec import STRATEGIES
from masklab.training import device, precision
from masklab.training.loop import Run
from masklab.training.precision import is_mixed
from masklab.training.prepare import prepare

HIDDEN = recipe(layer("mcar", rate=0.3, seed=1))
CPU, CUDA, MPS = (torch.device(kind) for kind in ("cpu", "cuda", "mps"))
NEEDS_CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA here")
FLAGS = {
    "random": lambda: torch.get_rng_state().tolist(),
    "mode": torch.get_deterministic_debug_mode,
    "fills": lambda: deterministic.fill_uninitialized_memory,
    "cudnn": lambda: (torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark),
    "cudnn deterministic": lambda: torch.backends.cudnn.deterministic,
    "tf32": lambda: (torch.backends.cudnn.allow_tf32, torch.backends.cuda.matmul.allow_tf32),
    "autocast": lambda: torch.is_autocast_enabled("cpu"),
    "threads": torch.get_num_threads,
    "gradients": torch.is_grad_enabled,
}


def run_of(kind, reconstruct=False, **training):
    """A run of one strategy for one tiny epoch, not started."""
    name = "reconstruct" if reconstruct else STRATEGIES[kind].tasks[0]
    task = {"kind": name, "window": 12, **({"horizon": 2} if name == "forecast" else {})}
    settings = {"epochs": 1, "training_windows": 64, **training}
    model = {"hidden_size": 8, "num_layers": 2}
    plan = experiment([kind], recipe=HIDDEN, task=task, model=model, training=settings)
    prepared = prepare(plan, waves(240, missing=0.1))
    return Run(prepared, plan.strategies[0], 0, plan.model, plan.training)


def outcome(run):
    """Reports, weights and predictions of a run, trained to its end."""
    reports = [replace(one, seconds=0.0) for one in run.reports()]
    weights = [one.detach().cpu().numpy() for one in run.network.parameters()]
    return reports, weights, run.predictions().predicted


def same_bits(one, other):
    return one[0] == other[0] and all(
        np.array_equal(ours, theirs) for ours, theirs in zip(one[1], other[1], strict=True)
    )


@pytest.mark.parametrize("kind", sorted(STRATEGIES))
def test_mixed_precision_scores_near_float32(kind):
    exact, mixed = (run_of(kind, precision=one) for one in ("float32", "mixed"))
    (exactly, *_), (nearly, weights, predicted) = outcome(exact), outcome(mixed)
    assert nearly[-1].common.mse == pytest.approx(exactly[-1].common.mse, rel=0.02)
    assert nearly[-1].training_loss == pytest.approx(exactly[-1].training_loss, rel=0.02)
    assert nearly != exactly  # something was rounded: the layers that are no own recurrence
    assert {one.dtype for one in weights} == {np.dtype(np.float32)}
    assert np.isfinite(predicted).all()


@pytest.mark.parametrize("kind", ["rits", "brits"])
def test_an_own_recurrence_computes_in_float32_whatever_is_cast_around_it(kind):
    exact, mixed = (run_of(kind, reconstruct=True, precision=one) for one in ("float32", "mixed"))
    assert same_bits(outcome(exact), outcome(mixed))


@pytest.mark.parametrize("kind", ["carry", "decay"])
@pytest.mark.parametrize("chosen", ["float32", "mixed"])
def test_a_callers_autocast_changes_nothing(kind, chosen):
    alone = outcome(run_of(kind, precision=chosen))
    with torch.autocast("cpu", torch.bfloat16):
        assert same_bits(outcome(run_of(kind, precision=chosen)), alone)


def test_auto_is_float32_on_the_cpu():
    assert same_bits(outcome(run_of("carry", precision="auto")), outcome(run_of("carry")))
    assert not is_mixed(MPS, "auto")


@pytest.mark.parametrize("there", [False, True])
def test_cuda_is_mixed_where_bfloat16_is_in_hardware(there, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: there)
    assert is_mixed(CUDA, "auto") is there
    assert not is_mixed(CUDA, "float32")
    if there:
        assert is_mixed(CUDA, "mixed")
    else:
        with pytest.raises(TrainingError, match="no bfloat16 here"):
            is_mixed(CUDA, "mixed")


def test_mixed_is_refused_on_mps():
    with pytest.raises(TrainingError, match="Choose float32 or auto"):
        precision.is_mixed(MPS, "mixed")


@pytest.mark.parametrize("kind", ["carry", "mean_fill", "brits"])
@pytest.mark.parametrize("chosen", ["float32", "mixed"])
def test_the_cpu_repeats_bit_for_bit_whatever_is_allowed(kind, chosen):
    runs = [run_of(kind, precision=chosen, deterministic=one) for one in (True, True, False)]
    first, again, quick = map(outcome, runs)
    assert same_bits(first, again)
    assert same_bits(first, quick)


@pytest.mark.parametrize("repeats", [True, False])
def test_a_run_computes_under_flags_of_its_own_and_leaves_the_callers(repeats, monkeypatch):
    run = run_of("carry", deterministic=repeats, epochs=2)
    inside, forward = [], run.network.with_auxiliary
    monkeypatch.setattr(
        run.network,
        "with_auxiliary",
        lambda *window: (inside.append(read_flags()), forward(*window))[1],
    )
    torch.set_deterministic_debug_mode(0 if repeats else 1)
    try:
        before, reports = read_flags(), run.reports()
        assert before["fills"]
        for _ in reports:
            assert read_flags() == before
        run.predictions()
        assert read_flags() == before
    finally:
        torch.set_deterministic_debug_mode(0)
    for flags in inside:
        assert flags["mode"] == (2 if repeats else 0)
        assert flags["cudnn deterministic"] is repeats
        assert flags["cudnn"] == (True, not repeats)
        assert flags["tf32"][0] is not repeats
        assert not flags["fills"]


def read_flags():
    return {name: read() for name, read in FLAGS.items()}


def test_flags_are_restored_where_a_run_fails(monkeypatch):
    run, before = run_of("carry"), read_flags()
    monkeypatch.setattr(run.network, "with_auxiliary", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        next(run.reports())
    assert read_flags() == before


@pytest.mark.parametrize("asked", [None, ":16:8", ":0:0"])
@pytest.mark.parametrize("started", [False, True])
def test_cuda_needs_its_workspace_before_it_starts(asked, started, monkeypatch):
    name = "CUBLAS_WORKSPACE_CONFIG"
    monkeypatch.setenv(name, asked or "")  # so that it is restored, whatever is set below
    if asked is None:
        monkeypatch.delenv(name)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: started)
    if asked == ":0:0" or (asked is None and started):
        with pytest.raises(TrainingError, match="Set CUBLAS_WORKSPACE_CONFIG=:4096:8"):
            device.check_repeatable(CUDA)
    else:
        device.check_repeatable(CUDA)
        assert device.has_repeatable_workspace()
    device.check_repeatable(CPU)


def test_neither_setting_renames_an_experiment_that_does_not_use_it():
    plain = fingerprint(experiment(["carry"]))
    spelt = {"precision": "float32", "deterministic": True}
    assert fingerprint(experiment(["carry"], training=spelt)) == plain
    for changed in ({"precision": "mixed"}, {"deterministic": False}):
        assert fingerprint(experiment(["carry"], training=changed)) != plain


@NEEDS_CUDA
@pytest.mark.parametrize("kind", sorted(STRATEGIES))
def test_cuda_repeats_bit_for_bit_and_is_near_the_cpu(kind):
    expected = outcome(run_of(kind))[0][-1].common.mse
    for chosen, rel in (("float32", 1e-3), ("auto", 0.02)):
        runs = [run_of(kind, device="cuda", precision=chosen) for _ in range(2)]
        first, again = map(outcome, runs)
        assert same_bits(first, again)
        assert first[0][-1].common.mse == pytest.approx(expected, rel=rel)


@NEEDS_CUDA
def test_cuda_may_be_quick_instead():
    run = run_of("carry", device="cuda", precision="auto", deterministic=False)
    before = read_flags()
    assert np.isfinite(outcome(run)[0][-1].common.mse)
    assert read_flags() == before
