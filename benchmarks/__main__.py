"""One command for all: measure, print tables, write JSON, draw the picture.

    python -m benchmarks [--only NAME]... [--quick] [--read FILE] [--json FILE] [--plot FILE] [--page FILE]
                        [--costs FILE]

A full run takes about a quarter of an hour. `make bench` has it write benchmarks/results/latest.json,
docs/images/speed.svg, docs/speed.md and the costs in docs/masking.md. `--read` measures nothing: it prints and draws what a file
holds; with `--only`, these are measured anew and the others stand as the file has them.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from dataclasses import replace
from pathlib import Path

import torch

from benchmarks import machine, results
from benchmarks.costs import with_costs
from benchmarks.page import page
from benchmarks.plot import picture
from benchmarks.report import Report
from benchmarks.targets import compared

NAMES = (
    "masked_lstm", "recurrences", "strategies", "epoch", "memory", "growth", "data", "rules", "grid", "painter",
    "learn", "compare",
)  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Measure or read, then print and write."""
    chosen = options().parse_args(arguments)
    command = " ".join(["python -m benchmarks", *(arguments or sys.argv[1:])])
    torch.set_num_threads(1)
    if chosen.read:
        facts, reports = results.read(chosen.read)
        kept = [name for name in reports if name not in (chosen.only or ())]
        for name in kept:
            print(reports[name], end="\n\n")
        for name, report in measured(chosen.only or (), chosen.quick).items():
            said = f"Measured anew {machine.facts(command)['date']}, by `{command}`."
            reports[name] = replace(report, notes=(*report.notes, said))
    else:
        facts = machine.facts(command)
        reports = measured(chosen.only or NAMES, chosen.quick)
    targets = compared(reports)
    if targets:
        print(Report("Targets, each with the worst value that was measured", tuple(targets)))
    if chosen.json:
        results.write(chosen.json, facts, reports)
    if chosen.plot and "masked_lstm" in reports:
        chosen.plot.write_text(picture(reports["masked_lstm"]), encoding="utf-8")
    if chosen.costs and "strategies" in reports:
        text = chosen.costs.read_text(encoding="utf-8")
        chosen.costs.write_text(with_costs(text, reports["strategies"]), encoding="utf-8")
    if chosen.page:
        chosen.page.write_text(page(facts, reports), encoding="utf-8")


def options() -> argparse.ArgumentParser:
    """Return the command's options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__.splitlines()[0]
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, few turns: a smoke test")
    parser.add_argument("--only", action="append", choices=NAMES, help="this one; may be repeated")
    parser.add_argument(
        "--read",
        type=Path,
        metavar="FILE",
        help="show this file; measure what --only names, or nothing",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results here")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="draw the picture here, as SVG")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the docs' page here")
    parser.add_argument("--costs", type=Path, metavar="FILE", help="put strategies' costs in here")
    return parser


def measured(names: list[str] | tuple[str, ...], quick: bool) -> dict[str, Report]:
    """Run benchmarks one after the other; print each table as it comes."""
    reports, began = {}, time.perf_counter()

    def tell(what: str) -> None:
        print(f"[{time.perf_counter() - began:4.0f} s] {name}: {what}", file=sys.stderr, flush=True)

    for name in names:
        reports[name] = importlib.import_module(f"benchmarks.{name}").run(quick, tell)
        print(reports[name], end="\n\n", flush=True)
    return reports


if __name__ == "__main__":
    main()
