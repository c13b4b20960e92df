"""A run's desk on a Dask worker: reports, checkpoints and results become messages to the head."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.errors import TrainingError
from masklab.runs.cluster.cache import Cache
from masklab.runs.cluster.messages import Assignment
from masklab.runs.cluster.outbox import Outbox
from masklab.runs.desk import Due
from masklab.training import checkpoint as checkpoints
from masklab.training import predictions as predicted
from masklab.training.checkpoint import Checkpoint

if TYPE_CHECKING:
    from torch import Tensor

    from masklab.training.predictions import Predictions
    from masklab.training.report import EpochReport


class RemoteDesk:
    """Sends what comes of a run to the head; files go as the bytes that the store will hold.

    One checkpoint at most is on its way: the next one is due when the head has written it down.
    """

    def __init__(self, assignment: Assignment, outbox: Outbox, cache: Cache, scratch: Path) -> None:
        self.assignment, self.outbox, self.cache = assignment, outbox, cache
        self._file = scratch / "file.safetensors"
        self._due = Due()
        self._sent = 0

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Yield what the run can go on from, the newest first, each fetched when it is asked for."""
        for file in self.assignment.checkpoints:
            try:
                yield checkpoints.read(self.cache.fetch(file, self.outbox))
            except TrainingError:
                continue  # the next one is older, and may be whole
            finally:
                self.cache.drop(file)

    def begin(self, epoch: int, device: str, environment: dict[str, str], note: str) -> None:
        """Tell where the run starts, and count from there to the next checkpoint."""
        self._due = Due.of(self.assignment.every, epoch)
        self.outbox.put("begins", epoch, device, environment, note)

    def record(self, report: EpochReport, memory: int) -> None:
        """Tell an epoch."""
        self.outbox.put("epoch", report, memory)

    def is_due(self, epoch: int) -> bool:
        """Whether a checkpoint is due after this epoch, and the one before it has arrived."""
        return self.outbox.is_heard(self._sent) and self._due.is_now(epoch)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Send a checkpoint."""
        began, epoch = time.monotonic(), checkpoint.position.epoch
        content = self._bytes_of(lambda path: checkpoints.write(checkpoint, path))
        self._sent = self.outbox.put("checkpoint", epoch, content)
        self._due.kept(epoch, time.monotonic() - began)

    def rests_at(self, epoch: int) -> bool:
        """Whether the run waits for its peers after this epoch."""
        return epoch in self.assignment.rungs

    def finish(self, epoch: int, weights: dict[str, Tensor], predictions: Predictions) -> None:
        """Send weights and predictions, and wait until the head has them and has ended the run."""
        kept = self._bytes_of(lambda path: checkpoints.write_tensors(weights, path))
        shown = self._bytes_of(lambda path: predicted.write(predictions, path))
        self.outbox.deliver("finished", epoch, kept, shown)

    def _bytes_of(self, write: Callable[[Path], None]) -> bytes:
        write(self._file)
        content = self._file.read_bytes()
        self._file.unlink()
        return content
