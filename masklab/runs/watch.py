"""Watch, from a thread beside the training, whether a run shall stop; say that its worker lives."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from collections.abc import Iterator
from types import FrameType, TracebackType
from typing import Self

from masklab.errors import StoreError
from masklab.runs.ledger import Claim, Ledger

_LOOK = 0.2
_BEAT = 5.0


class StopRequested(BaseException):
    """Raised between two steps of the training when the run shall stop."""


class Terminated(StopRequested):
    """The system asks the process to end, as it does before a machine is shut down."""


class Watch:
    """Stops the main thread's training soon after it was asked to, in the middle of an epoch too.

    The exception is only raised inside `interruptible()`, never while something is written.
    """

    def __init__(self, ledger: Ledger, claim: Claim) -> None:
        self._ledger = ledger
        self._claim = claim
        self._stopping = threading.Event()
        self._terminated = False
        self._ended = threading.Event()
        self._armed = False
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)

    def __enter__(self) -> Self:
        signal.signal(signal.SIGUSR1, self._interrupt)
        signal.signal(signal.SIGTERM, self._terminate)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    @contextlib.contextmanager
    def interruptible(self) -> Iterator[None]:
        """Let a request to stop cut this block short with `StopRequested`."""
        self._armed = True
        try:
            if self._terminated:
                raise Terminated
            if self._stopping.is_set():
                raise StopRequested
            yield
        finally:
            self._armed = False

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self._armed:
            raise StopRequested

    def _terminate(self, number: int, frame: FrameType | None) -> None:
        self._terminated = True
        if self._armed:
            raise Terminated

    def _look(self) -> None:
        beaten = time.monotonic()
        while not self._ended.wait(_LOOK):
            # A store that is locked or full for a moment must not end the training.
            with contextlib.suppress(StoreError):
                if self._ledger.should_stop(self._claim):
                    self._stopping.set()
                    signal.raise_signal(signal.SIGUSR1)  # the handler runs in the main thread
                    return
                if time.monotonic() - beaten > _BEAT:
                    self._ledger.beat(self._claim)
                    beaten = time.monotonic()
