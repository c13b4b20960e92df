"""The course of one run, whoever keeps what comes of it: go on, report, keep checkpoints, end.

A local worker keeps it in the store (`desk.StoreDesk`); a worker on another machine sends it there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol

import psutil
import torch

from masklab.errors import TrainingError
from masklab.runs.environment import environment
from masklab.training.checkpoint import Checkpoint
from masklab.training.loop import Run

if TYPE_CHECKING:
    from masklab.strategies.strategy import Strategy
    from masklab.training.plan import Plan
    from masklab.training.predictions import Predictions
    from masklab.training.prepare import Prepared
    from masklab.training.report import EpochReport

_MEMORY_EVERY = 5.0


class Desk(Protocol):
    """Where a run's epochs and files go."""

    def checkpoints(self) -> Iterable[Checkpoint]:
        """Return what the run can go on from, the newest first; damaged ones are left out."""

    def begin(self, epoch: int, device: str, environment: dict[str, str], note: str) -> None:
        """Hear after which epoch the run goes on (0: from the start), and where."""

    def record(self, report: EpochReport, memory: int) -> None:
        """Keep an epoch's report; `memory`: bytes that this process holds alone."""

    def is_due(self, epoch: int) -> bool:
        """Whether a checkpoint should be kept after this epoch."""

    def keep(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint; the epochs up to it were recorded before."""

    def rests_at(self, epoch: int) -> bool:
        """Whether the run waits for its peers after this epoch."""

    def finish(
        self, epoch: int, weights: dict[str, torch.Tensor], predictions: Predictions
    ) -> None:
        """Keep what a run that came to its end leaves behind."""


def follow(  # noqa: PLR0913, PLR0917 (a run is these)
    prepared: Prepared,
    plan: Plan,
    strategy: Strategy,
    seed: int,
    desk: Desk,
    interruptible: Callable[[], AbstractContextManager[None]],
) -> bool:
    """Train a run to its end, or to where it waits for its peers; return whether it ended.

    `interruptible()`: a context in which an interruption may be raised; nothing is written there.
    """
    with interruptible():
        run = Run(prepared, strategy, seed, plan.model, plan.training)
        note = _go_on(run, desk.checkpoints())
        device = str(run.device)
    epoch = run.epochs_done
    desk.begin(epoch, device, environment(device), note)
    reports, memory = run.reports(), Memory()
    while True:
        with interruptible():
            report = next(reports, None)
        if report is None:
            break
        epoch = report.epoch
        desk.record(report, memory.most())
        rests = desk.rests_at(epoch)
        if rests or desk.is_due(epoch):
            desk.keep(run.checkpoint())
        if rests:
            return False
    with interruptible():
        predictions = run.predictions()
    desk.finish(epoch, run.network.state_dict(), predictions)
    return True


def _go_on(run: Run, checkpoints: Iterable[Checkpoint]) -> str:
    """Stand where the newest checkpoint that fits stands; say which did not fit."""
    notes = []
    for one in checkpoints:
        try:
            run.restore(one)
        except TrainingError as error:
            notes.append(str(error))
        else:
            break
    return " ".join(notes)


class Memory:
    """The most bytes that this process was seen to hold alone; looked at every few seconds."""

    def __init__(self) -> None:
        self._process, self._most, self._looked = psutil.Process(), 0, -_MEMORY_EVERY

    def most(self) -> int:
        """Return it."""
        now = time.monotonic()
        if now - self._looked >= _MEMORY_EVERY:
            self._looked = now
            self._most = max(self._most, self._process.memory_full_info().uss)
        return self._most
