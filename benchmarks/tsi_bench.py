"""Imputation on ETT by TSI-Bench's protocol: naive baselines, then strategies, beside published models.

    python -m benchmarks.tsi_bench --data PATH/ETTh1.csv [--patterns point10 ...] [--strategies residual ...]
                                   [--seeds 5] [--json OUT] [--jobs 2] [--small]

Get ETTh1.csv from github.com/zhouhaoyi/ETDataset (CC BY-ND 4.0). Each cell and seed is a line of JSON in
OUT; those that are there already are not computed again, so that a run can be stopped and go on. Weights
are chosen on the validation part; the test part is scored once, with those. All is MaskLab's own way:
an experiment of a standardised file, an imported mask, a `reconstruct` task, a run.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.imputation_protocol import PUBLISHED, WINDOW, Table, hidden, read
from benchmarks.json_lines import JsonLines
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.imported import Imported
from masklab.runs.spec import STRATEGIES, Experiment, parse_experiment
from masklab.split import TEST, VALIDATION
from masklab.strategies.strategy import OWN_RECURRENCES
from masklab.training.baselines import baseline_scores
from masklab.training.loop import Run
from masklab.training.predictions import Predictions
from masklab.training.prepare import Prepared, prepare

PATTERNS = ("point10", "point50", "point90", "subsequence50", "block50")
NAIVE = ("mean of the test part", "last value", "linear")
EPOCHS, WINDOWS_AN_EPOCH, BATCH = 15, 5120, 32
"""2,400 steps of 32 windows, drawn at every hour of the training part; blocks take twice as many, points
at 90 % two thirds."""


@dataclass(frozen=True)
class Cell:
    """One run: a file, a pattern, a strategy and a seed; `steps`: a share of the training, 1 for all."""

    data: str
    pattern: str
    strategy: str
    seed: int
    steps: float = 1.0


def experiment(path: Path, cell: Cell, recipe: MaskRecipe, table: Table) -> Experiment:
    """Return the experiment of a cell: an ordinary one, whose file is the standardised table."""
    training, validation = table.fractions()
    return parse_experiment(
        {
            "name": f"{cell.data} {cell.pattern}",
            "data": {"path": str(path)},
            "recipe": recipe.model_dump(mode="json"),
            "split": {"training": training, "validation": validation},
            "task": {"kind": "reconstruct", "window": WINDOW, "scored": "masked", **_hiding(cell)},
            "strategies": [_strategy(cell)],
            "seeds": [cell.seed],
            "model": {
                "hidden_size": 128, "num_layers": 2, "dropout": _dropout(cell),
                "calendar": list(_calendar(cell)),
            },
            "training": {
                "epochs": max(1, round(_epochs(cell) * cell.steps)), "batch_size": BATCH, "learning_rate": 3e-3,
                "loss": "mae", "patience": None, "training_windows": WINDOWS_AN_EPOCH,
                "validation_windows": None,
            },
        }
    )  # fmt: skip


def _epochs(cell: Cell) -> int:
    """Centred, blocks go on to improve where others turn up again; a tenth of the cells is soon learnt."""
    return {"block50": 2 * EPOCHS, "point90": 2 * EPOCHS // 3}.get(cell.pattern, EPOCHS)


def _dropout(cell: Cell) -> float:
    return 0.4 if cell.pattern == "point90" else 0.1


def _hiding(cell: Cell) -> dict[str, Any]:
    """Return what training hides on top: shares drawn for each window, in the shapes of the pattern."""
    shapes = {"subsequence": "stretches", "block": "rectangles"}
    shape = shapes.get(cell.pattern.rstrip("0123456789"))
    return {"rate": 0.05, "rate_to": 0.55, "training_pattern": shape}


def _strategy(cell: Cell) -> dict[str, Any]:
    if cell.strategy == "residual" or cell.strategy in NAIVE:  # these read what any strategy does
        passes = 2 if cell.pattern in {"point10", "point50"} else 1
        return {
            "kind": "residual",
            "passes": passes,
            # A stretch leaves too little of its channel to tell a level.
            "centred": cell.pattern.startswith("block"),
        }
    return {"kind": cell.strategy}


def _calendar(cell: Cell) -> tuple[str, ...]:
    """Where much is hidden at once the time of day tells; between near neighbours it does not."""
    own = STRATEGIES[_strategy(cell)["kind"]].recurrence in OWN_RECURRENCES
    return () if own or cell.pattern in {"point10", "point50"} else ("day", "week")


def prepared(path: Path, cell: Cell, folder: Path) -> tuple[Experiment, Prepared]:
    """Return the cell's experiment and its data, standardised, masked, in windows."""
    table = read(path)
    file = folder / path.name
    table.rows.to_csv(file, index=False)
    bare = experiment(file, cell, MaskRecipe(), table)
    panel = bare.load_panel()
    cells = hidden(table, cell.pattern, cell.seed)
    recipe = MaskRecipe(layers=(Layer(name=cell.pattern, rule=Imported.of(panel, cells)),))
    found = experiment(file, cell, recipe, table)
    return found, prepare(found, panel)


