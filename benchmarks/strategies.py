"""A training step of every strategy against `mean_fill`, forecast and reconstruct."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from benchmarks.measuring import Times, interleaved
from benchmarks.report import Progress, Report, Row
from masklab.catalogue import members
from masklab.nn import MaskedNetwork, build_network
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, ModelConfig, Reconstruct

UNIT = "mean_fill"
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


def learn(network: MaskedNetwork, values: Tensor, observed: Tensor) -> None:
    """Go forward and backward, the strategy's own loss included."""
    network.zero_grad()
    predicted, auxiliary = network.with_auxiliary(values, observed, observed)
    loss = predicted.square().mean()
    (loss if auxiliary is None else loss + auxiliary).backward()


def measure(task: str, turns: int) -> dict[str, Times]:
    """Time every strategy of one task."""
    kind, model = TASKS[task]
    jobs = {
        name: partial(
            learn,
            build_network(member(), kind, CHANNELS, range(CHANNELS), model, seed=0),
            *window(),
        )
        for name, member in members("masklab.strategies", Strategy).items()
        if task in member.tasks
    }
    return interleaved(jobs, turns)


def run(quick: bool, tell: Progress) -> Report:
    """Time both tasks on a batch of the default size; one row for each strategy."""
    rows: dict[str, Row] = {}
    for task in TASKS:
        tell(task)
        times = measure(task, 2 if quick else 25)
        for name, one in times.items():
            row = rows.setdefault(name, {"strategy": name})
            row[task] = one.fastest / times[UNIT].fastest
            row[f"median {task}"] = one.median / times[UNIT].median
    notes = (
        f"Cost of forward and backward relative to {UNIT}: {BATCH} windows of {TIME} steps of "
        f"{CHANNELS} channels, half of the cells hidden, a third of these in whole steps.",
    )
    return Report("Strategies", tuple(rows.values()), notes)
