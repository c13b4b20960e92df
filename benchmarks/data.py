"""The Data page's facts and the reader of text, against one sort of the array."""

from __future__ import annotations

import numpy as np

from benchmarks.made import made_panel
from benchmarks.measuring import Job, interleaved, ranking
from benchmarks.report import Progress, Report
from masklab.data.inspect import inspect
from masklab.data.read import read_panel

UNIT = "one sort"


def run(quick: bool, tell: Progress) -> Report:
    """Time looking through a panel of 1M x 8 cells, and reading the text of a tenth of it."""
    size = 20_000 if quick else 1_000_000
    tell(f"{size:,} x 8 cells")
    panel = made_panel(size, missing=0.0)
    points, commas = text(size // 10, ".", ","), text(size // 10, ",", ";")
    grouped = text(size // 10, ",", ";", thousands=True)
    jobs: dict[str, Job] = {
        UNIT: lambda: np.sort(panel.values, axis=0),
        "inspect": lambda: inspect(panel),
        "read text": lambda: read_panel(points),
        "with decimal commas": lambda: read_panel(commas),
        "in groups (1.234,5)": lambda: read_panel(grouped),
    }
    rows = ranking(interleaved(jobs, turns=2), UNIT)
    title = f"Data: {size:,} x 8 cells, and text of a tenth of the rows"
    return Report(title, rows, ("Cost relative to sorting the cells once.",))


def text(rows: int, decimal: str, separator: str, *, thousands: bool = False) -> bytes:
    """Return a table of numbers up to a few thousand, written with a decimal sign."""
    values = np.random.default_rng(8).normal(2000, 500, (rows, 8)).round(2)
    clock = (np.arange(rows) * 60_000_000).astype("datetime64[us]").astype(str)
    form = "{:,.2f}" if thousands else "{:.2f}"
    marks = str.maketrans({".": decimal, ",": "."})
    lines = [
        separator.join([time, *(form.format(value).translate(marks) for value in row)])
        for time, row in zip(clock, values.tolist(), strict=True)
    ]
    return "\n".join([separator.join(["time", *"abcdefgh"]), *lines]).encode()
