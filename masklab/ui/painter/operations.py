"""What the canvas asks for, checked: strokes, undo and redo, each acknowledged once.

The browser sends every operation that was not acknowledged yet, again and again, each with the
name of its canvas (`client`) and a number that rises by one. So none is lost, and the ledger sees
to it that none counts twice. Nothing that arrives is trusted: what is malformed is refused with a
reason and acknowledged, so that it does not come again.
"""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from masklab.data.series import Panel
from masklab.masks.strokes import Stroke

Action = Literal["stroke", "undo", "redo"]

OPERATIONS_MOST = 1000
"""Operations taken from one message; the browser sends the others again."""
_CLIENTS_MOST = 5000
_CLIENT_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_EXACT = 2**53


@dataclass(frozen=True)
class Operation:
    """One wish of a canvas; a stroke if the action is "stroke", a reason if it was refused."""

    client: str
    number: int
    action: Action | Literal["refused"]
    stroke: Stroke | None = None
    reason: str = ""


class Ledger:
    """The last number acknowledged of each canvas, by document; shared by all tabs."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._lock = threading.RLock()

    def last(self, document: str, client: str) -> int:
        """Return the number up to which a canvas was served, 0 at first."""
        return self._last.get((document, client), 0)

    @contextmanager
    def serving(self, document: str, operations: Sequence[Operation]) -> Iterator[list[Operation]]:
        """Yield the operations that were not served yet; they count as served if nothing raises."""
        with self._lock:
            fresh: list[Operation] = []
            last: dict[str, int] = {}
            for one in sorted(operations, key=lambda operation: operation.number):
                if one.number > last.get(one.client, self.last(document, one.client)):
                    last[one.client] = one.number
                    fresh.append(one)
            yield fresh
            for client, number in last.items():
                self._last[(document, client)] = number
                self._last.move_to_end((document, client))
            while len(self._last) > _CLIENTS_MOST:
                self._last.popitem(last=False)


def read_operations(
    message: Any,
    panel: Panel,
    served: Callable[[str], int] = lambda _client: 0,
    most: int = OPERATIONS_MOST,
) -> list[Operation]:
    """Return the operations of a message, in its order; at most `most` that are not `served`.

    An entry without a client and a number can't be acknowledged and is passed over; any other
    that is malformed becomes an operation "refused" with its reason.
    """
    if not isinstance(message, list):
        return []
    found: list[Operation] = []
    for entry in message:
        if len(found) >= most:
            break
        identity = _identity(entry)
        if identity is not None and identity[1] > served(identity[0]):
            found.append(_operation(entry, *identity, panel))
    return found


def clients(message: Any) -> set[str]:
    """Return the canvases that a message speaks for."""
    entries = message if isinstance(message, list) else []
    return {identity[0] for entry in entries if (identity := _identity(entry)) is not None}


def _identity(entry: Any) -> tuple[str, int] | None:
    if not isinstance(entry, dict):
        return None
    client, number = entry.get("client"), _whole(entry.get("seq"))
    if not isinstance(client, str) or not _CLIENT_NAME.fullmatch(client):
        return None
    return None if number is None or number < 1 else (client, number)


def _operation(entry: dict[str, Any], client: str, number: int, panel: Panel) -> Operation:
    action = entry.get("action")
    if action in ("undo", "redo"):
        return Operation(client, number, action)
    if action != "stroke":
        return Operation(client, number, "refused", reason="This is not stroke, undo or redo.")
    stroke, reason = _stroke(entry, panel)
    if stroke is None:
        return Operation(client, number, "refused", reason=reason)
    return Operation(client, number, "stroke", stroke)


def _stroke(entry: dict[str, Any], panel: Panel) -> tuple[Stroke | None, str]:
    """Return the stroke of an entry from first to last row under it, or why there is none."""
    start, end = _whole(entry.get("start")), _whole(entry.get("end"))
    if start is None or end is None or start > end:
        return None, "A stroke needs a start and a later end, in whole µs of the clock."
    series, channels = entry.get("series"), entry.get("channels")
    if not isinstance(series, str) or series not in panel.names:
        return None, "The stroke names a series that this data lacks."
    if channels is not None and not _names_some(channels, panel.channels):
        return None, "The stroke names channels that this data lacks."
    if not isinstance(entry.get("erase", False), bool):
        return None, "A stroke either paints or erases."
    clock = panel.clock[panel.rows_of(series)].view(np.int64)
    first, stop = np.searchsorted(clock, start, "left"), np.searchsorted(clock, end, "right")
    if first >= stop:
        return None, "There is no row of the series under the stroke."
    whole = channels is None or len(set(channels)) == len(panel.channels)
    stroke = Stroke(
        start=int(clock[first]),
        end=int(clock[stop - 1]),
        # A recipe for one series fits another file of the same channels, whatever its name.
        series=series if len(panel) > 1 else None,
        channels=None if whole else tuple(dict.fromkeys(channels or ())),
        erase=entry.get("erase", False),
    )
    return stroke, ""


def _names_some(channels: Any, known: tuple[str, ...]) -> bool:
    if not isinstance(channels, list) or not 0 < len(channels) <= len(known):
        return False
    return all(isinstance(name, str) and name in known for name in channels)


def _whole(value: Any) -> int | None:
    """Return a whole number that a browser can hold exactly, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not -_EXACT <= value <= _EXACT or value != int(value):
        return None
    return int(value)
