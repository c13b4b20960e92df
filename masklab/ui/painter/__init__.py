"""The painter: a canvas that shows a panel with its mask, and on which a mask is painted.

`receive` first, so that what was painted counts in the same run; then `painter` draws.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Int8, UInt8

from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.masks.layers import MaskRecipe
from masklab.ui import in_order
from masklab.ui.painter.layer import strokes_of
from masklab.ui.painter.operations import Operation, Work, clients, read_operations
from masklab.ui.painter.payload import Drawing, described, read_window
from masklab.ui.painter.seek import answer, read_wish
from masklab.ui.painter.shades import shaded
from masklab.ui.painter.summary import Origins, Summary

__all__ = ["Operation", "Shown", "Work", "painter", "previewed", "receive", "shown_series"]

SCRIPTS = (
    "colours", "picture", "preview", "pending", "clock", "rows", "layout", "line", "shading", "axes", "minimap",
    "draw", "hover", "link", "tools", "selection", "selecting", "pointer", "pinch", "heads", "bar", "keys",
    "painter",
)  # fmt: skip
"""The parts of the canvas's script, in the order in which they are joined."""

_EPOCH = secrets.token_hex(4)
_NEWS = "masklab.painter.news"
_VIEW = "masklab.painter.view"
_SOUGHT = "masklab.painter.sought"
_SENT = "masklab.painter.sent"


@dataclass(frozen=True)
class Shown:
    """What the painter shows beside the data.

    `revision` names the mask: other text, other mask. `recipe` is what made it. `share` says in
    words how much is hidden. `channels` are the columns to draw, in order.
    """

    revision: str
    recipe: MaskRecipe
    channels: tuple[int, ...]
    share: str
    undo: bool
    redo: bool
    behind: bool = False
    """Whether the page around shows an older mask; `painter` says when to draw it anew."""


def receive(key: str, panel: Panel, work: Work) -> None:
    """Have `work` serve what the canvas `key` sent and was not served yet; a second call does nothing.

    What `work` can't carry out stays unserved; the canvas says why.
    """
    message = _state(key).get("ops")
    if not message:
        return
    try:
        found = read_operations(message, panel, work.served())
        if not found:
            return
        notice = work.serve(found)
    except MaskLabError as error:  # the canvas keeps what it sent, and sends it again
        st.session_state[f"{_NEWS}.{key}"] = (str(error), [])
        return
    refused = [one for one in found if one.action == "refused"]
    st.session_state[f"{_NEWS}.{key}"] = (notice, refused)


def painter(  # noqa: PLR0913 - three things to draw, three that tie it to its document
    panel: Panel,
    layers: UInt8[np.ndarray, "row channel"],
    parts: Int8[np.ndarray, "row"],
    shown: Shown,
    *,
    key: str,
    document: str,
    work: Work,
) -> bool:
    """Draw the canvas. Call `receive` with the same key and work before it.

    `layers` says which layer hides each cell (`masklab.masks.origin.hidden_by`). `document` names
    the work, so that a canvas is known again after a reload. Returns True when the page around is
    behind and the person painting has paused: a good moment to draw the page anew.
    """
    summary = _summary(panel, panel.content_hash)
    hidden = _hidden(layers, f"{panel.content_hash}:{shown.revision}")
    asked = _state(key).get("view") or st.session_state.get(f"{_VIEW}.{key}")
    st.session_state[f"{_VIEW}.{key}"] = asked
    window, named = read_window(asked, panel, summary)
    notice, refused = st.session_state.get(f"{_NEWS}.{key}", ("", []))
    revision = _revision(document, shown.revision)
    served = work.served()
    drawing = Drawing.of(summary, window, shown.channels)
    data: dict[str, Any] = {
        **_not_sent(key, drawing),
        "document": document,
        "epoch": _EPOCH,
        "revision": revision,
        "behind": shown.behind,
        "acknowledged": {
            client: served.get(client, 0) for client in clients(_state(key).get("ops"))
        },
        "refused": [
            {"client": one.client, "seq": one.number, "reason": one.reason} for one in refused[:20]
        ],
        "notice": notice,
        "undo": shown.undo,
        "redo": shown.redo,
        "share": shown.share,
        "view": {"start": window.start, "end": window.end} if named else None,
        "cover": drawing.cover(hidden),
        "sought": _sought(key, summary, hidden, shown),
        **shaded(shown.recipe),
        **described(summary, parts, window.series, shown.channels),
    }
    _component()(
        key=key,
        data=in_order.numbered(key, data),
        on_ops_change=lambda: receive(key, panel, work),
        on_view_change=lambda: None,
        on_seek_change=lambda: None,
        on_need_change=lambda: None,
        on_paused_change=lambda: None,
    )
    _note_sent(key, drawing)
    return shown.behind and _state(key).get("paused") == revision


