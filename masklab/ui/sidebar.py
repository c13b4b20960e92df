"""What is always in view: the data in use, the mask's share, runs going on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.runs.executing import ensure_training
from masklab.runs.monitor import progress
from masklab.ui import guard, state
from masklab.ui.markdown import plain
from masklab.ui.monitor import progress_words
from masklab.ui.project import Project
from masklab.ui.words import counted

REFRESH = 3.0


def sidebar() -> None:
    """Draw the sidebar under the navigation."""
    with st.sidebar, st.container(gap="medium"):
        _guarded(_data)
        _guarded(_mask)
        _guarded(_runs)
        _guarded(_projects)


def _data() -> None:
    present = state.project()
    panel = state.panel()
    with st.container(gap=None):
        st.caption("Data")
        if panel is None:
            st.markdown("None yet")
            return
        st.markdown(f"**{plain(present.name) or 'Data'}**")
        st.caption(_size(panel))


def _size(panel: Panel) -> str:
    said = [f"{len(panel)} series"] if len(panel) > 1 else []
    return ", ".join([*said, f"{panel.rows:,} rows", counted(len(panel.channels), "channel")])


def _mask() -> None:
    panel = state.panel()
    if panel is None:
        return
    layers = sum(layer.enabled for layer in state.recipe().layers)
    cells = panel.native.size
    hidden = int(panel.native.sum()) - int(state.mask().observed.sum())
    with st.container(gap=None):
        st.caption("Mask")
        st.markdown(f"**{100 * hidden / cells:.1f} %** hidden")
        st.caption(f"{hidden:,} of {cells:,} cells by {counted(layers, 'layer')}")


def _runs() -> None:
    is_open = progress(state.store().runs()).is_open
    st.fragment(guard.in_fragment(_runs_now), run_every=REFRESH if is_open else None)(is_open)


def _runs_now(was_open: bool) -> None:
    """Show what is open, over all experiments of the store: they share this machine's cores."""
    runs = state.store().runs()
    going = {run.experiment_id for run in runs if run.is_open}
    if was_open and not going:
        st.rerun()
    if not going:
        return
    ensure_training(state.store())  # it may have died meanwhile, with the machine say
    now = progress([run for run in runs if run.experiment_id in going])
    st.caption("Training")
    st.progress(min(now.share, 1.0), text=progress_words(now))
    if st.button("Stop", icon=":material/stop_circle:", key="sidebar.stop", help="Stop all runs."):
        state.store().stop_all()
        st.rerun()


def _projects() -> None:
    with st.popover("Projects", icon=":material/folder_open:", type="tertiary"):
        if st.button("New project", icon=":material/add:", key="sidebar.new"):
            state.start_new()
            st.switch_page("pages/data.py")
        here = state.work_id()
        for row in state.store().projects()[:8]:
            if row.id != here and st.button(
                _title(row.id), key=f"sidebar.open.{row.id}", type="tertiary"
            ):
                state.open_project(row.id)
                st.rerun()


def _title(identity: str) -> str:
    try:
        name = Project.model_validate_json(state.store().load_project(identity)[0]).name
    except ValueError:
        name = "another version's project"
    return f"{plain(name) or 'Without data'} · {plain(identity[:4])}"


def _guarded(draw: Callable[[], None]) -> None:
    try:
        draw()
    except MaskLabError as error:
        st.caption(f":red[{plain(str(error))}]")
