"""What the store hands out: frozen rows of experiments, runs, events and projects.

Times are seconds since 1970 (UTC); durations are seconds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["queued", "running", "paused", "finished", "stopped", "failed"]

STATUSES: tuple[Status, ...] = ("queued", "running", "paused", "finished", "stopped", "failed")
OPEN: tuple[Status, ...] = ("queued", "running")
"""The statuses of runs that something is still to come from."""


@dataclass(frozen=True)
class ExperimentRow:
    """An experiment and how many of its runs stand where."""

    id: str
    name: str
    created: float
    queued: int
    running: int
    paused: int
    finished: int
    stopped: int
    failed: int

    @property
    def total(self) -> int:
        """Number of runs."""
        return sum(getattr(self, status) for status in STATUSES)

    @property
    def is_open(self) -> bool:
        """Whether a run still waits or trains."""
        return bool(self.queued or self.running)


@dataclass(frozen=True)
class RunRow:
    """One run: a strategy with a seed.

    `strategy` is its label. `epoch`: epochs done, of `epochs` at most. `best_score`: the lowest
    scaled RMSE on the common cells so far. `seconds`: training time so far. `seconds_left`: until it
    ends, waiting in the queue included; None where nothing is known yet or nothing is to come.
    `message`: one sentence on why it stopped or failed, else empty. `stopping`: asked to stop, and
    not there yet; `again`: to be queued anew once it has; `pausing`: asked to pause. `heard`: when its
    worker was last heard from, while it trains. `priority`: higher ones start first; `turn`: its
    turn in the queue, from 1, while it waits; `rung`: the epoch at which it waits for the runs that
    it is compared with, else 0. `resumed_from`: epoch of the checkpoint that it last went on from.
    `device`, `host`: where it trains or did; `memory`: bytes its worker held at most.
    """

    id: str
    experiment_id: str
    strategy: str
    strategy_json: str
    seed: int
    status: Status
    epoch: int
    epochs: int
    best_score: float | None
    seconds: float
    seconds_left: float | None
    message: str
    stopping: bool
    created: float
    started: float | None
    ended: float | None
    again: bool = False
    heard: float | None = None
    pausing: bool = False
    priority: int = 0
    turn: int | None = None
    rung: int = 0
    resumed_from: int = 0
    device: str = ""
    host: str = ""
    memory: int | None = None

    @property
    def is_open(self) -> bool:
        """Whether the run still waits or trains."""
        return self.status in OPEN


@dataclass(frozen=True)
class ArtifactRow:
    """A file that belongs to a run, or to its experiment as a whole.

    `path` is relative to the store; `epoch`: the epoch after which it was written, where that counts.
    """

    id: int
    experiment_id: str
    run_id: str | None
    kind: str
    epoch: int | None
    path: str
    sha256: str
    bytes: int
    created: float


@dataclass(frozen=True)
class EventRow:
    """An entry of the event log; `text` may hold a traceback."""

    time: float
    experiment_id: str | None
    run_id: str | None
    kind: str
    text: str


@dataclass(frozen=True)
class ProjectRow:
    """A saved project of the app."""

    id: str
    revision: int
    updated: float
