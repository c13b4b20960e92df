"""The optimiser is torch's own, without its compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import nn

from masklab.training.adamw import AdamW

RATES = (1e-3, 3e-2, 0.0, 5e-3, 1e-4)


@pytest.mark.parametrize("fused", [True, False])
@pytest.mark.parametrize("weight_decay", [0.0, 1e-2])
def test_steps_are_those_of_torch_bit_for_bit(fused, weight_decay):
    torch.manual_seed(0)
    ours = nn.LSTM(3, 5)
    theirs = nn.LSTM(3, 5)
    theirs.load_state_dict(ours.state_dict())
    optimiser = AdamW(list(ours.parameters()), weight_decay)
    optimiser._fused = fused
    reference = torch.optim.AdamW(theirs.parameters(), weight_decay=weight_decay, fused=fused)
    for rate in RATES:
        x = torch.randn(7, 2, 3)
        for network in (ours, theirs):
            network.zero_grad()
            network(x)[0].square().sum().backward()
            if rate == RATES[1]:  # not all of a network takes part in every loss
                network.bias_hh_l0.grad = None
        reference.param_groups[0]["lr"] = rate
        reference.step()
        optimiser.step(rate)
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.equal(one, other)
    optimiser.clear()
    assert all(one.grad is None for one in ours.parameters())


def test_an_epoch_needs_neither_pandas_nor_the_compiler_of_torch():
    """100 MB, and more than a second before the first epoch of every run."""
    code = (
        "import sys; from benchmarks.made import made_panel;"
        "from benchmarks.epoch import experiment;"
        "from masklab.training.loop import Run; from masklab.training.prepare import prepare;"
        "plan = experiment('reconstruct', ('carry',), training_windows=64);"
        "run = Run(prepare(plan, made_panel(2000)), plan.strategies[0], 0, plan.model, plan.training);"
        "next(run.reports());"
        "print([name for name in ('pandas', 'pyarrow', 'torch._dynamo') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "[]\n"
