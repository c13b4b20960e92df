"""`decay` and `rits`, forward and backward, against plain Python loops of LSTM cells.

The loops say the same with `nn.LSTMCell` and autograd, one step after the other; that both agree is
checked before the clock starts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.measuring import Job, interleaved, ratios
from benchmarks.report import Progress, Report, Row
from masklab.nn.decay import DecayLSTM
from masklab.nn.own_recurrence import OwnRecurrence
from masklab.nn.rits import RITS
from masklab.strategies.decay import Decay
from masklab.strategies.rits import Rits
from masklab.strategies.strategy import Features, Statistics

Outputs = tuple[Tensor, ...]


@dataclass(frozen=True)
class Size:
    """Batch, time, channel and hidden sizes."""

    batch: int
    time: int
    channel: int
    hidden: int

    def __str__(self) -> str:
        return f"B={self.batch} T={self.time} C={self.channel} H={self.hidden}"


SIZES = (Size(64, 100, 8, 64), Size(64, 48, 8, 48), Size(32, 48, 3, 32), Size(64, 256, 8, 128))


def cell_of(lstm: OwnRecurrence) -> nn.LSTMCell:
    """Return PyTorch's cell on the same weights."""
    cell = nn.LSTMCell(lstm.input_size, lstm.hidden_size)
    for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh"):
        setattr(cell, name, getattr(lstm, f"{name}_l0"))
    return cell


def fade(elapsed: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """Return γ = exp(-max(0, W δ + b))."""
    return torch.exp(-functional.relu(functional.linear(elapsed, weight, bias)))


def decay_loop(lstm: DecayLSTM, seen: Features, mean: Tensor) -> Outputs:
    """Run `decay` as its equations, step by step."""
    cell, outputs = cell_of(lstm), []
    h = c = seen.values.new_zeros(len(seen.values), lstm.hidden_size)
    for t in range(seen.values.shape[1]):
        last, mask = seen.values[:, t].chunk(2, dim=-1)
        delta = seen.elapsed[:, t]
        gamma = torch.exp(-functional.relu(lstm.weight_decay_x * delta + lstm.bias_decay_x))
        x = mask * last + (1 - mask) * (gamma * last + (1 - gamma) * mean)
        h = h * fade(delta, lstm.weight_decay_h, lstm.bias_decay_h)
        h, c = cell(torch.cat((x, mask), dim=-1), (h, c))
        outputs.append(h)
    return (torch.stack(outputs, dim=1),)


def rits_loop(lstm: RITS, seen: Features, mean: Tensor) -> Outputs:
    """Run `rits` as its equations, step by step, with its own loss."""
    cell, outputs, estimates, loss = cell_of(lstm), [], [], 0.0
    h = c = seen.values.new_zeros(len(seen.values), lstm.hidden_size)
    others = lstm.weight_feature * (1 - torch.eye(len(mean)))
    for t in range(seen.values.shape[1]):
        x, mask = seen.values[:, t].chunk(2, dim=-1)
        x_hat = functional.linear(h, lstm.weight_history, lstm.bias_history)
        x_c = mask * x + (1 - mask) * x_hat
        gamma = fade(seen.elapsed[:, t], lstm.weight_decay_h, lstm.bias_decay_h)
        z_hat = functional.linear(x_c, others, lstm.bias_feature)
        mixed = functional.linear(torch.cat((gamma, mask), -1), lstm.weight_mix, lstm.bias_mix)
        beta = torch.sigmoid(mixed)
        c_hat = beta * z_hat + (1 - beta) * x_hat
        for estimate in (x_hat, z_hat, c_hat):
            loss = loss + ((estimate - x).abs() * mask).sum()
        h, c = cell(torch.cat((mask * x + (1 - mask) * c_hat, mask), -1), (h * gamma, c))
        outputs.append(h)
        estimates.append(c_hat)
    observed = seen.values.chunk(2, dim=-1)[1].sum()
    return torch.stack(outputs, dim=1), torch.stack(estimates, dim=1), loss / observed


LOOPS: dict[str, tuple[type, type, Callable[..., Outputs]]] = {
    "decay": (DecayLSTM, Decay, decay_loop),
    "rits": (RITS, Rits, rits_loop),
}


def pass_of(run: Callable[[], Outputs], module: nn.Module) -> Job:
    """Return one forward and backward pass."""

    def both_ways() -> None:
        module.zero_grad()
        torch.stack([one.sum() for one in run()]).sum().backward()

    return both_ways


def measure(size: Size, strategy: str, turns: int) -> Row:
    """Time one strategy at one size, on a window half of whose cells are hidden."""
    module, member, loop = LOOPS[strategy]
    torch.manual_seed(0)
    lstm = module(2 * size.channel, size.hidden, 1, size.channel, 0.0, False)
    for one in lstm.parameters():
        nn.init.uniform_(one, -(size.hidden**-0.5), size.hidden**-0.5)
    values = torch.randn(size.batch, size.time, size.channel)
    observed, mean = torch.rand_like(values) < 0.5, torch.zeros(size.channel)
    statistics = Statistics(mean, mean, torch.ones_like(mean))
    seen = member().features(values, observed, observed, statistics)
    plain = nn.LSTM(2 * size.channel, size.hidden, batch_first=True)

    def ours() -> Outputs:
        return tuple(one for one in lstm([seen], mean) if one is not None)

    for one, other in zip(ours(), loop(lstm, seen, mean), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    jobs = {
        "ours": pass_of(ours, lstm),
        "loop of cells": pass_of(lambda: loop(lstm, seen, mean), lstm),
        "nn.LSTM": pass_of(lambda: (plain(seen.values)[0],), plain),
    }
    return {"size": str(size), "strategy": strategy, **ratios(interleaved(jobs, turns), "ours")}


def run(quick: bool, tell: Progress) -> Report:
    """Time both strategies at every size; `quick` at the smallest."""
    rows = []
    for size in SIZES[2:3] if quick else SIZES:
        tell(str(size))
        rows += [measure(size, strategy, 2 if quick else 12) for strategy in LOOPS]
    notes = ("Cost of forward and backward relative to MaskLab's own recurrence.",)
    return Report("Recurrences", tuple(rows), notes)
