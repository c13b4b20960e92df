"""The Mask page's picture: the recipe in use drawn by the painter, and what is painted carried out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Int8, UInt8

from masklab.data.series import Panel
from masklab.errors import ExperimentError, MaskError
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.origin import hidden_by
from masklab.masks.recipe_file import fits, fitted
from masklab.split import TRAINING
from masklab.ui import guard, state
from masklab.ui.mask_origin import layers_of
from masklab.ui.painter import Operation, Shown, painter, previewed, receive, shown_series
from masklab.ui.painter.edits import carried_out
from masklab.ui.painter.operations import served_after, unserved
from masklab.ui.project import Project

CHANNELS_SHOWN = 10
"""Channels on screen at first; others can be chosen."""
_KEY = "masklab.painter"
_DRAWN = "masklab.mask.drawn"

NOTHING_PAINTED = (
    "Nothing is painted there. What other layers hide is changed in the list of layers."
)


@dataclass(frozen=True, eq=False)
class Scene:
    """The mask on screen with its parts, the recipe behind it, and the layer that hides each cell.

    `problems` say what of the recipe or split was left out.
    """

    panel: Panel
    parts: Int8[np.ndarray, "row"]
    recipe: MaskRecipe
    layers: UInt8[np.ndarray, "row channel"]
    revision: str
    problems: tuple[str, ...]

    @cached_property
    def mask(self) -> Mask:
        """The mask of the recipe."""
        return Mask(self.panel.native & (self.layers == 0), self.panel.channels)

    @property
    def masked_share(self) -> float:
        """Share of cells that are not observed, 0 to 1; those that the file lacks are among them."""
        seen = np.count_nonzero(self.panel.native) - np.count_nonzero(self.layers)
        return float(1 - seen / self.layers.size)


def scene(panel: Panel) -> Scene:
    """Return the mask of the recipe in use, without the layers that don't fit the data."""
    problems: list[str] = []
    try:
        parts = state.parts()
    except ExperimentError as error:
        problems.append(f"{error} Until then, all rows count as training.")
        parts = np.full(panel.rows, TRAINING, dtype=np.int8)
    project = state.project()
    recipe = project.recipe
    split = f"{project.split.model_dump_json()}:{bool(problems)}"
    try:
        layers = layers_of(panel, parts, split, recipe)
    except MaskError as error:
        problems += fits(recipe, panel) or [str(error)]
        recipe = fitted(recipe, panel)
        layers = layers_of(panel, parts, split, recipe)
    return Scene(panel, parts, recipe, layers, revision(project), tuple(dict.fromkeys(problems)))


def revision(project: Project) -> str:
    """Return a short name of recipe and split: another mask, another name."""
    text = project.recipe.model_dump_json() + project.split.model_dump_json()
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def shown_channels(panel: Panel) -> tuple[int, ...]:
    """Return the columns to draw; where there are many channels, let the reader choose."""
    if len(panel.channels) <= CHANNELS_SHOWN:
        return tuple(range(len(panel.channels)))
    chosen = st.multiselect(
        "Channels on screen",
        panel.channels,
        default=panel.channels[:CHANNELS_SHOWN],
        max_selections=24,
        key=_channels_key(panel),
        help="The brush on all channels paints every channel, those not on screen too.",
    )
    return tuple(panel.channel_index(name) for name in chosen) or (0,)


def picture(panel: Panel, channels: tuple[int, ...]) -> None:
    """Draw the painter in a fragment: a stroke redraws the picture, a pause then the whole page.

    Call `page_is_drawn` at the end of the page.
    """
    st.fragment(guard.in_fragment(_picture))(panel, channels)


def preview(
    panel: Panel, parts: Int8[np.ndarray, "row"], recipe: MaskRecipe
) -> dict[str, Any] | None:
    """Return what another recipe would show in the painter's window; None if it can't be applied."""
    try:
        layers = hidden_by(recipe, panel, parts)
    except MaskError:
        return None
    document = state.work_id()
    return previewed(
        panel,
        layers,
        recipe,
        _channels_on_screen(panel),
        key=f"{_KEY}.{document}",
        document=document,
    )


def series_on_screen(panel: Panel) -> int:
    """Return the number of the series that the painter shows."""
    return shown_series(panel, key=f"{_KEY}.{state.work_id()}")


def _channels_on_screen(panel: Panel) -> tuple[int, ...]:
    chosen = st.session_state.get(_channels_key(panel))
    if chosen is None:
        return tuple(range(min(len(panel.channels), CHANNELS_SHOWN)))
    return tuple(panel.channel_index(name) for name in chosen) or (0,)


def _channels_key(panel: Panel) -> str:
    return f"{_KEY}.channels.{panel.content_hash[:12]}"


def take(recipe: MaskRecipe | None) -> None:
    """Put an edited recipe in use and run the page again; do nothing if there is none."""
    if recipe is not None:
        guard.save(lambda project: project.with_recipe(recipe))
        st.rerun()


def page_is_drawn(revision: str) -> None:
    """Remember which mask the whole page shows."""
    st.session_state[_DRAWN] = revision


class PaintedProject:
    """The project on screen, as what is painted on; `panel` is its data."""

    def __init__(self, panel: Panel) -> None:
        self._panel = panel

    def served(self) -> Mapping[str, int]:
        """Return the last operation of each canvas that is in the project."""
        return state.project().painted

    def serve(self, operations: Sequence[Operation]) -> str:
        """Carry out what was painted and note it, as one save; say what was not done."""
        notices: list[str] = []

        def step(project: Project) -> Project:
            notices.clear()
            painted = served_after(operations, project.painted)
            for one in unserved(operations, project.painted):
                project = _after(project, one, self._panel, notices)
            return project.model_copy(update={"painted": painted})

        state.change(step)
        return notices[-1] if notices else ""


def _after(project: Project, operation: Operation, panel: Panel, notices: list[str]) -> Project:
    if operation.action in ("undo", "redo"):
        return project.moved(-1 if operation.action == "undo" else 1)
    try:
        recipe = carried_out(project.recipe, operation, panel)
    except MaskError as error:
        notices.append(str(error))
        return project
    if operation.stroke is not None and operation.stroke.erase and recipe == project.recipe:
        notices.append(NOTHING_PAINTED)
    return project.with_recipe(recipe)


def _picture(panel: Panel, channels: tuple[int, ...]) -> None:
    document = state.work_id()
    key = f"{_KEY}.{document}"
    work = PaintedProject(panel)
    receive(key, panel, work)
    now = scene(panel)
    project = state.project()
    drawn = st.session_state.get(_DRAWN)
    shown = Shown(
        revision=now.revision,
        recipe=now.recipe,
        channels=channels,
        share=f"{100 * now.masked_share:.1f} % of cells masked",
        undo=project.can_undo,
        redo=project.can_redo,
        behind=drawn is not None and drawn != now.revision,
    )
    paused = painter(panel, now.layers, now.parts, shown, key=key, document=document, work=work)
    if paused:
        st.session_state[_DRAWN] = now.revision
        st.rerun()