def shown_series(panel: Panel, *, key: str) -> int:
    """Return the number of the series on screen; 0 before the canvas was drawn."""
    asked = _state(key).get("view") or st.session_state.get(f"{_VIEW}.{key}")
    return read_window(asked, panel, _summary(panel, panel.content_hash))[0].series


def previewed(  # noqa: PLR0913 - what would be hidden, and where it is shown
    panel: Panel,
    layers: UInt8[np.ndarray, "row channel"],
    recipe: MaskRecipe,
    channels: tuple[int, ...],
    *,
    key: str,
    document: str,
) -> dict[str, Any]:
    """Return what other layers would hide of the window on screen, for the event of a preview."""
    summary = _summary(panel, panel.content_hash)
    window, _ = read_window(st.session_state.get(f"{_VIEW}.{key}"), panel, summary)
    return {
        "document": document,
        "look": shaded(recipe),
        **Drawing.of(summary, window, channels).cover(Origins(layers)),
    }


@cache
def assets() -> dict[str, str]:
    """Return the canvas's HTML, CSS and script, with a version that names them."""
    folder = files("masklab.ui.painter")
    script = [folder.joinpath("js", f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    html, css = (folder.joinpath(f"painter.{kind}").read_text("utf-8") for kind in ("html", "css"))
    found = {"html": html, "css": css, "script": "\n".join((in_order.script(), *script))}
    version = hashlib.sha256("\0".join(found.values()).encode()).hexdigest()[:16]
    return {"version": version, **found}


@cache
def _component() -> Any:
    boot = files("masklab.ui.painter").joinpath("js", "boot.js").read_text("utf-8")
    return st.components.v2.component("masklab_painter", js=boot)


def _not_sent(key: str, drawing: Drawing) -> dict[str, Any]:
    """Return what a canvas needs and was not sent: its script, and the lines of what it shows.

    Streamlit would send the script with every stroke, and the lines are most of a picture. A canvas
    that lacks what another message brought says so with a new `need`.
    """
    sent, need = st.session_state.get(f"{_SENT}.{key}", {}), _state(key).get("need")
    if sent.get("need") != need:
        sent = {}
    found: dict[str, Any] = {"version": assets()["version"]}
    if sent.get("version") != found["version"]:
        found["assets"] = assets()
    if sent.get("lines") != drawing.name:
        found["lines"] = drawing.lines()
    return found


def _note_sent(key: str, drawing: Drawing) -> None:
    st.session_state[f"{_SENT}.{key}"] = {
        "need": _state(key).get("need"),
        "version": assets()["version"],
        "lines": drawing.name,
    }


def _state(key: str) -> dict[str, Any]:
    state = st.session_state.get(key)
    return dict(state) if state else {}


@st.cache_resource(show_spinner=False, max_entries=4)
def _summary(_panel: Panel, content: str) -> Summary:
    return Summary(_panel)


@st.cache_resource(show_spinner=False, max_entries=4)
def _hidden(_layers: UInt8[np.ndarray, "row channel"], revision: str) -> Origins:
    return Origins(_layers)


def _sought(key: str, summary: Summary, hidden: Origins, shown: Shown) -> dict[str, Any] | None:
    """Return the run that the canvas asked for; a step to the next run is taken once."""
    wish = read_wish(_state(key).get("seek"), summary)
    if wish is None:
        return None
    known: dict[str, Any] | None = st.session_state.get(f"{_SOUGHT}.{key}")
    if known is None or known["id"] != wish.identity or wish.direction == 0:
        known = answer(wish, summary, hidden, strokes_of(shown.recipe))
    st.session_state[f"{_SOUGHT}.{key}"] = known
    return known


_revisions: dict[str, tuple[str, int]] = {}
_counter = itertools.count(1)
_revision_lock = threading.Lock()


def _revision(document: str, revision: str) -> int:
    """Return a number that rises whenever the mask of a document is another than before."""
    with _revision_lock:
        known, number = _revisions.get(document, ("", 0))
        if known != revision:
            number = next(_counter)
            _revisions[document] = (revision, number)
        return number
