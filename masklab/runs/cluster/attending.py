"""A run that a worker trains for the head: what it tells is written to the store, in order, once."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from masklab.runs import facts
from masklab.runs.cluster.link import Link, LinkLostError
from masklab.runs.cluster.messages import Message
from masklab.runs.cluster.outbox import LEASE
from masklab.runs.ledger import SupersededError
from masklab.runs.logs import say

if TYPE_CHECKING:
    from masklab.runs.desk import StoreDesk

_SILENCE = LEASE + 10.0
"""After so many seconds the run has ended itself, if its worker lives at all."""

_shipping = ThreadPoolExecutor(4, thread_name_prefix="shipping")


class Attended:
    """A claimed run and the task that trains it.

    `heard`: number of the last message that was written. `stop`: it shall stop. `is_over`: its
    worker is free of it. An answer that never came is asked for again; one that came twice is not
    written twice; where one is missing, the run goes on from what the store has.
    """

    def __init__(  # noqa: PLR0913, PLR0917 (a run, and where it is)
        self,
        token: str,
        desk: StoreDesk,
        link: Link,
        worker: str,
        task: Any,
        files: dict[str, Path],
    ) -> None:
        self.token, self.desk, self.worker = token, desk, worker
        self.claim, self.ledger = desk.claim, desk.ledger
        self.heard, self.stop, self.is_over = 0, False, False
        self._link, self._task, self._files = link, task, files
        self._has_ended = False
        self._broken = ""
        self._answered = time.monotonic()
        self._beaten = time.monotonic()
        self._kinds: dict[str, Callable[..., None]] = {
            "needs": self._needs,
            "facts": self._facts,
            "begins": desk.begin,
            "epoch": desk.record,
            "checkpoint": self._checkpoint,
            "rests": self._rests,
            "finished": self._finished,
            "stopped": self._stopped,
            "failed": self._failed,
        }

    def heed(self, wish: int | None) -> None:
        """Hear what the store wants of the run: 0 that it goes on, None that it isn't ours any more."""
        if not self._has_ended and wish != 0:
            self.stop = True
            self._has_ended = wish is None

    def hear(self, answer: object, *, is_there: bool) -> None:
        """Write what the worker told: by token, or the error that asking came to."""
        told = answer.get(self.token) if isinstance(answer, dict) else None
        if told is not None:
            self._answered = time.monotonic()
            for message in told:
                self._write(message)
            self._beat()
        elif self._has_ended and isinstance(answer, dict):
            self.is_over = True
        elif not is_there:
            self._lost(f"on {self.worker} is gone")
        elif self._task.done():
            self._lost(f"on {self.worker} let go of the run{self._reason()}")
        elif self._is_silent(answer):
            self._lost(f"on {self.worker} has not answered for {_SILENCE:.0f} s")
        if self._broken and not self.is_over:
            self._lost(self._broken)

    def give_back(self, why: str) -> None:
        """Let the run wait again, for no fault of its own."""
        if not self._has_ended:
            self.ledger.give_back(self.claim.run_id, self.claim.process, "returned", why)
        self.is_over = True

    def _write(self, message: Message) -> None:
        if message.number <= self.heard:
            return
        if message.number > self.heard + 1:
            self._broken = f"on {self.worker} lost a message"
            return
        if not self._has_ended:
            try:
                self._kinds[message.kind](*message.content)
            except SupersededError:
                self.stop = self._has_ended = True
        self.heard = message.number

    def _beat(self) -> None:
        if time.monotonic() - self._beaten > 5 and not self._has_ended:
            self._beaten = time.monotonic()
            self.ledger.beat(self.claim)

    def _is_silent(self, answer: object) -> bool:
        """Whether a run that had begun, or whose worker can't be reached, has not answered for long."""
        begun = self.heard or not isinstance(answer, dict)
        return bool(begun) and time.monotonic() - self._answered > _SILENCE

    def _lost(self, cause: str) -> None:
        if not self._has_ended:
            self.ledger.bury(self.claim.run_id, self.claim.process, cause)
            say(f"Run {self.claim.run_id}: its worker {cause}.")
        self._has_ended = self.is_over = True
        self._task.release()

    def _reason(self) -> str:
        if self._task.status != "error":
            return ""
        error = self._task.exception(timeout=5)
        return f" ({type(error).__name__}: {error})"

    def _needs(self, sha256: str, part: str) -> None:
        _shipping.submit(self._ship, self._files[sha256], part)

    def _ship(self, path: Path, part: str) -> None:
        try:
            size = self._link.send(path, part, self.worker)
        except (OSError, LinkLostError) as error:
            self._broken = f"on {self.worker} did not get {path.name} ({error})"
        else:
            say(f"Sent {path.name} ({size:,} bytes) to {self.worker}.")

    def _facts(
        self, notes: list[str], naive: dict[str, list[dict[str, float]]], mask: bytes
    ) -> None:
        store, experiment_id = self.desk.store, self.claim.experiment_id
        self.desk.insist(lambda: facts.write(store, experiment_id, notes, naive))
        self.desk.insist(lambda: facts.keep_files(store, experiment_id, _writes(mask)))

    def _checkpoint(self, epoch: int, content: bytes) -> None:
        self.desk.keep_file(epoch, _writes(content))

    def _rests(self) -> None:
        self.desk.insist(lambda: self.ledger.rest(self.claim))
        self._has_ended = True

    def _finished(self, epoch: int, weights: bytes, predictions: bytes) -> None:
        self.desk.finish_with(epoch, _writes(weights), _writes(predictions))
        self._has_ended = True

    def _stopped(self) -> None:
        self._end("stopped", "Stopped on request.", "")

    def _failed(self, message: str, log: str) -> None:
        self._end("failed", message, log)

    def _end(self, status: Any, message: str, log: str) -> None:
        run_id, process = self.claim.run_id, self.claim.process
        self.desk.insist(lambda: self.ledger.end(run_id, process, status, message, log))
        self._has_ended = True


def _writes(content: bytes) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(content)

    return write
