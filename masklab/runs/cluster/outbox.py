"""A run's messages on its worker, kept until the head has written them down.

The head fetches: it asks each worker for what is new and says what it has written, so that nothing
is lost or comes twice, and both learn from the same call that the other lives.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from masklab.runs.cluster.messages import Kind, Message, Order
from masklab.runs.watch import StopRequested

LEASE = 60.0
"""A run that its head has not asked after for so many seconds ends: nobody wants its epochs."""

_BATCH = 8 << 20
_MOST = 2000
_LOOK = 0.05

_open: dict[str, Outbox] = {}


class AbandonedError(StopRequested):
    """Raised in a run whose head is gone, or whose worker is closing."""


class Outbox:
    """The messages of one run; `is_wanted()` says whether its worker still wants the run."""

    def __init__(self, token: str, is_wanted: Callable[[], bool]) -> None:
        self.token = token
        self._is_wanted = is_wanted
        self._messages: deque[Message] = deque()
        self._changed = threading.Condition()
        self._number = 0
        self._stop = False
        self._asked_at = time.monotonic()

    def __enter__(self) -> Outbox:
        _open[self.token] = self
        return self

    def __exit__(self, *raised: object) -> None:
        _open.pop(self.token, None)

    def put(self, kind: Kind, *content: Any) -> int:
        """Leave a message and return its number; wait if the head is far behind."""
        while len(self._messages) >= _MOST:
            self.rest()
        with self._changed:
            self._number += 1
            self._messages.append(Message(self._number, kind, content))
            return self._number

    def deliver(self, kind: Kind, *content: Any) -> None:
        """Leave a message and wait until the head has written it down."""
        number = self.put(kind, *content)
        while not self.is_heard(number):
            self.rest()

    def is_heard(self, number: int) -> bool:
        """Whether the head has written a message down."""
        return not self._messages or self._messages[0].number > number

    def rest(self) -> None:
        """Wait a moment; raise `AbandonedError` if nobody is there to wait for."""
        with self._changed:
            self._changed.wait(_LOOK)
        if not self._is_wanted() or time.monotonic() - self._asked_at > LEASE:
            raise AbandonedError

    def check(self) -> None:
        """Raise `StopRequested` if the run shall stop, or nobody wants it any more."""
        if not self._is_wanted() or time.monotonic() - self._asked_at > LEASE:
            raise AbandonedError
        if self._stop:
            raise StopRequested

    def take(self, order: Order) -> list[Message]:
        """Hear the head's order; return what it has not written down, some megabytes at most."""
        with self._changed:
            self._asked_at, self._stop = time.monotonic(), order.stop
            while self._messages and self._messages[0].number <= order.heard:
                self._messages.popleft()
            self._changed.notify_all()
            batch, size = [], 0
            for message in self._messages:
                batch.append(message)
                size += sum(len(one) for one in message.content if isinstance(one, bytes))
                if size > _BATCH:
                    break
            return batch


def exchange(orders: dict[str, Order]) -> dict[str, list[Message]]:
    """Give each run of this worker its order; return by token what these runs have to tell."""
    here = [(_open.get(token), order) for token, order in orders.items()]
    return {outbox.token: outbox.take(order) for outbox, order in here if outbox is not None}
