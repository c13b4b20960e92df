"""docs/speed.md: targets beside measured values, written from a file of results and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import Report
from benchmarks.targets import compared

ON_A_GPU = Path(__file__).parent / "results" / "accelerator.txt"


def page(machine: Mapping[str, Any], reports: Mapping[str, Report]) -> str:
    """Return the page as Markdown."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    rows = [
        f"| {row['target']} | {row['goal']} | {row['measured']:.2f} | {row['met']} |"
        for row in compared(reports)
    ]
    tables = [f"```\n{report}\n```\n" for report in reports.values()]
    return "\n".join(
        [
            "# Speed",
            "",
            "What MaskLab aims at, beside what was measured. Times are ratios of contestants that took turns in one",
            "run; where several masks or strategies match, the worst counts. `make bench` measures anew (about a quarter of an",
            "hour on two quiet cores), and writes this page, its picture, the costs in [masking.md](masking.md) and",
            "`benchmarks/results/latest.json`.",
            "PackedSequence knows right padding only: it gets rows of the same lengths, masked steps on the right.",
            "",
            "![Cost against share of steps masked](images/speed.svg)",
            "",
            "| what | goal | measured | met |",
            "|---|---|---|---|",
            *rows,
            "",
            f"Measured {str(machine['date'])[:10]} on {machine['processor']} ({machine['cores']} cores, load "
            f"{machine['load before']} at the start), threads: {machine['threads']};",
            f"{versions}.",
            f"Command: `{machine['command']}`.",
            "",
            "## Tables",
            "",
            *tables,
            *on_a_gpu(),
        ]
    )


def on_a_gpu() -> list[str]:
    """Return what a GPU was last seen to do: the output of `benchmarks.accelerator`, kept as it was."""
    if not ON_A_GPU.exists():
        return []
    told = (
        "Command: `python -m benchmarks.accelerator`, its output kept in `benchmarks/results/accelerator.txt`. Forward",
        "and backward, relative to the unmasked `nn.LSTM` there. Small passes wait for kernels to be started, a mask's too:",
        "a millisecond or two, whatever is masked. In large ones fewer steps are less time.",
    )
    return ["## On a GPU", "", *told, "", "```", ON_A_GPU.read_text().rstrip(), "```", ""]
