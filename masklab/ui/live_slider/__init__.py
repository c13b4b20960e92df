"""A slider whose effect is seen while it is dragged; what counts is where it is let go.

Streamlit's own slider says nothing before it is let go.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from masklab.ui import guard, in_order

__all__ = ["Preview", "Reach", "live_slider"]

_TAKEN, _ANSWERED = "taken", "answered"


@dataclass(frozen=True)
class Reach:
    """How far a slider goes, in which steps. With `curve` above 1 it is finer at its low end.

    `rest`: where its thumb lies while there is no value, 0 to 1.
    """

    low: float
    high: float
    step: float
    unit: str = ""
    curve: float = 1.0
    rest: float = 0.5

    def holds(self, value: Any) -> bool:
        """Whether a value that came from a browser is a number within reach."""
        sound = isinstance(value, int | float) and not isinstance(value, bool)
        return sound and self.low <= value <= self.high


@dataclass(frozen=True)
class Preview:
    """What a value would do: in words, and as a picture for the painter if there is one."""

    told: str
    picture: dict[str, Any] | None = None


def live_slider(  # noqa: PLR0913 (what it is called, shows and reaches; where its values go)
    label: str,
    value: float | None,
    reach: Reach,
    *,
    key: str,
    keep: Callable[[float], None],
    preview: Callable[[float], Preview],
    help: str | None = None,  # noqa: A002 - as Streamlit's widgets call it
    typed: bool = True,
    disabled: bool = False,
    layer: int = 0,
) -> None:
    """Draw a slider. `preview` is asked while it is dragged, `keep` once when it is let go.

    It is a fragment: a drag runs nothing else of the page, a release runs all of it. `typed` adds
    the label and a box for the number. `layer` says whose preview it is.
    """

    def draw() -> None:
        _take(key, reach, keep)
        live = _unanswered(key)
        _component()(
            key=key,
            data=in_order.numbered(key, {
                "label": label, "help": help or "", "typed": typed, "disabled": disabled,
                "value": value, "layer": layer, **vars(reach),
                "taken": st.session_state.get(f"{key}.{_TAKEN}", ""),
                "preview": _answer(live, preview) if reach.holds(live.get("value")) else None,
            }),
            on_live_change=lambda: None,
            on_final_change=lambda: _take(key, reach, keep),
        )  # fmt: skip
        if st.session_state.pop(f"{key}.behind", False):
            st.rerun()

    st.fragment(guard.in_fragment(draw))()


def _unanswered(key: str) -> dict[str, Any]:
    """Return the newest value of a drag; nothing if it was answered before."""
    live = _state(key, "live")
    mark = (live.get("name"), live.get("seq"))
    if st.session_state.get(f"{key}.{_ANSWERED}") == mark:
        return {}
    st.session_state[f"{key}.{_ANSWERED}"] = mark
    return live


def _answer(live: dict[str, Any], preview: Callable[[float], Preview]) -> dict[str, Any]:
    return {"seq": live.get("seq"), **vars(preview(live["value"]))}


def _take(key: str, reach: Reach, keep: Callable[[float], None]) -> None:
    """Keep the value that was let go, once."""
    final = _state(key, "final")
    name = final.get("name")
    if not isinstance(name, str) or name == st.session_state.get(f"{key}.{_TAKEN}"):
        return
    st.session_state[f"{key}.{_TAKEN}"] = name
    st.session_state[f"{key}.behind"] = True
    if reach.holds(final.get("value")):
        keep(final["value"])


def _state(key: str, name: str) -> dict[str, Any]:
    state = st.session_state.get(key)
    found = dict(state).get(name) if state else None
    return found if isinstance(found, dict) else {}


@cache
def _component() -> Any:
    folder = files("masklab.ui.live_slider")
    html, css, script = (
        folder.joinpath(f"slider.{kind}").read_text("utf-8") for kind in ("html", "css", "js")
    )
    return st.components.v2.component(
        "masklab_slider", html=html, css=css, js=f"{in_order.script()}\n{script}"
    )
