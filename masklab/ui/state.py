"""What the pages share: the store, the project in the address, its panel, parts and mask."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from jaxtyping import Int8
from pydantic import ValidationError
from streamlit.runtime.pages_manager import PagesManager

from masklab.data.options import ReadOptions
from masklab.data.samples import resolve_path
from masklab.data.series import Panel
from masklab.errors import StoreError
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.runs.settled import read_and_settle, remember
from masklab.runs.spec import DataSource
from masklab.runs.store import RevisionConflict, Store, UnknownProject
from masklab.split import Split
from masklab.ui import visitor
from masklab.ui.project import Project

__all__ = [
    "Project", "can_redo", "can_undo", "change", "mask", "open_project", "panel", "panel_of", "parts", "project",
    "recipe", "redo", "set_data", "set_recipe", "set_split", "start_new", "store", "undo", "update", "work_id",
]  # fmt: skip

SHOWN = "masklab.work"
"""Where the session keeps the id of the project on screen."""
_LOADED = "masklab.project"
_ENTERED = "masklab.entered"
_ATTEMPTS = 20
_WORK = re.compile(r"[A-Za-z0-9_-]{1,64}")


def store() -> Store:
    """Return the visitor's store: this app's, or behind a login the user's own."""
    return _store(str(visitor.workspace()))


@st.cache_resource(show_spinner=False, max_entries=64)
def _store(directory: str) -> Store:
    return Store.open(Path(directory))


def work_id() -> str:
    """Return the id of the project on screen and keep it in the address.

    The address comes first, then what this tab showed before (a change of page empties the
    address). A bare address opened on this machine itself goes on with the project changed last;
    from elsewhere, or with `?work=new`, a new one begins. What can't be an id is passed over.
    """
    _enter_by_the_door()
    asked = st.query_params.get("work")
    if asked is not None and not _WORK.fullmatch(asked):
        asked = None
    known = asked if asked and asked != "new" else st.session_state.get(SHOWN)
    if asked == "new":
        known = secrets.token_hex(6)
    identity = known or _latest() or secrets.token_hex(6)
    st.session_state[SHOWN] = identity
    if asked != identity:
        st.query_params["work"] = identity
    return str(identity)


def _enter_by_the_door() -> None:
    """Run app.py if Streamlit started a page without it.

    It does so while nobody has opened the bare address of a fresh server: a link to a page then
    takes the folder `pages` for Streamlit's older way of navigation, without `st.navigation`.
    """
    if PagesManager.uses_pages_directory and not st.session_state.get(_ENTERED):
        PagesManager.uses_pages_directory = False
        st.session_state[_ENTERED] = True
        st.rerun()


def start_new() -> None:
    """Begin a new, empty project; the present one stays in the store."""
    open_project(secrets.token_hex(6))


def open_project(identity: str) -> None:
    """Put another project of the store on screen."""
    st.session_state[SHOWN] = identity
    st.query_params["work"] = identity


def project() -> Project:
    """Return the project on screen as the store has it now; an empty one if it was never saved."""
    return _load(work_id())[0]


def change(step: Callable[[Project], Project]) -> Project:
    """Apply a step to the newest state of the project and save it.

    If another tab saves at the same moment, the step is applied again to what that tab left, so
    that neither loses what the other changed. Raises `StoreError` if the store can't be written.
    """
    identity = work_id()
    for _ in range(_ATTEMPTS):
        present, revision = _load(identity)
        changed = step(present)
        if changed == present:
            return present
        _check_data(changed)
        try:
            saved = store().save_project(identity, changed.model_dump_json(), revision)
        except RevisionConflict:
            continue
        st.session_state[_LOADED] = (identity, saved, changed)
        return changed
    raise StoreError("Another tab keeps changing this project. Close it, or wait, and try again.")


def update(**changes: Any) -> None:
    """Set fields of the project that have no history: `update(name=..., experiment_id=...)`."""
    change(lambda present: Project.model_validate({**dict(present), **changes}))


def recipe() -> MaskRecipe:
    """Return the mask recipe in use."""
    return project().recipe


def set_recipe(recipe: MaskRecipe) -> None:
    """Put a recipe in use, as a step that can be undone."""
    change(lambda present: present.with_recipe(recipe))


def set_split(split: Split) -> None:
    """Put a split in use, as a step that can be undone."""
    change(lambda present: present.with_split(split))


def undo() -> None:
    """Go back to the recipe before this one, if there is one."""
    change(lambda present: present.moved(-1))


