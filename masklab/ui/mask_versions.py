"""The Versions control: keep the mask under a name, restore, compare, rename and delete versions."""

from __future__ import annotations

import time
from datetime import datetime

import streamlit as st

from masklab.data.series import Panel
from masklab.ui import guard, state
from masklab.ui.mask_difference import compare
from masklab.ui.mask_history import history
from masklab.ui.project import Project, Version
from masklab.ui.versions import (
    NAME_MOST,
    brought_back,
    kept,
    next_name,
    removed,
    renamed,
    restored,
)
from masklab.words import counted, plain

_KEY = "masklab.versions"
_RENAMING = f"{_KEY}.renaming"
_ACTS = ("Compare with now", "Restore", "Rename", "Delete")


def versions_control(panel: Panel) -> None:
    """Draw the versions behind one control; what it does is saved in callbacks."""
    project = state.project()
    with st.expander("Versions"):
        _keep_form(project)
        for version in reversed(project.versions):
            _row(project, version, panel)
        if project.removed:
            name = project.removed[-1].name
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"Deleted “{plain(name)}”.")
                st.button("Bring it back", key=f"{_KEY}.back", type="tertiary", on_click=_back)
        with st.container(horizontal=True, gap="small"):
            if len(project.history) > 1 and st.button(
                "History", key=f"{_KEY}.history", icon=":material/history:"
            ):
                history()
            if project.can_undo and st.button("What did the last step do?", key=f"{_KEY}.last"):
                compare(panel, None)


def _keep_form(project: Project) -> None:
    suggested = next_name(project)
    with st.form(f"{_KEY}.form", border=False, clear_on_submit=True):
        st.text_input(
            "Name", placeholder=suggested, max_chars=NAME_MOST, key=f"{_KEY}.name",
            help="Keeps layers and split as they are now, to come back to or to compare with.",
        )  # fmt: skip
        st.form_submit_button(
            "Keep this version", on_click=_keep, args=(suggested,), width="stretch"
        )


def _row(project: Project, version: Version, panel: Panel) -> None:
    if st.session_state.get(_RENAMING) == version.name:
        key = f"{_KEY}.new"
        st.session_state[key] = version.name
        st.text_input(
            f"New name of {version.name}", key=key, max_chars=NAME_MOST,
            on_change=_rename, args=(version.name, key),
        )  # fmt: skip
        return
    in_use = (version.recipe, version.split) == (project.recipe, project.split)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", wrap=False
    ):
        st.markdown(
            f"**{plain(version.name)}**  \n:small[{_about(version)}{', in use now' if in_use else ''}]",
            width="content",
        )
        key = f"{_KEY}.act.{version.name}"
        chosen = st.menu_button("More", list(_ACTS), key=key, type="tertiary",
            on_click=_act, args=(version.name, key), help=f"Compare, restore, rename or delete {version.name}",
        )  # fmt: skip
    if chosen == _ACTS[0]:
        compare(panel, version.name)


def _about(version: Version) -> str:
    when = datetime.fromtimestamp(version.saved).astimezone()
    return f"{counted(len(version.recipe.layers), 'layer')}, {when:%d %b %Y, %H:%M}"


def _keep(suggested: str) -> None:
    name = st.session_state[f"{_KEY}.name"].strip() or suggested
    guard.save(lambda project: kept(project, name, time.time()))


def _act(name: str, key: str) -> None:
    match st.session_state[key]:
        case "Restore":
            guard.save(lambda project: restored(project, name))
        case "Rename":
            st.session_state[_RENAMING] = name
        case "Delete":
            guard.save(lambda project: removed(project, name))


def _rename(name: str, key: str) -> None:
    new = st.session_state[key]
    st.session_state.pop(_RENAMING, None)
    guard.save(lambda project: renamed(project, name, new))


def _back() -> None:
    guard.save(brought_back)
