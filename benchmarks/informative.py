"""Informative missingness: which strategies gain as absence tells more of the outcome.

    python -m benchmarks.informative [--seeds 5] [--json OUT] [--small]

After Che et al. 2018, figure 5, on synthetic patients (`masklab.lessons.informative.patients`): their
values say nothing, and the sick are measured the more often, the higher the level. Fills by other values
can't see that; strategies that are given the mask or the time since an observation can, and so can a
constant that no measured value equals. A line of JSON for each level,
strategy and seed; those in OUT already are not computed again.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from benchmarks.json_lines import JsonLines
from masklab.lessons.informative import accuracy_of, patients

LEVELS = (0.0, 0.2, 0.4, 0.6, 0.8)
FILLS = ("forward_fill", "interpolate")
CONSTANTS = ("zero_fill", "mean_fill")
"""No measured value equals the constant exactly, so that it gives absence away as a flag does."""
TOLD = ("indicator", "interval", "decay")
PATIENTS, TRAINED, PASSES = 1536, 1024, 60


def lines(
    kept: JsonLines, seeds: int, levels: tuple[float, ...], size: tuple[int, int, int]
) -> None:
    """Compute what is missing, each level's patients alike for all strategies."""
    count, trained, passes = size
    for seed in range(seeds):
        for level in levels:
            for strategy in (*FILLS, *CONSTANTS, *TOLD):
                key = {"level": level, "strategy": strategy, "seed": seed}
                if kept.has(key):
                    continue
                began = time.perf_counter()
                share = accuracy_of(strategy, patients(seed, level, count), seed, trained, passes)
                facts = {"accuracy": share, "patients": count - trained}
                kept.add({**key, **facts, "seconds": round(time.perf_counter() - began, 2)})


def means(found: list[dict[str, Any]]) -> dict[str, dict[float, float]]:
    """Return the mean accuracy over seeds by strategy and level."""
    return {
        strategy: {
            level: float(
                np.mean(
                    [
                        one["accuracy"]
                        for one in found
                        if (one["strategy"], one["level"]) == (strategy, level)
                    ]
                )
            )
            for level in sorted({one["level"] for one in found})
        }
        for strategy in dict.fromkeys(one["strategy"] for one in found)
    }


def gains(found: list[dict[str, Any]]) -> dict[str, float]:
    """Return by how much each strategy's mean accuracy grows from the lowest level to the highest."""
    return {name: row[max(row)] - row[min(row)] for name, row in means(found).items()}


def main(arguments: list[str] | None = None) -> None:
    """Compute what is missing, then print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.informative", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--json", type=Path, metavar="FILE", help="append a line for each cell")
    parser.add_argument("--small", action="store_true", help="two levels, one seed, few patients")
    given = parser.parse_args(arguments)
    torch.set_num_threads(1)
    kept = JsonLines(given.json)
    if given.small:
        lines(kept, 1, (LEVELS[0], LEVELS[-1]), (384, 256, 36))
    else:
        lines(kept, given.seeds, LEVELS, (PATIENTS, TRAINED, PASSES))
    for name, row in means(kept.lines).items():
        print(
            f"{name:<14}" + "".join(f"{level:>6.1f}: {share:.3f}" for level, share in row.items())
        )
    print(f"{len(kept.lines):,} lines", file=sys.stderr)


if __name__ == "__main__":
    main()
