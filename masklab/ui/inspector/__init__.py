"""The inspector on a page: one window in one or two small LSTMs, step by step."""

from __future__ import annotations

import sys
import threading
import time
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import streamlit as st

from masklab.inspector import Excerpt, Output, Source, Window, small
from masklab.inspector.example import example
from masklab.inspector.excerpt import excerpt
from masklab.inspector.window import served
from masklab.ui import guard, in_order, state
from masklab.ui.inspector import direct
from masklab.ui.inspector.address import View, present, put
from masklab.ui.inspector.asked import asked, view_after
from masklab.ui.inspector.controls import Controls, changed_view
from masklab.ui.inspector.picture import picture
from masklab.words import plain

if TYPE_CHECKING:
    from masklab.inspector.trace import Trace

__all__ = ["inspector", "show", "warm"]

SCRIPTS = ("colours", "scene", "rows", "draw", "numbers", "inspector")
"""The parts of the canvas's script, in the order in which they are joined."""
PICTURE_FIRST, BAR_EVERY = 0.3, 0.4
"""Seconds that training leaves the machine to the first picture, and between two moves of its bar:
with every move the browser looks through the whole page again."""
FORMULAS_AFTER = 0.05
"""Seconds that formulas wait for the picture: what arrives together is drawn together, and setting
formulas takes a browser longer than the picture."""


def show(key: str = "inspector") -> None:
    """Draw the inspector over the project's data and mask, or over an example; all of it a fragment."""
    warm()
    own = _own()
    view = present("", View())
    chosen = example() if own is None or view.data == "example" else own
    if own is not None:
        _choose_data(key, view, own)
    inspector(key, chosen)


def inspector(key: str, source: Source, otherwise: View | None = None, prefix: str = "") -> None:
    """Draw the inspector over any data and mask.

    `otherwise`: what is shown where the address says nothing. `prefix` comes before its names in the
    address, so that a lesson's own stand beside them.
    """
    st.fragment(guard.in_fragment(_draw))(key, source, otherwise or View(), prefix)


def warm() -> None:
    """Begin to load torch beside the page, so that it is there when it is needed."""
    if "torch" not in sys.modules:
        threading.Thread(target=_load, name="load torch", daemon=True).start()


def _load() -> None:
    import masklab.training.loop  # noqa: F401, PLC0415


def _own() -> Source | None:
    panel = state.panel()
    if panel is None:
        return None
    return Source(panel, state.mask().observed, state.parts(), state.project().name)


def _choose_data(key: str, view: View, own: Source) -> None:
    names = {"": plain(own.name) or "My data", "example": "An example"}

    def changed() -> None:
        put("", changed_view(view, "data", st.session_state[f"{key}.data"] or ""))

    st.session_state[f"{key}.data"] = view.data
    st.segmented_control(
        "Data", list(names), format_func=lambda one: names[one], key=f"{key}.data",
        on_change=changed, label_visibility="collapsed",
    )  # fmt: skip


def _draw(key: str, source: Source, otherwise: View, prefix: str) -> None:
    view = present(prefix, otherwise)
    cut = _excerpt(source, view)
    start = cut.telling if view.start is None else cut.nearest(view.start)
    horizon = cut.prepared.horizon
    target = view.target if view.target in cut.panel.channels else cut.panel.channels[0]
    view = replace(
        view,
        series=min(view.series, len(source.panel) - 1),
        start=start,
        step=min(view.step, cut.window - 1),
        target=target,
        ahead=min(view.ahead, horizon - 1),
        flip=tuple(one for one in view.flip if one < cut.window),
    )
    put(prefix, view)

    controls = Controls(key, view, prefix)
    first, second, third, fourth = st.columns([0.37, 0.29, 0.22, 0.12], vertical_alignment="bottom")
    with first:
        controls.strategies()
    with second:
        controls.output(cut.panel.channels, horizon)
    with third:
        controls.window(cut, start)
    with fourth:
        controls.more(source.panel, cut.panel.channels)

    wishes = [small.Wish(kind, view.seed, view.head) for kind in (view.a, view.b) if kind]
    ready = all(small.known(cut, wish) for wish in wishes)
    # A fragment of its own: a step or a toggled step runs no other widget.
    st.fragment(guard.in_fragment(_steps))(key, cut, view, wishes, ready, prefix)
    if not ready:
        _train(cut, wishes)
        st.rerun()
    for wish, place in zip(wishes, st.columns(len(wishes)), strict=True):
        place.caption(f"**{wish.kind}**: {plain(served(wish.kind).explanation)}")