def redo() -> None:
    """Take the last undo back, if there is one."""
    change(lambda present: present.moved(1))


def can_undo() -> bool:
    """Whether `undo` would change the recipe."""
    return project().can_undo


def can_redo() -> bool:
    """Whether `redo` would change the recipe."""
    return project().can_redo


def set_data(source: DataSource, name: str, panel: Panel | None = None) -> list[str]:
    """Take other data and keep what fits it of mask, split and settings.

    `panel`: the source as it was just read, so that it need not be read again. Returns a sentence
    for each thing that was left out. Raises `ReadError` and changes nothing if the data can't be
    read.
    """
    fresh = panel_of(source, panel)
    notes: list[str] = []

    def step(present: Project) -> Project:
        changed, notes[:] = present.with_data(source, name, fresh)
        return changed

    change(step)
    return notes


def panel() -> Panel | None:
    """Return the project's data, None if there is none yet; raise `DataError` if unreadable."""
    source = project().data
    return None if source is None else panel_of(source)


def panel_of(source: DataSource, read: Panel | None = None) -> Panel:
    """Return the panel of a data source, read once for each file content and way of reading.

    `read`: the source as it was just read.
    """
    visitor.check_path(source.path)
    path = resolve_path(source.path, Path.cwd())
    stamp = source.sha256 or _stamp(path)
    # A single series is named after its file, and a look at a file may have named it otherwise.
    same = read is not None and (len(read) > 1 or read.names[0] == path.name.split(".")[0])
    return _panel(str(path), stamp, source.reading.model_dump_json(), read if same else None)


def parts() -> Int8[np.ndarray, "row"]:
    """Return training, validation or test for each row; raise `ExperimentError` as `Split.parts`."""
    data = _needed()
    return _parts(data, data.content_hash, project().split.model_dump_json())


def mask() -> Mask:
    """Return the mask of the recipe in use; raise `MaskError` if a layer can't be applied."""
    data, present = _needed(), project()
    bare = present.recipe.bare().model_dump_json()
    return _mask(data, present.recipe, data.content_hash, present.split.model_dump_json(), bare)


@st.cache_resource(show_spinner="Reading the data", max_entries=8)
def _panel(path: str, stamp: str, reading: str, _read: Panel | None) -> Panel:
    options = ReadOptions.model_validate_json(reading)
    if _read is not None:
        remember(Path(path), stamp, options, options)  # a look fills every guess in
        return _read
    return read_and_settle(Path(path), stamp, options)


@st.cache_resource(show_spinner=False, max_entries=16)
def _parts(_panel: Panel, content: str, split: str) -> Int8[np.ndarray, "row"]:
    parts = Split.model_validate_json(split).parts(_panel)
    parts.flags.writeable = False
    return parts


@st.cache_resource(show_spinner=False, max_entries=16)
def _mask(_panel: Panel, _recipe: MaskRecipe, content: str, split: str, bare: str) -> Mask:
    return _recipe.apply(_panel, _parts(_panel, content, split))


def _needed() -> Panel:
    data = panel()
    if data is None:
        raise StoreError("This project has no data yet. Choose some on the Data page.")
    return data


def _stamp(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return "absent"  # reading it will say so in its own words
    return f"{status.st_size}-{status.st_mtime_ns}"


def _load(identity: str) -> tuple[Project, int]:
    """Return a project as saved and its revision; an empty one at revision 0 if it never was."""
    try:
        text, revision = store().load_project(identity)
    except UnknownProject:
        return Project(), 0
    loaded = st.session_state.get(_LOADED)
    if loaded is not None and loaded[:2] == (identity, revision):
        _check_data(loaded[2])
        return loaded[2], revision
    try:
        found = Project.model_validate_json(text)
    except ValidationError as error:
        raise StoreError(
            f"The project {identity!r} can't be read: another version of MaskLab saved it. "
            "Begin a new one with ?work=new in the address; the old one stays in the store."
        ) from error
    _check_data(found)
    st.session_state[_LOADED] = (identity, revision, found)
    return found, revision


def _check_data(project: Project) -> None:
    if project.data is not None:
        visitor.check_path(project.data.path)


def _latest() -> str | None:
    """Return the project saved last, for a visitor on this machine itself or in a workspace."""
    known = store().projects() if visitor.is_confined() or _is_local() else []
    return known[0].id if known else None


def _is_local() -> bool:
    return st.context.ip_address is None
