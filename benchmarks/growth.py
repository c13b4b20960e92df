"""How cost grows with series length, window and channels: slopes on logarithmic axes.

A slope of 1 is cost in proportion, 0 is cost that does not grow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from benchmarks.epoch import experiment, whole_epoch
from benchmarks.made import made_panel
from benchmarks.measuring import Job, interleaved
from benchmarks.report import Progress, Report, Row
from masklab.runs.spec import Experiment
from masklab.training.loop import Run
from masklab.training.prepare import prepare

ROWS, WINDOWS = 20_000, 512
LENGTHS = (50_000, 100_000, 200_000, 400_000)
SPANS = (24, 48, 96, 192, 384)
CHANNELS = (2, 4, 8, 16, 32, 64)


def epoch_of(plan: Experiment, rows: int, channels: int) -> Job:
    """Return a training epoch of an experiment on made data."""
    prepared = prepare(plan, made_panel(rows, channels))
    return whole_epoch(Run(prepared, plan.strategies[0], 0, plan.model, plan.training))


def prepared_of(rows: int, _: int) -> Job:
    """Return the preparation of a series of so many rows."""
    return partial(prepare, experiment("forecast", ("carry",)), made_panel(rows))


def default_epoch(rows: int, _: int) -> Job:
    """Return an epoch of the default 2000 windows drawn from a series of so many rows."""
    return epoch_of(experiment("forecast", ("carry",)), rows, 8)


def full_epoch(rows: int, _: int) -> Job:
    """Return an epoch over every window that starts a window apart, from so many rows."""
    plan = experiment("forecast", ("carry",), stride=96, training_windows=None)
    return epoch_of(plan, rows, 8)


def spanning_epoch(window: int, rows: int) -> Job:
    """Return an epoch of windows of so many steps."""
    return epoch_of(experiment("forecast", ("carry",), window, training_windows=WINDOWS), rows, 8)


def wide_epoch(channels: int, rows: int) -> Job:
    """Return an epoch on so many channels, all of them forecast."""
    plan = experiment("forecast", ("carry",), training_windows=WINDOWS)
    return epoch_of(plan, rows, channels)


QUESTIONS: dict[str, tuple[str, Sequence[int], Callable[[int, int], Job]]] = {
    "preparation by series length": ("rows", LENGTHS, prepared_of),
    "default epoch by series length": ("rows", LENGTHS, default_epoch),
    "epoch over all windows by series length": ("rows", LENGTHS, full_epoch),
    "epoch by window": ("steps", SPANS, spanning_epoch),
    "epoch by channels": ("channels", CHANNELS, wide_epoch),
}


def measure(question: str, rows: int, turns: int, sizes: Sequence[int]) -> list[Row]:
    """Time all sizes of one question in turns; return a row for each, the slope in all of them."""
    unit, _, job = QUESTIONS[question]
    times = interleaved({str(size): job(size, rows) for size in sizes}, turns)
    fastest = [times[str(size)].fastest for size in sizes]
    slope = float(np.polyfit(np.log(sizes), np.log(fastest), 1)[0])
    return [
        {"question": question, "size": f"{size:,} {unit}", "cost": one / fastest[0], "slope": slope}
        for size, one in zip(sizes, fastest, strict=True)
    ]


def run(quick: bool, tell: Progress) -> Report:
    """Answer every question; `quick` with the two smallest sizes of each."""
    found: list[Row] = []
    for question, (_, sizes, _) in QUESTIONS.items():
        tell(question)
        found += measure(question, ROWS, 1 if quick else 3, sizes[:2] if quick else sizes)
    notes = (
        "Strategy carry, forecast. Cost relative to the smallest size of the question; slope of "
        "log cost over log size: 1 is in proportion, 0 does not grow.",
    )
    return Report("Growth", tuple(found), notes)