def naive(path: Path, cell: Cell) -> list[dict[str, Any]]:
    """Return the lines of the naive baselines of a pattern and seed."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        _, ready = prepared(path, cell, Path(folder))
    scores = {
        name.replace("_", " "): asdict(original)
        for name, (_, original) in baseline_scores(ready, TEST).items()
    }
    del scores["mean"]  # of the training part; the published one is of the test part
    rows = ready.starts(TEST)[:, None] + np.arange(WINDOW)
    truth = ready.values * ready.scaler.scale[0] + ready.scaler.shift[0]
    seen = np.where(ready.observed[rows], truth[rows], np.nan).reshape(-1, truth.shape[1])
    level = np.broadcast_to(np.nanmean(seen, axis=0), truth[rows].shape)
    scores[NAIVE[0]] = _errors(level - truth[rows], truth[rows], ready.common[rows])
    seconds = time.perf_counter() - began
    return [
        _line(Cell(cell.data, cell.pattern, name, cell.seed), scores[name], seconds, 0, math.nan)
        for name in NAIVE
    ]


def trained(path: Path, cell: Cell) -> dict[str, Any]:
    """Train one cell on one thread; return its line."""
    torch.set_num_threads(1)
    began, worked = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        plan, ready = prepared(path, cell, Path(folder))
    run = Run(ready, plan.strategies[0], cell.seed, plan.model, plan.training)
    for _ in run.reports():
        pass
    validation, test = (_scores(run.predictions(part)) for part in (VALIDATION, TEST))
    weights = sum(one.numel() for one in run.network.parameters())
    line = _line(cell, test, time.perf_counter() - began, weights, validation["mae"])
    return {**line, "cpu_seconds": round(time.process_time() - worked, 1)}


def _scores(found: Predictions) -> dict[str, float]:
    """Return scores in units of the standardised file: `original` is the protocol's scale."""
    return _errors(found.predicted - found.truth, found.truth, found.common)


def _errors(error: np.ndarray, truth: np.ndarray, cells: np.ndarray) -> dict[str, float]:
    error, truth = error[cells], truth[cells]
    mae = float(np.abs(error).mean())
    return {
        "mae": mae,
        "mse": float((error**2).mean()),
        "mre": mae / float(np.abs(truth).mean()),
        "count": int(cells.sum()),
    }


def _line(
    cell: Cell, scores: Mapping[str, float], seconds: float, parameters: int, validation: float
) -> dict[str, Any]:
    return {
        "data": cell.data, "pattern": cell.pattern, "strategy": cell.strategy, "seed": cell.seed,
        "mae": scores["mae"], "mse": scores["mse"], "mre": scores["mre"], "scored": scores["count"],
        "seconds": round(seconds, 1), "parameters": parameters,
        "validation_mae": None if math.isnan(validation) else validation,
    }  # fmt: skip


def lines(path: Path, cells: list[Cell], jobs: int) -> Iterator[dict[str, Any]]:
    """Compute cells, `jobs` at a time, and yield their lines as they come."""
    if jobs == 1:
        yield from (trained(path, one) for one in cells)
        return
    with ProcessPoolExecutor(jobs) as pool:
        for done in [pool.submit(trained, path, one) for one in cells]:
            yield done.result()


def table_of(found: list[dict[str, Any]], patterns: list[str]) -> str:
    """Return the table of test MAE, mean ± std over seeds, published rows beneath ours."""
    names = list(dict.fromkeys(one["strategy"] for one in found))
    width = max(map(len, [*names, *PUBLISHED])) + 12
    rows = [f"{'test MAE (scaled)':<{width}}" + "".join(f"{one:>18}" for one in patterns)]
    for name in names:
        row = f"{name:<{width}}"
        for pattern in patterns:
            mine = [
                one["mae"] for one in found if (one["strategy"], one["pattern"]) == (name, pattern)
            ]
            spread = f" ± {np.std(mine, ddof=1):.3f}" if len(mine) > 1 else ""
            row += f"{f'{np.mean(mine):.3f}{spread} ({len(mine)})' if mine else '—':>18}"
        rows.append(row)
    for name, scores in PUBLISHED.items():
        cells = (f"{scores[one]:.3f}" if one in scores else "—" for one in patterns)
        rows.append(f"{f'{name}, published':<{width}}" + "".join(f"{one:>18}" for one in cells))
    return "\n".join(rows)


def main(arguments: list[str] | None = None) -> None:
    """Compute what is missing, then print the table."""
    given = options().parse_args(arguments)
    kept, data = JsonLines(given.json), given.data.stem
    cells = [
        Cell(data, pattern, strategy, seed, given.steps)
        for seed in range(given.seeds)
        for pattern in given.patterns
        for strategy in given.strategies
    ]
    for pattern in given.patterns:
        for seed in range(given.seeds):
            cell = Cell(data, pattern, NAIVE[0], seed)
            if not kept.has(_key(cell)):
                for line in naive(given.data, cell):
                    kept.add(line)
    for line in lines(given.data, [one for one in cells if not kept.has(_key(one))], given.jobs):
        kept.add(line)
        print(
            f"{line['pattern']}, {line['strategy']}, seed {line['seed']}: {line['mae']:.4f} "
            f"({line['seconds']:.0f} s)", file=sys.stderr, flush=True,
        )  # fmt: skip
    print(table_of([one for one in kept.lines if one["data"] == data], given.patterns))


def _key(cell: Cell) -> dict[str, Any]:
    return {
        "data": cell.data,
        "pattern": cell.pattern,
        "strategy": cell.strategy,
        "seed": cell.seed,
    }


def options() -> argparse.ArgumentParser:
    """Return the command's options."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tsi_bench", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv, or another ETT file")
    parser.add_argument("--patterns", nargs="+", choices=PATTERNS, default=list(PATTERNS))
    parser.add_argument("--strategies", nargs="*", default=["residual"], metavar="KIND")
    parser.add_argument("--seeds", type=int, default=5, help="seeds 0 to this, less one")
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each cell")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--steps", type=float, default=1.0, help="a share of the training")
    return parser


if __name__ == "__main__":
    main()
