"""What the inspector shows, in the address: a copied link opens the same picture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Any, get_args

import streamlit as st

from masklab.inspector.small import HIDDEN, Head
from masklab.inspector.window import SERVED

_SHOWN = "masklab.inspector.shown"
_LARGEST = 10_000_000
_RUN = re.compile(r"(\d{1,5})(?:-(\d{1,5}))?")


@dataclass(frozen=True)
class View:
    """All that the picture depends on, beside data and mask.

    `a`, `b`: kinds of the strategies, `b` empty for one alone. `start`: first row of the window,
    None for one that is worth looking at. `step`, `unit`, `ahead`: from 0. `flip`: steps that the
    reader masked or unmasked. `data`: "example", or empty for the project's.
    """

    data: str = ""
    series: int = 0
    channels: tuple[str, ...] = ()
    a: str = "carry"
    b: str = "zero_fill"
    head: Head = "last"
    seed: int = 0
    start: int | None = None
    step: int = 0
    unit: int = 0
    target: str = ""
    ahead: int = 0
    flip: tuple[int, ...] = ()

    def told(self) -> dict[str, str]:
        """Return the address's words for it: steps, units and what lies ahead counted from 1."""
        return {
            "data": self.data,
            "series": str(self.series + 1),
            "channels": "\n".join(self.channels),
            "a": self.a,
            "b": self.b or "none",
            "head": self.head,
            "seed": str(self.seed),
            "start": "" if self.start is None else str(self.start),
            "step": str(self.step + 1),
            "unit": str(self.unit + 1),
            "target": self.target,
            "ahead": str(self.ahead + 1),
            "flip": written(self.flip),
        }


NAMES = tuple(one.name for one in fields(View))


def read(words: Mapping[str, str], otherwise: View) -> View:
    """Return the view that an address asks for; what can't be is passed over."""
    channels = words.get("channels", "")
    heads: tuple[Head, ...] = get_args(Head)
    strategy = {"": otherwise.b, "none": ""}
    b = words.get("b", "")
    return View(
        data="example" if words.get("data", otherwise.data) == "example" else "",
        series=_whole(words.get("series"), otherwise.series + 1) - 1,
        channels=tuple(channels.split("\n")) if channels else otherwise.channels,
        a=_one_of(words.get("a"), tuple(SERVED), otherwise.a),
        b=strategy[b] if b in strategy else _one_of(b, tuple(SERVED), otherwise.b),
        head=_one_of(words.get("head"), heads, otherwise.head),
        seed=_whole(words.get("seed"), otherwise.seed, least=0),
        start=_start(words.get("start"), otherwise.start),
        step=_whole(words.get("step"), otherwise.step + 1) - 1,
        unit=min(_whole(words.get("unit"), otherwise.unit + 1), HIDDEN) - 1,
        target=words.get("target", otherwise.target),
        ahead=_whole(words.get("ahead"), otherwise.ahead + 1) - 1,
        flip=steps_of(words["flip"]) if "flip" in words else otherwise.flip,
    )


def written(steps: Iterable[int]) -> str:
    """Return steps, from 0, as the address has them, from 1: "4-7.12"."""
    whole = sorted(set(steps))
    borders = [at for at, (one, after) in enumerate(pairwise(whole), start=1) if after > one + 1]
    runs = [whole[a:b] for a, b in pairwise([0, *borders, len(whole)])] if whole else []
    return ".".join(
        f"{run[0] + 1}-{run[-1] + 1}" if len(run) > 1 else str(run[0] + 1) for run in runs
    )


def steps_of(text: str) -> tuple[int, ...]:
    """Return the steps, from 0, of such a text; what is no step is passed over."""
    found: set[int] = set()
    for part in text.split("."):
        run = _RUN.fullmatch(part)
        if run:
            first, last = int(run[1]), int(run[2] or run[1])
            found.update(range(first - 1, min(last, first + 1000)))
    return tuple(sorted(one for one in found if one >= 0))


def present(prefix: str, otherwise: View) -> View:
    """Return what is on screen: by the address, or as this tab showed it last (a page's change empties it)."""
    words = {
        name: st.query_params[prefix + name] for name in NAMES if prefix + name in st.query_params
    }
    kept: dict[str, str] = st.session_state.get(f"{_SHOWN}.{prefix}", {})
    return read(words or kept, otherwise)


def put(prefix: str, view: View) -> None:
    """Write a view into the address, where it differs, and keep it for this tab."""
    words = view.told()
    st.session_state[f"{_SHOWN}.{prefix}"] = words
    now = st.query_params.to_dict()
    told = {prefix + name: word for name, word in words.items()}
    then = {name: word for name, word in {**now, **told}.items() if word or name not in told}
    if then != now:
        # All at once: each message of an address has the browser look at the whole page.
        st.query_params.from_dict(then)


def _one_of(word: str | None, choices: tuple[Any, ...], otherwise: Any) -> Any:
    return word if word in choices else otherwise


def _whole(word: str | None, otherwise: int, least: int = 1) -> int:
    number = int(word) if word and re.fullmatch(r"\d{1,8}", word, re.ASCII) else otherwise
    return min(max(number, least), _LARGEST)


def _start(word: str | None, otherwise: int | None) -> int | None:
    return _whole(word, 0, least=0) if word else otherwise
