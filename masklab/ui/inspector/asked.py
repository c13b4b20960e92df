"""What the canvas asks for: a step, a unit, steps that were masked or unmasked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from masklab.inspector.small import HIDDEN
from masklab.ui.inspector.address import View

_MOST_STEPS = 1000


@dataclass(frozen=True)
class Asked:
    """One message of one canvas; `client` is empty if nothing was asked yet."""

    client: str = ""
    seq: int = 0
    step: int = 0
    unit: int = 0
    flips: tuple[int, ...] = ()


def asked(state: Any) -> Asked:
    """Return the newest message of a canvas's state; what is malformed counts as none."""
    message = dict(state).get("asked") if state else None
    if not isinstance(message, dict) or not isinstance(message.get("client"), str):
        return Asked()
    seq, step, unit = (_count(message.get(name)) for name in ("seq", "step", "unit"))
    flips = steps_asked(message.get("flips"))
    if seq is None or step is None or unit is None or flips is None:
        return Asked()
    return Asked(message["client"][:64], seq, step, unit, flips)


def steps_asked(told: Any) -> tuple[int, ...] | None:
    """Return the steps of a list that a canvas sent, what is none passed over; None for no list."""
    if not isinstance(told, list):
        return None
    counts = [_count(one) for one in told[:_MOST_STEPS]]
    return tuple(sorted({one for one in counts if one is not None and one < _MOST_STEPS}))


def view_after(state: Any, view: View) -> View:
    """Return the view as the canvas asks for it."""
    found = asked(state)
    if not found.client:
        return view
    return replace(view, step=found.step, unit=min(found.unit, HIDDEN - 1), flip=found.flips)


def _count(value: Any) -> int | None:
    """Return a whole number from 0 that a canvas sent; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        return None
    return int(value) if int(value) == value else None
