"""The list of layers: rows that are dragged, renamed in place, switched, locked, copied, deleted.

What a person does there is carried out once, in one save with the note that it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from masklab.charts.palette import LAYERS
from masklab.errors import MaskError, MaskLabError
from masklab.ui import in_order, state
from masklab.ui.layer_list.wishes import Wish, carried_out, read_wishes
from masklab.ui.layer_names import Named, named
from masklab.ui.painter.operations import clients, served_after, unserved
from masklab.ui.project import Project

__all__ = ["Row", "layer_list", "layer_names", "receive"]

_NAMES = "masklab.layers.names"
_NEWS = "masklab.layers.news"


@dataclass(frozen=True)
class Row:
    """One layer as its row shows it.

    `summary` is what it is called without a name, `swatch` its colour as #RRGGBB, `told` what it
    does, `aim` where if not everywhere; `problem` is True if it is left out.
    """

    layer: int
    label: str
    name: str
    summary: str
    enabled: bool
    locked: bool
    colour: str | None
    swatch: str
    opacity: float
    told: str
    aim: str
    about: str
    problem: bool


def layer_list(
    rows: Sequence[Row], chosen: int | None, *, key: str, choose: Callable[[int | None], None]
) -> None:
    """Draw the list. `choose` takes the number of the layer whose settings are asked for, or None.

    Call `receive` with the same key before the recipe is looked at.
    """
    project = state.project()
    served = project.painted
    ops = _state(key).get("ops")
    notice, refused = st.session_state.pop(f"{_NEWS}.{key}", ("", False))
    _component()(
        key=key,
        data=in_order.numbered(
            key,
            {
                "document": state.work_id(),
                "rows": [asdict(one) for one in rows],
                "chosen": chosen,
                "palette": LAYERS,
                "undo": project.can_undo,
                "redo": project.can_redo,
                "acknowledged": {client: served.get(client, 0) for client in clients(ops)},
                "notice": notice,
                "refused": refused,
            },
        ),
        on_ops_change=lambda: receive(key),
        on_chosen_change=lambda: choose(_chosen(key)),
    )


def _chosen(key: str) -> int | None:
    asked = _state(key).get("chosen")
    layer = asked.get("layer") if isinstance(asked, dict) else None
    return layer if type(layer) is int else None


def layer_names(layers: Sequence[Any]) -> Named:
    """Return the layers with the numbers by which this tab knows them."""
    document = state.work_id()
    known = st.session_state.get(_NAMES)
    known = known[1] if known is not None and known[0] == document else Named()
    names = named(known, layers)
    st.session_state[_NAMES] = (document, names)
    return names


def _take(names: Named) -> None:
    st.session_state[_NAMES] = (state.work_id(), names)


def receive(key: str) -> None:
    """Carry out what the list sent and was not carried out yet; keep why, where it was refused."""
    if not read_wishes(_state(key).get("ops"), state.project().painted):
        return
    kept: list[Named] = []
    problems: list[str] = []

    def step(project: Project) -> Project:
        problems.clear()
        wishes = read_wishes(_state(key).get("ops"), project.painted)
        names = layer_names(project.recipe.layers)
        painted = served_after(wishes, project.painted)
        for wish in unserved(wishes, project.painted):
            project, names = _tried(wish, project, names, problems)
        kept[:] = [names]
        return project.model_copy(update={"painted": painted})

    try:
        state.change(step)
    except MaskLabError as error:  # the list keeps what it sent, and sends it again
        st.session_state[f"{_NEWS}.{key}"] = (str(error), True)
        return
    _take(kept[0])
    if problems:
        st.session_state[f"{_NEWS}.{key}"] = (problems[-1], True)


def _tried(
    wish: Wish, project: Project, names: Named, problems: list[str]
) -> tuple[Project, Named]:
    try:
        return carried_out(wish, project, names)
    except MaskError as error:
        problems.append(str(error))
        return project, names


def _state(key: str) -> dict[str, Any]:
    found = st.session_state.get(key)
    return dict(found) if found else {}


def assets() -> tuple[str, str, str]:
    """Return the list's HTML, CSS and script; the way to Python is the painter's."""
    folder = files("masklab.ui.layer_list")
    link = files("masklab.ui.painter").joinpath("js", "link.js").read_text("utf-8")
    parts = [
        folder.joinpath("js", f"{name}.js").read_text("utf-8")
        for name in ("rows", "drag", "menus", "keys", "list")
    ]
    html, css = (folder.joinpath(f"list.{kind}").read_text("utf-8") for kind in ("html", "css"))
    return html, css, "\n".join([in_order.script(), link, *parts])


@cache
def _component() -> Any:
    html, css, script = assets()
    return st.components.v2.component("masklab_layers", html=html, css=css, js=script)
