"""What head and workers tell each other; Dask carries it between processes that trust each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

Kind = Literal[
    "needs", "facts", "begins", "epoch", "checkpoint", "rests", "finished", "stopped", "failed"
]
"""What a run tells: a file that it needs, then its course in order, then how it ended."""


@dataclass(frozen=True)
class FileRef:
    """A file of the head's store: its SHA-256 names it, its name tells its format."""

    sha256: str
    name: str
    size: int


@dataclass(frozen=True)
class Assignment:
    """A run for a worker to train.

    `token`: names this one try, so that an earlier try of the run is never taken for it. `spec`: the
    experiment as JSON. `checkpoints`: what it may go on from, the newest first. `every`: the store's
    setting for checkpoints. `tells_facts`: the head lacks the data's notes, naive baselines and mask.
    """

    token: str
    run_id: str
    experiment_id: str
    spec: str
    strategy: str
    seed: int
    data: FileRef
    checkpoints: tuple[FileRef, ...]
    every: Any
    rungs: frozenset[int]
    tells_facts: bool


class Message(NamedTuple):
    """Something that a run tells, numbered from 1 without a gap."""

    number: int
    kind: Kind
    content: tuple[Any, ...]


class Order(NamedTuple):
    """What the head tells a run: the last message that it has written down, and whether to stop."""

    heard: int
    stop: bool


@dataclass(frozen=True)
class Greeting:
    """What a worker says of itself before it is given a run."""

    version: str
    has_torch: bool
