"""Time a training step of every strategy against `mean_fill`, forecast and reconstruct.

    python benchmarks/strategies.py [--quick] [--json OUT]

A step is the network's forward and backward pass on a batch of the default size, the strategy's
own loss included. Half of the cells are hidden, a third of them in whole steps. All strategies take
turns in one process on one thread; the table shows the ratio of the fastest passes.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import torch
from torch import Tensor

from masklab.catalogue import members
from masklab.nn import MaskedNetwork, build_network
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct

BATCH, TIME, CHANNELS = 64, 48, 8
TASKS = {
    "forecast": (Forecast(window=TIME), ModelConfig()),
    "reconstruct": (Reconstruct(window=TIME), ModelConfig(bidirectional=True)),
}


def window() -> tuple[Tensor, Tensor]:
    """Return values and a mask that hides half of the cells, a third of these in whole steps."""
    torch.manual_seed(0)
    values = torch.randn(BATCH, TIME, CHANNELS)
    steps = torch.rand(BATCH, TIME, 1) < 5 / 6
    return values, steps & (torch.rand_like(values) < 3 / 5)


def seconds_of(network: MaskedNetwork, values: Tensor, observed: Tensor) -> float:
    """Return the processor time of one step."""
    network.zero_grad()
    began = time.process_time()
    predicted, auxiliary = network.with_auxiliary(values, observed, observed)
    loss = predicted.square().mean()
    (loss if auxiliary is None else loss + auxiliary).backward()
    return time.process_time() - began


def ratios(task: str, turns: int) -> dict[str, float]:
    """Return each strategy's fastest step, relative to that of `mean_fill`."""
    kind, model = TASKS[task]
    values, observed = window()
    networks = {
        name: build_network(member(), kind, CHANNELS, range(CHANNELS), model, seed=0)
        for name, member in members("masklab.strategies", Strategy).items()
        if task in member.tasks
    }
    best = dict.fromkeys(networks, float("inf"))
    for _ in range(turns):
        for name, network in networks.items():
            best[name] = min(best[name], seconds_of(network, values, observed))
    return {name: seconds / best["mean_fill"] for name, seconds in best.items()}


def main() -> None:
    """Print the table; write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, for a smoke test")
    parser.add_argument("--json", type=Path, help="write the results here too")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    found = {task: ratios(task, 3 if chosen.quick else 40) for task in TASKS}
    print("strategy       forecast  reconstruct")
    for name in found["reconstruct"]:
        forecast = found["forecast"].get(name)
        shown = "" if forecast is None else f"{forecast:.2f}"
        print(f"{name:14} {shown:>8} {found['reconstruct'][name]:12.2f}")
    if chosen.json:
        chosen.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