def _steps(  # noqa: PLR0913, PLR0917 (a fragment's arguments)
    key: str, cut: Excerpt, drawn: View, wishes: list[small.Wish], ready: bool, prefix: str
) -> None:
    """Draw canvas and formulas for the step and the toggled steps that the address has by now."""
    now = present(prefix, drawn)
    step = min(now.step, cut.window - 1)
    flip = tuple(one for one in now.flip if one < cut.window)
    view = replace(drawn, step=step, unit=now.unit, flip=flip)
    traces = _traces(key, cut, view, wishes, ready=ready)
    output = Output(view.ahead, cut.panel.channels.index(view.target))
    token = direct.offer(direct.Asking(cut, tuple(wishes), int(view.start or 0), output))
    window = cut.at(int(view.start or 0))
    _canvas(key, window, traces, output, view, token=token if ready else "", prefix=prefix)
    if ready:
        time.sleep(FORMULAS_AFTER)
        _formulas(traces, view)


def _excerpt(source: Source, view: View) -> Excerpt:
    panel = source.panel
    channels = tuple(one for one in view.channels if one in panel.channels)
    return _cut(source, source.key, channels, min(view.series, len(panel) - 1))


@st.cache_resource(show_spinner=False, max_entries=16)
def _cut(_source: Source, content: str, channels: tuple[str, ...], series: int) -> Excerpt:
    return excerpt(_source, channels, series)


def _train(cut: Excerpt, wishes: list[small.Wish]) -> None:
    """Train what is not known yet, with a bar that says what."""
    missing = [wish for wish in wishes if small.known(cut, wish) is None]
    bar = st.progress(0.0, "Training the small LSTMs, about 2 s")
    time.sleep(PICTURE_FIRST)
    told = time.monotonic()
    for nth, wish in enumerate(missing):

        def tell(share: float, nth: int = nth, kind: str = wish.kind) -> None:
            nonlocal told
            if time.monotonic() - told >= BAR_EVERY:
                told = time.monotonic()
                bar.progress((nth + share) / len(missing), f"Training {kind}: {small.HIDDEN} units")

        small.trained(cut, wish, tell)


def _traces(
    key: str, cut: Excerpt, view: View, wishes: list[small.Wish], *, ready: bool
) -> list[Trace]:
    """Return what each network does, computed anew only if something that it depends on changed."""
    from masklab.inspector.trace import trace  # noqa: PLC0415, with torch behind it

    about = (cut.key, tuple(wishes), view.start, view.flip, view.target, view.ahead, ready)
    known: tuple[Any, list[Trace]] | None = st.session_state.get(f"{key}.traces")
    if known is not None and known[0] == about:
        return known[1]
    output = Output(view.ahead, cut.panel.channels.index(view.target))
    asking = direct.Asking(cut, tuple(wishes), int(view.start or 0), output)
    found = direct.traces(asking, view.flip) if ready else None
    if found is None:
        window = cut.at(int(view.start or 0)).toggled(view.flip)
        networks = [small.known(cut, wish) or small.untrained(cut, wish) for wish in wishes]
        found = [trace(one, window, output) for one in networks]
    st.session_state[f"{key}.traces"] = (about, found)
    return found


def _canvas(  # noqa: PLR0913 (what is drawn, what of it is marked, where changes go)
    key: str,
    window: Window,
    traces: list[Trace],
    output: Output,
    view: View,
    *,
    token: str,
    prefix: str,
) -> None:
    name = f"{key}.canvas"

    def changed() -> None:
        put(prefix, view_after(st.session_state.get(name), present(prefix, view)))

    found = asked(st.session_state.get(name))
    _component()(
        key=name,
        data=in_order.numbered(
            name,
            {
                **picture(window, traces, output, trained=bool(token)),
                "direct": token,
                "view": {"step": view.step, "unit": view.unit, "flips": list(view.flip)},
                "answered": {"client": found.client, "seq": found.seq},
            },
        ),
        on_asked_change=changed,
    )


def _formulas(traces: list[Trace], view: View) -> None:
    from masklab.inspector.formula import formula, told  # noqa: PLC0415

    for trace, place in zip(traces, st.columns(len(traces)), strict=True):
        with place:
            st.markdown(
                f"**{plain(trace.strategy)}**, step {view.step + 1}, unit {view.unit + 1}. {told(trace, view.step)}"
            )
            st.latex(formula(trace, view.step, view.unit))


@cache
def _component() -> Any:
    folder = files("masklab.ui.inspector")
    html, css = (
        folder.joinpath(f"inspector.{kind}").read_text("utf-8") for kind in ("html", "css")
    )
    scripts = (folder.joinpath("js", f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    script = "\n".join((in_order.script(), *scripts))
    return st.components.v2.component("masklab_inspector", html=html, css=css, js=script)
