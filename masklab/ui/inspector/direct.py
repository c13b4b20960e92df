"""A toggled step answered by itself, without a run of the page: what the canvas posts to the door.

A run of the page takes as long as all that Streamlit and the browser do for it; the numbers of a window
take a fraction of that. The page's run follows all the same: it has the formulas and the address.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from masklab.inspector import Excerpt, Output, small
from masklab.ui.inspector.asked import steps_asked
from masklab.ui.inspector.picture import picture

if TYPE_CHECKING:
    from masklab.inspector.trace import Trace
    from masklab.nn.network import MaskedNetwork

PATH = "/_masklab/inspect"
LONGEST = 20_000
"""Bytes that a question may have."""
_KEPT = 16
"""Askings that are remembered, with the data they are of; a canvas that is forgotten asks by the page's run."""


@dataclass(frozen=True)
class Asking:
    """All that a picture depends on, but which steps are toggled."""

    cut: Excerpt
    wishes: tuple[small.Wish, ...]
    start: int
    output: Output


_offered: OrderedDict[str, Asking] = OrderedDict()
_tokens: dict[Asking, str] = {}
_lock = threading.Lock()
_computing = threading.Lock()


def offer(asking: Asking) -> str:
    """Return a token that nobody can guess, by which a canvas asks; the same for the same asking."""
    with _lock:
        token = _tokens.setdefault(asking, secrets.token_urlsafe(16))
        _offered[token] = asking
        _offered.move_to_end(token)
        while len(_offered) > _KEPT:
            _, old = _offered.popitem(last=False)
            _tokens.pop(old, None)
        return token


def traces(asking: Asking, flips: tuple[int, ...]) -> list[Trace] | None:
    """Return what each network does; None if one of them isn't trained, or was forgotten.

    Computed once for the page's run and for the canvas.
    """
    networks = [small.known(asking.cut, one) for one in asking.wishes]
    known = tuple(one for one in networks if one is not None)
    if len(known) < len(networks):
        return None
    with _computing:
        return list(_traces(known, asking, flips))


@lru_cache(maxsize=8)
def _traces(
    networks: tuple[MaskedNetwork, ...], asking: Asking, flips: tuple[int, ...]
) -> tuple[Trace, ...]:
    from masklab.inspector.trace import trace  # noqa: PLC0415, with torch behind it

    window = asking.cut.at(asking.start).toggled(flips)
    return tuple(trace(one, window, asking.output) for one in networks)


def answer(question: bytes) -> bytes | None:
    """Return the picture that a canvas asks for, as JSON; None if it may not or makes no sense."""
    try:
        told = json.loads(question)
    except ValueError:
        return None
    if not isinstance(told, dict) or not isinstance(told.get("token"), str):
        return None
    with _lock:
        asking = _offered.get(told["token"])
    flips = steps_asked(told.get("flips"))
    if asking is None or flips is None:
        return None
    flips = tuple(one for one in flips if one < asking.cut.window)
    found = traces(asking, flips)
    if found is None:
        return None
    window = asking.cut.at(asking.start)
    return json.dumps(picture(window, found, asking.output, trained=True)).encode()
