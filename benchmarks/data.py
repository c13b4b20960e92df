"""Time the Data page's facts on 1M x 8 cells, as ratios to one sort of the array.

Run `python benchmarks/data.py`. Rounds are interleaved, so that a busy machine slows all alike; the
best of each is taken.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from masklab.data.inspect import inspect
from masklab.data.read import read_panel
from masklab.data.series import Panel, TimeSeries

ROWS, CHANNELS, ROUNDS, TEXT_ROWS = 1_000_000, 8, 5, 100_000


def main() -> None:
    """Print seconds and ratio of looking through a panel, and of reading text of a tenth of it."""
    panel = million()
    points, commas = text(".", ","), text(",", ";")
    jobs: dict[str, Callable[[], object]] = {
        "one sort": lambda: np.sort(panel.values, axis=0),
        "inspect": lambda: inspect(panel),
        "read text": lambda: read_panel(points),
        "with decimal commas": lambda: read_panel(commas),
        "in groups (1.234,5)": lambda: read_panel(grouped),
    }
    grouped = text(",", ";", thousands=True)
    best = dict.fromkeys(jobs, float("inf"))
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            start = time.perf_counter()
            job()
            best[name] = min(best[name], time.perf_counter() - start)
    print(
        f"{'job':<22}{'seconds':>9}{'ratio':>8}   {ROWS:,} x {CHANNELS} cells, text {TEXT_ROWS:,}"
    )
    for name, seconds in best.items():
        print(f"{name:<22}{seconds:>9.3f}{seconds / best['one sort']:>8.1f}")


def million() -> Panel:
    """Return a series of noise, one value a minute."""
    values = np.asfortranarray(np.random.default_rng(8).normal(size=(ROWS, CHANNELS)))
    clock = (np.arange(ROWS) * 60_000_000).astype("datetime64[us]")
    return TimeSeries("a", clock, values, tuple("abcdefgh")).as_panel()


def text(decimal: str, separator: str, *, thousands: bool = False) -> bytes:
    """Return a table of numbers up to a few thousand, written with a decimal sign."""
    values = np.random.default_rng(8).normal(2000, 500, (TEXT_ROWS, CHANNELS)).round(2)
    clock = (np.arange(TEXT_ROWS) * 60_000_000).astype("datetime64[us]").astype(str)
    form = "{:,.2f}" if thousands else "{:.2f}"
    marks = str.maketrans({".": decimal, ",": "."})
    lines = [
        separator.join([time, *(form.format(value).translate(marks) for value in row)])
        for time, row in zip(clock, values.tolist(), strict=True)
    ]
    return "\n".join([separator.join(["time", *"abcdefgh"]), *lines]).encode()


if __name__ == "__main__":
    main()
