"""The most memory that preparing and training on 1M x 8 takes, in a process of its own."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

from benchmarks.report import Progress, Report, Row

ROOT = Path(__file__).resolve().parent.parent
MEGABYTE = 1e6


def run(quick: bool, tell: Progress) -> Report:
    """Prepare, train and score one epoch in a fresh process for each task; `quick` for one."""
    size, rows = 20_000 if quick else 1_000_000, []
    for task in ("forecast",) if quick else ("forecast", "reconstruct"):
        tell(f"{task} on {size:,} x 8 cells")
        command = [sys.executable, "-m", "benchmarks.memory", task, str(size)]
        child = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True)
        rows.append(json.loads(child.stdout))
    notes = (
        "MB. Beyond the series: the most that the process held less the series itself; "
        "imports are what it held before there was one.",
    )
    return Report(f"Memory of an epoch on {size:,} x 8 cells", tuple(rows), notes)


def measure(task: str, size: int) -> Row:
    """Return the megabytes of this process: call it in a fresh one."""
    from benchmarks.epoch import experiment  # noqa: PLC0415 (its imports are what is measured)
    from benchmarks.made import made_panel  # noqa: PLC0415
    from masklab.training.loop import Run  # noqa: PLC0415
    from masklab.training.prepare import prepare  # noqa: PLC0415

    imports = peak()
    panel = made_panel(size)
    series = (panel.values.nbytes + panel.clock.nbytes) / MEGABYTE
    plan = experiment(task, ("carry",))
    prepared = prepare(plan, panel)
    next(Run(prepared, plan.strategies[0], 0, plan.model, plan.training).reports())
    return {
        "rows": size,
        "task": task,
        "series": series,
        "imports": imports,
        "peak": peak(),
        "beyond the series": peak() - series,
        "beyond series and imports": peak() - series - imports,
    }


def peak() -> float:
    """Return the most that this process has held, MB."""
    status = Path("/proc/self/status")
    if status.exists():
        # Linux counts a parent's memory into its child's ru_maxrss; not so here.
        kilobytes = status.read_text().partition("VmHWM:")[2].split()[0]
        return int(kilobytes) * 1024 / MEGABYTE
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / MEGABYTE


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], int(sys.argv[2]))))
