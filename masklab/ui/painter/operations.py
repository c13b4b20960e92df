"""What the canvas asks for, checked: strokes and other edits, undo and redo, each acknowledged once.

The browser sends every operation that was not acknowledged yet, again and again, each with the
name of its canvas (`client`) and a number that rises by one. So none is lost, and the work that is
painted on keeps the last number carried out of each canvas, so that none counts twice. Nothing
that arrives is trusted: what is malformed is refused with a reason and acknowledged, so that it
does not come again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from jaxtyping import Int64

from masklab.data.series import Panel
from masklab.masks.strokes import Stroke

Edit = Literal["stroke", "toggle", "invert", "move"]
Action = Literal[Edit, "undo", "redo"]
EDITS: tuple[Edit, ...] = ("stroke", "toggle", "invert", "move")

OPERATIONS_MOST = 1000
"""Operations taken from one message; the browser sends the others again."""
CLIENTS_MOST = 200
"""Canvases remembered for one work. A reload makes another; one unheard of since 200 others is gone."""
_CLIENT_NAME = re.compile(r"[A-Za-z0-9-]{1,64}")
_EXACT = 2**53


@dataclass(frozen=True)
class Operation:
    """One wish of a canvas; `reason` says why it was refused.

    An edit has a `stroke`: what is painted or erased, or for the others where they act. `toggle`
    paints the one row of its stroke, or erases it if it is painted already. `invert` swaps painted
    and not. `move` takes what is painted there `by` µs along the clock.
    """

    client: str
    number: int
    action: Action | Literal["refused"]
    stroke: Stroke | None = None
    reason: str = ""
    by: int = 0


class Work(Protocol):
    """What is painted on. It keeps, with what was painted, which operations are in it.

    So both are saved in one step: whatever ends a run or the server between two steps, no
    operation is lost and none, not even an undo, is carried out twice.
    """

    def served(self) -> Mapping[str, int]:
        """Return the last number carried out of each canvas."""

    def serve(self, operations: Sequence[Operation]) -> str:
        """Carry out those that are `unserved`, note all as `served_after`, in one step.

        Returns a sentence for the person who painted, or nothing.
        """


class Numbered(Protocol):
    """Anything that a browser asks for under its own name and a number that rises by one."""

    @property
    def client(self) -> str:
        """Who asks."""

    @property
    def number(self) -> int:
        """The how manieth wish of this client it is, from 1."""


N = TypeVar("N", bound=Numbered)


def unserved(operations: Sequence[N], served: Mapping[str, int]) -> list[N]:
    """Return the operations to carry out, each once.

    They keep their order, also between canvases: after a reload a message holds what the canvas
    before it could not get acknowledged, then what was painted since, numbered from 1 again.
    """
    last = dict(served)
    found: list[N] = []
    for one in operations:
        if one.number > last.get(one.client, 0):
            last[one.client] = one.number
            found.append(one)
    return found


def served_after(operations: Sequence[Numbered], served: Mapping[str, int]) -> dict[str, int]:
    """Return what was served once these operations are too; the canvas heard last comes last."""
    last = dict(served)
    for one in unserved(operations, served):
        last.pop(one.client, None)
        last[one.client] = one.number
    return dict(list(last.items())[-CLIENTS_MOST:])


def read_operations(
    message: Any,
    panel: Panel,
    served: Mapping[str, int] = MappingProxyType({}),
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
        identity = sender(entry)
        if identity is not None and identity[1] > served.get(identity[0], 0):
            found.append(_operation(entry, *identity, panel))
    return found


def clients(message: Any) -> set[str]:
    """Return the canvases that a message speaks for."""
    entries = message if isinstance(message, list) else []
    return {identity[0] for entry in entries if (identity := sender(entry)) is not None}


def sender(entry: Any) -> tuple[str, int] | None:
    """Return who sent an entry of a message and its number, None if it does not say so soundly."""
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
    if action not in EDITS:
        reason = f"This should be one of {', '.join(EDITS)}, undo and redo."
        return Operation(client, number, "refused", reason=reason)
    by = _whole(entry.get("by", 0))
    stroke, reason = _stroke(entry, panel, nearest=action == "toggle")
    if by is None:
        reason = "A move goes by whole µs of the clock."
    if stroke is None or by is None:
        return Operation(client, number, "refused", reason=reason)
    return Operation(client, number, action, stroke, by=by)


def _stroke(entry: dict[str, Any], panel: Panel, *, nearest: bool) -> tuple[Stroke | None, str]:
    """Return the stroke of an entry from first to last row under it, or why there is none.

    `nearest`: the one row next to where it starts.
    """
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
    rows = _rows_nearest if nearest else _rows_under
    clock = panel.clock[panel.rows_of(series)].view(np.int64)
    first, stop = rows(clock, start, end)
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


def _rows_under(clock: Int64[np.ndarray, "row"], start: int, end: int) -> tuple[int, int]:
    """Return the first row under a stretch of the clock, and the row after its last."""
    first, stop = np.searchsorted(clock, start, "left"), np.searchsorted(clock, end, "right")
    return int(first), int(stop)


def _rows_nearest(clock: Int64[np.ndarray, "row"], start: int, end: int) -> tuple[int, int]:
    """Return the row nearest to a moment, and the one after it."""
    after = min(int(np.searchsorted(clock, start, "left")), len(clock) - 1)
    before = max(after - 1, 0)
    row = before if start - int(clock[before]) < int(clock[after]) - start else after
    return row, row + 1


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
