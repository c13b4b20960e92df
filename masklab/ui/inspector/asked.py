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
    numbers = [message.get(name) for name in ("seq", "step", "unit")]
    flips = message.get("flips")
    if not all(_is_count(one) for one in numbers) or not isinstance(flips, list):
        return Asked()
    steps = sorted({one for one in flips[:_MOST_STEPS] if _is_count(one) and one < _MOST_STEPS})
    return Asked(message["client"][:64], *(int(one) for one in numbers), tuple(steps))


def view_after(state: Any, view: View) -> View:
    """Return the view as the canvas asks for it."""
    found = asked(state)
    if not found.client:
        return view
    return replace(view, step=found.step, unit=min(found.unit, HIDDEN - 1), flip=found.flips)


def _is_count(value: Any) -> bool:
    sound = isinstance(value, int | float) and not isinstance(value, bool)
    return sound and value == value and 0 <= value < 2**53 and int(value) == value  # noqa: PLR0124
