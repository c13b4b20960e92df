"""Train a whole experiment in this process, one run after the other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from masklab.training.loop import train_run
from masklab.training.plan import Plan
from masklab.training.prepare import prepare
from masklab.training.report import EpochReport


def train(experiment: Plan, base_dir: str | Path = ".") -> Iterator[EpochReport]:
    """Train every run of an experiment; yield a report after each epoch of each.

    Runs follow one another, all strategies of a seed before the next seed. A relative data path
    starts at `base_dir`. To stop, stop asking. Raises `MaskLabError` where the experiment can't be
    prepared or a run can't go on.
    """
    prepared = prepare(experiment, experiment.load_panel(base_dir))
    for strategy, seed in experiment.runs():
        yield from train_run(prepared, strategy, seed, experiment.model, experiment.training)
