"""Time `decay` and `rits`, forward and backward, against plain Python loops of LSTM cells.

    python benchmarks/recurrences.py [--quick] [--json OUT]

The loops say the same with `nn.LSTMCell` and autograd, one step after the other; the first turn
checks that both agree. All contestants take turns in one process on one thread, timed by the CPU
time that they use, on a window half of whose cells are hidden. The table shows the ratio of the
fastest passes: how many times the loop takes as long, and the cost against an unmasked `nn.LSTM`.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn import functional

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


@dataclass(frozen=True)
class Result:
    """Milliseconds of a strategy's pass and of its loop's, and the ratios of the fastest."""

    size: str
    strategy: str
    fastest: float
    median: float
    loop_fastest: float
    loop_median: float
    speedup: float
    against_lstm: float


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


def seconds_of(run: Callable[[], Outputs], parameters: list[Tensor]) -> float:
    """Return the processor time of one forward and backward pass."""
    for one in parameters:
        one.grad = None
    began = time.process_time()
    sum(one.sum() for one in run()).backward()
    return time.process_time() - began


def measure(size: Size, strategy: str, turns: int) -> Result:
    """Time one strategy at one size."""
    module, member, loop = LOOPS[strategy]
    torch.manual_seed(0)
    lstm = module(2 * size.channel, size.hidden, 1, size.channel, 0.0, False)
    for one in lstm.parameters():
        nn.init.uniform_(one, -(size.hidden**-0.5), size.hidden**-0.5)
    values = torch.randn(size.batch, size.time, size.channel)
    observed, mean = torch.rand_like(values) < 0.5, torch.zeros(size.channel)
    seen = member().features(values, observed, observed, Statistics(mean, mean))
    plain = nn.LSTM(2 * size.channel, size.hidden, batch_first=True)
    contestants: dict[str, tuple[Callable[[], Outputs], list[Tensor]]] = {
        "ours": (lambda: _given(lstm([seen], mean)), list(lstm.parameters())),
        "loop": (lambda: loop(lstm, seen, mean), list(lstm.parameters())),
        "nn.LSTM": (lambda: (plain(seen.values)[0],), list(plain.parameters())),
    }
    for one, other in zip(*(contestants[name][0]() for name in ("ours", "loop")), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-4)
    taken: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(turns):
        for name, (run, parameters) in contestants.items():
            taken[name].append(1000 * seconds_of(run, parameters))
    best = {name: min(times) for name, times in taken.items()}
    return Result(
        str(size), strategy, best["ours"], median(taken["ours"]), best["loop"],
        median(taken["loop"]), best["loop"] / best["ours"], best["ours"] / best["nn.LSTM"],
    )  # fmt: skip


def _given(reading: tuple[Tensor | None, ...]) -> Outputs:
    return tuple(one for one in reading if one is not None)


def main() -> None:
    """Print the table; write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, for a smoke test")
    parser.add_argument("--json", type=Path, help="write the results here too")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    results = []
    print("size                     strategy      ms   loop ms  times as fast  cost of nn.LSTM")
    for size in SIZES:
        for strategy in LOOPS:
            one = measure(size, strategy, 3 if chosen.quick else 30)
            results.append(one)
            print(
                f"{one.size:24} {one.strategy:8} {one.fastest:7.2f} {one.loop_fastest:9.2f}"
                f" {one.speedup:14.2f} {one.against_lstm:16.2f}"
            )
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    main()
