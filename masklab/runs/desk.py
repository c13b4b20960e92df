"""A run's desk in the store: reports, checkpoints and results of a worker on this machine."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from masklab.errors import StoreError, TrainingError
from masklab.runs import artifacts, logs
from masklab.runs.artifacts import CHECKPOINT, PREDICTIONS, WEIGHTS
from masklab.runs.insisting import insist, reason
from masklab.runs.ledger import SupersededError
from masklab.training import checkpoint as checkpoints
from masklab.training import predictions as predicted

if TYPE_CHECKING:
    from torch import Tensor

    from masklab.runs.ledger import Claim, Ledger
    from masklab.runs.rows import ArtifactRow
    from masklab.training.checkpoint import Checkpoint
    from masklab.training.predictions import Predictions
    from masklab.training.report import EpochReport

T = TypeVar("T")
Write = Callable[[Path], None]

SETTING = "checkpoints"
"""The store's setting: {"epochs": n or null, "seconds": t}, whichever comes first."""

_SUFFIX = ".safetensors"
_SECONDS = 5.0
_SHARE = 20
"""Keeping checkpoints takes at most one part in so many of a run's time, whatever is asked for."""
_KEPT = 2


@dataclass
class Due:
    """When the next checkpoint is: after so many epochs or seconds, the sooner of the two."""

    epochs: int | None = None
    seconds: float = _SECONDS
    kept_epoch: int = 0
    kept_at: float = 0.0
    cost: float = 0.0

    @classmethod
    def of(cls, setting: Any, epoch: int) -> Due:
        """Return what a store's setting asks for, counted from here."""
        known = setting if isinstance(setting, dict) else {}
        return cls(known.get("epochs"), known.get("seconds") or _SECONDS, epoch, time.monotonic())

    def is_now(self, epoch: int) -> bool:
        """Whether it is due after this epoch."""
        passed = time.monotonic() - self.kept_at
        if self.epochs is not None and epoch - self.kept_epoch >= self.epochs:
            return True
        return passed >= max(self.seconds, _SHARE * self.cost)

    def kept(self, epoch: int, cost: float) -> None:
        """Count anew from a checkpoint that took `cost` seconds."""
        self.kept_epoch, self.kept_at, self.cost = epoch, time.monotonic(), cost


class StoreDesk:
    """Writes what comes of a claimed run to the store, and waits where the store can't be written.

    A store that is locked or full for a while costs time and nothing else: reports wait for it.
    """

    def __init__(
        self,
        ledger: Ledger,
        claim: Claim,
        rungs: frozenset[int] = frozenset(),
        say: Callable[[str], None] = logs.say,
    ) -> None:
        self.ledger, self.claim, self.rungs, self._say = ledger, claim, rungs, say
        self.store = ledger.store
        self._due = Due()

    def checkpoints(self) -> list[Checkpoint]:
        """Return the run's checkpoints, the newest first; a damaged one is told and left out."""
        found = []
        for row in self.whole_checkpoints():
            try:
                found.append(checkpoints.read(artifacts.path_of(self.store.directory, row)))
            except TrainingError as error:
                self._damaged(str(error))
        return found

    def whole_checkpoints(self) -> list[ArtifactRow]:
        """Return the rows of the checkpoints that are as they were written, the newest first."""
        known = self._known(CHECKPOINT)
        whole = [row for row in known if artifacts.is_whole(self.store.directory, row)]
        for row in known:
            if row not in whole:
                name = artifacts.path_of(self.store.directory, row).name
                self._damaged(f"The checkpoint {name} is not as it was written.")
        return whole

    def _damaged(self, text: str) -> None:
        self._say(text)
        self.ledger.log(self.claim, "damaged", text)

    def begin(self, epoch: int, device: str, environment: dict[str, str], note: str) -> None:
        """Say where the run starts, and count from there to the next checkpoint."""
        self._due = Due.of(self.insist(lambda: self.store.setting(SETTING)), epoch)
        self.insist(lambda: self.ledger.begin(self.claim, epoch, device, environment, note))
        self._say(f"Goes on after epoch {epoch} on {device}." if epoch else f"Starts on {device}.")

    def record(self, report: EpochReport, memory: int) -> None:
        """Write an epoch; raise `SupersededError` if the run isn't this process's any more."""
        self.insist(lambda: self.ledger.record(self.claim, report, memory))
        self._say(
            f"Epoch {report.epoch} of {report.epochs}: training loss {report.training_loss:.5g}, "
            f"validation RMSE {report.common.rmse:.5g} (scaled), {report.seconds:.2g} s."
        )

    def is_due(self, epoch: int) -> bool:
        """Whether a checkpoint is due after this epoch."""
        return self._due.is_now(epoch)

    def keep(self, checkpoint: Checkpoint) -> None:
        """Keep a checkpoint and the one before it; go on without where the disk won't take it."""
        epoch = checkpoint.position.epoch
        self.keep_file(epoch, lambda path: checkpoints.write(checkpoint, path))

    def keep_file(self, epoch: int, write: Write) -> None:
        """Keep the checkpoint that `write` makes, and the one before it, as `keep` does."""
        began = time.monotonic()
        older = self._known(CHECKPOINT)
        try:
            self._add(CHECKPOINT, write, epoch)
        except (OSError, StoreError) as error:
            self._say(f"No checkpoint could be kept after epoch {epoch}: {reason(error)}.")
        else:
            self.insist(lambda: artifacts.remove(self.store.database, older[_KEPT - 1 :]))
        self._due.kept(epoch, time.monotonic() - began)

    def rests_at(self, epoch: int) -> bool:
        """Whether the run waits for its peers after this epoch."""
        return epoch in self.rungs

    def finish(self, epoch: int, weights: dict[str, Tensor], predictions: Predictions) -> None:
        """Keep weights and predictions, end the run, and let go of its checkpoints."""
        self.finish_with(
            epoch,
            lambda path: checkpoints.write_tensors(weights, path),
            lambda path: predicted.write(predictions, path),
        )

    def finish_with(self, epoch: int, write_weights: Write, write_predictions: Write) -> None:
        """Do as `finish` does with the files that these make."""
        old = self._known(CHECKPOINT) + self._known(WEIGHTS) + self._known(PREDICTIONS)
        self.insist(lambda: self._add(WEIGHTS, write_weights, epoch))
        self.insist(lambda: self._add(PREDICTIONS, write_predictions, epoch))
        self.insist(lambda: self.ledger.finish(self.claim, epoch, old))
        self.insist(lambda: artifacts.remove(self.store.database, old))

    def insist(self, action: Callable[[], T]) -> T:
        """Do something until the store takes it.

        Raises `SupersededError` if it can't be done and the run isn't this process's any more.
        """
        return insist(self.store.directory, action, self._check_claim, self._say)

    def _check_claim(self) -> None:
        with contextlib.suppress(StoreError):  # then nobody knows, and time will tell
            if not self.ledger.is_ours(self.claim):
                raise SupersededError(self.claim.run_id)

    def _known(self, kind: str) -> list[ArtifactRow]:
        claim = self.claim
        return self.insist(lambda: self.store.artifacts(claim.experiment_id, claim.run_id, kind))

    def _add(self, kind: str, write: Write, epoch: int) -> ArtifactRow:
        return artifacts.add(
            self.store.database,
            write,
            experiment_id=self.claim.experiment_id,
            run_id=self.claim.run_id,
            kind=kind,
            suffix=_SUFFIX,
            epoch=epoch,
            process=self.claim.process,
        )
