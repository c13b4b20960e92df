"""Try other settings of the imputation benchmark on its validation part: the notes of docs/results.md.

    python -m benchmarks.tsi_trial --data PATH/ETTh1.csv --pattern block50 --set training.epochs=4 model.dropout=0.3

Prints the validation MAE of each epoch and the lowest. The test part is not scored, and nothing is kept.
Four epochs are the notes' 640 steps.
"""

from __future__ import annotations

import argparse
import copy
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from benchmarks.tsi_bench import PATTERNS, Cell, prepared
from masklab.errors import ExperimentError, MaskLabError
from masklab.runs.spec import parse_experiment
from masklab.training.prepare import prepare
from masklab.training.train import train_run

SECTIONS = ("task", "model", "training", "strategy")


def changed(document: dict[str, Any], changes: list[str]) -> dict[str, Any]:
    """Return an experiment's document with changes, each `section.name=value`; raise `ExperimentError`."""
    found = copy.deepcopy(document)
    for change in changes:
        place, is_one, value = change.partition("=")
        section, has_name, name = place.partition(".")
        if not is_one or not has_name or section not in SECTIONS:
            raise ExperimentError(
                f"{change}: write SECTION.NAME=VALUE, SECTION of {', '.join(SECTIONS)}"
            )
        into = found["strategies"][0] if section == "strategy" else found[section]
        if name not in into:
            raise ExperimentError(f"{change}: {section} has {', '.join(into)}")
        try:
            into[name] = json.loads(value)
        except json.JSONDecodeError:
            into[name] = value
    return found


def tried(path: Path, cell: Cell, changes: list[str]) -> Iterator[float]:
    """Train a cell with changed settings on one thread; yield each epoch's validation MAE."""
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        usual, _ = prepared(path, cell, Path(folder))
        plan = parse_experiment(changed(usual.model_dump(mode="json"), changes))
        ready = prepare(plan, plan.load_panel())
    for report in train_run(ready, plan.strategies[0], cell.seed, plan.model, plan.training):
        yield report.common_original.mae


def main(arguments: list[str] | None = None) -> None:
    """Try, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tsi_trial", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="ETTh1.csv, or another ETT file")
    parser.add_argument("--pattern", choices=PATTERNS, required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--set", nargs="*", default=[], metavar="SECTION.NAME=VALUE", dest="changes"
    )
    given = parser.parse_args(arguments)
    cell = Cell(given.data.stem, given.pattern, "residual", given.seed)
    scores = []
    try:
        for score in tried(given.data, cell, given.changes):
            scores.append(score)
            print(f"epoch {len(scores)}: {score:.4f}", flush=True)
    except MaskLabError as error:
        parser.error(str(error))
    print(f"lowest validation MAE: {min(scores):.3f}")


if __name__ == "__main__":
    main()
