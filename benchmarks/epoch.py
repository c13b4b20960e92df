"""Time a training epoch on a series of 1M x 8 against its bare forward and backward steps.

    python benchmarks/epoch.py [--quick] [--json OUT]

The epoch gathers its batches, hides fresh cells, learns (clipping, AdamW, schedule) and pools its
scores; the bare steps are the same network's forward and backward passes on the same batches,
gathered beforehand. Both take turns in one process on one thread; the table shows the ratio of the
fastest of each. Preparation's time and the memory on top of the series are printed too.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch

from masklab.data.series import Panel
from masklab.runs.spec import Experiment, parse_experiment
from masklab.split import VALIDATION
from masklab.training.batches import Batch
from masklab.training.learner import Learner
from masklab.training.loop import Run
from masklab.training.loss import loss_of, scored_error
from masklab.training.prepare import prepare


@dataclass(frozen=True)
class Result:
    """Seconds of the fastest epoch and of its fastest bare steps, and their ratio."""

    task: str
    strategy: str
    epoch: float
    bare: float
    ratio: float
    validation: float


def series(rows: int) -> Panel:
    """Return eight noisy daily waves by the minute, a tenth of their cells missing."""
    rng = np.random.default_rng(0)
    minutes = np.arange(rows)
    values = np.sin(2 * np.pi * minutes[:, None] / 1440 + np.arange(8))
    values += 0.1 * rng.normal(size=values.shape)
    values[rng.random(values.shape) < 0.1] = np.nan
    clock = np.datetime64("2024-01-01", "us") + minutes * np.timedelta64(60, "s")
    return Panel(("made",), np.array([0, rows]), clock, values, tuple("abcdefgh"))


def experiment(task: str, kinds: list[str]) -> Experiment:
    """Return an experiment of default size with a mask over three tenths of the cells."""
    return parse_experiment(
        {
            "data": {"path": "made.csv"},
            "task": {"kind": task},
            "recipe": {"layers": [{"rule": {"kind": "mcar", "rate": 0.3, "seed": 1}}]},
            "strategies": [{"kind": kind} for kind in kinds],
        }
    )


def bare_steps(run: Run, batches: list[Batch]) -> None:
    """Go forward and backward over batches that lie ready."""
    for batch in batches:
        run.network.zero_grad()
        predicted = run.network(batch.values, batch.observed, batch.native)
        loss_of(scored_error(predicted, batch.target, batch.own), batch.own, "mse").backward()


def fastest(turns: int, *contestants: Callable[[], object]) -> list[float]:
    """Return each contestant's least processor time; they take turns."""
    best = [float("inf")] * len(contestants)
    for _ in range(turns):
        for place, contestant in enumerate(contestants):
            began = time.process_time()
            contestant()
            best[place] = min(best[place], time.process_time() - began)
    return best


def measure(run: Run, task: str, turns: int) -> Result:
    """Time one run's epoch, its bare steps and its validation."""
    learner = Learner(run.network, run.config, 10_000)
    order = run._order(1)
    batches = list(run._batches(order, run.config.batch_size, fresh_in=1))
    epoch, bare, validation = fastest(
        turns,
        lambda: run._epoch(1, run._order(1), learner),
        lambda: bare_steps(run, batches),
        lambda: run._epoch(1, run.prepared.starts(VALIDATION)),
    )
    return Result(task, run.strategy.label, epoch, bare, epoch / bare, validation)


def peak_megabytes() -> float:
    """Return the most memory that this process has held."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def main() -> None:
    """Print the table; write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="fewer turns, for a smoke test")
    parser.add_argument("--json", type=Path, help="write the results here too")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    panel = series(1_000_000)
    kinds, results = ["mean_fill", "indicator", "carry", "reset"], []
    before = peak_megabytes()
    print("task         strategy     epoch s  bare s  ratio  validation s")
    for task in ("forecast", "reconstruct"):
        plan = experiment(task, kinds)
        began = time.process_time()
        prepared = prepare(plan, panel)
        preparation = time.process_time() - began
        for strategy in plan.strategies:
            run = Run(prepared, strategy, 0, plan.model, plan.training)
            one = measure(run, task, 2 if chosen.quick else 10)
            results.append(one)
            print(
                f"{task:12} {one.strategy:12} {one.epoch:7.3f} {one.bare:7.3f} {one.ratio:6.2f}"
                f" {one.validation:13.3f}"
            )
        print(f"{task} of 1M x 8 prepared in {preparation:.2f} s")
    print(f"most memory on top of the series and imports: {peak_megabytes() - before:.0f} MB")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(one) for one in results], indent=1))


if __name__ == "__main__":
    main()
