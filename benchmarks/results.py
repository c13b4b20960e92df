"""The file of results: machine, targets and reports as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.report import Report
from benchmarks.targets import compared

LATEST = Path(__file__).parent / "results" / "latest.json"


def write(path: Path, machine: Mapping[str, Any], reports: Mapping[str, Report]) -> None:
    """Write results."""
    kept = {
        "machine": machine,
        "targets": compared(reports),
        "benchmarks": {name: report.as_json() for name, report in reports.items()},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> tuple[dict[str, Any], dict[str, Report]]:
    """Return machine and reports."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    reports = {name: Report.from_json(one) for name, one in kept["benchmarks"].items()}
    return kept["machine"], reports
