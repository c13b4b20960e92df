"""Forecasting with holes: what each strategy loses as more of its inputs go.

    python -m benchmarks.holes --data PATH/ETTh1.csv [--seeds 1] [--json OUT] [--jobs 2] [--small]

ETTh1 and two of the app's samples; single cells, stretches, and high values hidden (MNAR), at 0, 10, 30,
50 and 70 %. Six steps are forecast from 48. Training learns from what is not hidden; the test part is
scored on every cell that the file has, hidden or not, so that all rates and strategies are asked the same.
Beside them: last value, seasonal naive, and ridge regression on the forward-filled window with its flags.
A line of JSON for each cell; those in OUT already are not computed again.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.json_lines import JsonLines
from benchmarks.ridge import ridge
from masklab.data.samples import PREFIX
from masklab.runs.spec import STRATEGIES, Experiment, parse_experiment
from masklab.split import TEST
from masklab.training.baselines import baseline_scores
from masklab.training.loop import Run
from masklab.training.predictions import predicted_rows
from masklab.training.prepare import Prepared, prepare

SAMPLES = ("nyc_weather", "solar_inverter")
RATES = (0.0, 0.1, 0.3, 0.5, 0.7)
PATTERNS: dict[str, dict[str, Any]] = {
    "cells": {"kind": "mcar"},
    "blocks": {"kind": "blocks", "length": 12},
    "informative": {"kind": "mnar", "direction": "high"},
}
KINDS = tuple(
    kind
    for kind, member in STRATEGIES.items()
    if "forecast" in member.tasks and kind not in {"ignore", "mask_only", "brits"}
)
"""`ignore` sees what is hidden, `mask_only` no value, and `brits` is `rits` both ways."""
WINDOWS = {False: 4096, True: 512}
"""Training windows of an epoch, and of the ridge regression, by whether all is small."""
PEERS = ("last value", "seasonal naive", "ridge")


@dataclass(frozen=True)
class Cell:
    """What is computed at once: data, how much is hidden and how, a strategy or a peer, a seed."""

    data: str
    pattern: str
    rate: float
    strategy: str
    seed: int


def experiment(path: str, cell: Cell, *, small: bool = False) -> Experiment:
    """Return the experiment of a cell."""
    rule = {**PATTERNS[cell.pattern], "rate": cell.rate, "seed": cell.seed}
    return parse_experiment(
        {
            "name": f"{cell.data} {cell.pattern} {cell.rate:g}",
            "data": {"path": path},
            "recipe": {"layers": [{"name": cell.pattern, "rule": rule}] if cell.rate else []},
            "task": {"kind": "forecast", "window": 48, "horizon": 6},
            "strategies": [{"kind": cell.strategy if cell.strategy in KINDS else "forward_fill"}],
            "seeds": [cell.seed],
            "model": {"hidden_size": 32},
            "training": {
                "epochs": 2 if small else 8, "training_windows": WINDOWS[small],
                "validation_windows": 512, "patience": None, "loss": "mae",
            },
        }
    )  # fmt: skip


def computed(path: str, cell: Cell, small: bool) -> list[dict[str, Any]]:
    """Return the lines of a cell: one of a strategy, or those of all peers."""
    torch.set_num_threads(1)
    began = time.perf_counter()
    plan = experiment(path, cell, small=small)
    panel = plan.load_panel()
    ready = prepare(plan, panel)
    # A mask drops windows without an observed target: the test takes those of the whole file.
    whole = prepare(experiment(path, replace(cell, rate=0.0), small=small), panel)
    ready = replace(ready, windows={**ready.windows, TEST: whole.windows[TEST]})
    if cell.strategy in KINDS:
        run = Run(ready, plan.strategies[0], cell.seed, plan.model, plan.training)
        for _ in run.reports():
            pass
        found = {cell.strategy: _errors(ready, run.predictions(TEST).scaled)}
    else:
        everything = baseline_scores(replace(ready, common=ready.known), TEST)
        found = {
            name.replace("_", " "): {"mae": one.mae, "rmse": one.rmse, "scored": one.count}
            for name, (one, _) in everything.items()
            if name != "mean"
        }
        found["ridge"] = _errors(
            ready, ridge(ready, plan.strategies[0].label, cell.seed, WINDOWS[small])
        )
    seconds = round(time.perf_counter() - began, 2)
    return [
        {**asdict(cell), "strategy": name, **errors, "seconds": seconds}
        for name, errors in found.items()
    ]


def _errors(ready: Prepared, predicted: np.ndarray) -> dict[str, float]:
    """Return MAE and RMSE in standard deviations of the channels, on every cell that the file has."""
    rows = predicted_rows(ready, TEST)
    error = (predicted - ready.values[:, list(ready.targets)][rows])[ready.known[rows]]
    return {
        "mae": float(np.abs(error).mean()),
        "rmse": float(np.sqrt((error**2).mean())),
        "scored": len(error),
    }


def cells(data: str, seeds: int, rates: tuple[float, ...]) -> Iterator[Cell]:
    """Return the cells of a file; with nothing hidden all patterns are one, "cells"."""
    for seed in range(seeds):
        for rate in rates:
            for pattern in PATTERNS if rate else ("cells",):
                for strategy in (*KINDS, PEERS[-1]):
                    yield Cell(data, pattern, rate, strategy, seed)


def main(arguments: list[str] | None = None) -> None:
    """Compute what is missing, then print the tables."""
    given = options().parse_args(arguments)
    kept = JsonLines(given.json)
    rates = (0.0, 0.5) if given.small else RATES
    files = {given.data.stem: str(given.data)} if given.data else {}
    files |= {name: f"{PREFIX}{name}" for name in (SAMPLES[:1] if given.small else SAMPLES)}
    todo = [
        (path, cell, given.small)
        for data, path in files.items()
        for cell in cells(data, given.seeds, rates)
        if not kept.has(asdict(cell))
    ]
    for lines in _results(todo, given.jobs):
        for line in lines:
            kept.add(line)
        print(lines[-1], file=sys.stderr, flush=True)
    for data in files:
        for pattern in PATTERNS:
            print("\n".join(table([one for one in kept.lines if one["data"] == data], pattern)))
            print()


def _results(todo: list[tuple[str, Cell, bool]], jobs: int) -> Iterator[list[dict[str, Any]]]:
    if jobs == 1:
        yield from (computed(*one) for one in todo)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for done in [pool.submit(computed, *one) for one in todo]:
            yield done.result()


def table(found: list[dict[str, Any]], pattern: str) -> list[str]:
    """Return the test MAE of a file under a pattern by strategy and rate, as Markdown."""
    mine = [one for one in found if one["pattern"] == pattern or not one["rate"]]
    rates = sorted({one["rate"] for one in mine})
    rows = [
        f"| {pattern} hidden | " + " | ".join(f"{100 * rate:g} %" for rate in rates) + " |",
        "|---|" + "---:|" * len(rates),
    ]
    order = [*KINDS, *PEERS]
    for name in sorted({one["strategy"] for one in mine}, key=order.index):
        means = [_mean(mine, {"strategy": name, "rate": rate}) for rate in rates]
        rows.append(f"| {name} | " + " | ".join(f"{one:.3f}" for one in means) + " |")
    return rows


def losses(found: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Return by which share each strategy's MAE grows from nothing hidden to the highest rate."""
    most = max(one["rate"] for one in found)
    whole = [one for one in found if not one["rate"]]
    lost: dict[str, dict[str, float]] = {}
    for pattern in PATTERNS:
        mine = [one for one in found if (one["pattern"], one["rate"]) == (pattern, most)]
        for name in KINDS:
            if any(one["strategy"] == name for one in mine):
                before, after = (_mean(some, {"strategy": name}) for some in (whole, mine))
                lost.setdefault(pattern, {})[name] = after / before - 1
    return lost


def _mean(found: list[dict[str, Any]], key: Mapping[str, Any]) -> float:
    return float(
        np.mean([one["mae"] for one in found if all(one[name] == key[name] for name in key)])
    )


def options() -> argparse.ArgumentParser:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.holes", description=__doc__)
    parser.add_argument("--data", type=Path, help="ETTh1.csv; without it the samples alone")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 0 to this, less one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each cell")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument(
        "--small", action="store_true", help="one sample, two rates, little training"
    )
    return parser


if __name__ == "__main__":
    main()
