"""What is always in view: the data in use, the mask's share, runs going on."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.runs.executing import ensure_training
from masklab.runs.monitor import progress
from masklab.runs.rows import RunRow
from masklab.ui import guard, state, visitor
from masklab.ui.door.login import LOGOUT
from masklab.ui.panels import open_panel
from masklab.ui.present import going, present, unseen
from masklab.ui.project import Project
from masklab.ui.run_actions import STOP_HELP
from masklab.ui.run_words import counts_words, time_left
from masklab.words import counted, plain

REFRESH = 3.0


def sidebar() -> None:
    """Draw the sidebar under the navigation."""
    with st.sidebar, st.container(gap="medium"):
        _guarded(_data)
        _guarded(_mask)
        _guarded(_runs)
        _guarded(_projects)
        _guarded(_settings)
        _guarded(_visitor)


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
    known = state.store().experiments()
    is_open, waits = any(row.is_open for row in known), any(row.paused for row in known)
    every = REFRESH if is_open or waits else None
    st.fragment(guard.in_fragment(_runs_now), run_every=every)(is_open)


def _runs_now(was_open: bool) -> None:
    """Show what is open, over all experiments of the store: they share this machine's cores."""
    runs = present()
    training = going(runs)
    if was_open != bool(training):
        st.rerun()
    if training:
        ensure_training(state.store())  # it may have died meanwhile, with the machine say
    news = _news(runs, training)
    with st.container(gap="xsmall"):
        if training:
            now = progress(training)
            st.caption("Training")
            st.progress(min(now.share, 1.0), text=counts_words(progress(news)))
            st.caption(f"{100 * now.share:.0f} % done, {time_left(now)}")
        elif words := counts_words(progress(news)):
            st.caption("Training")
            st.markdown(f"{words[0].upper()}{words[1:]}")
        with st.container(horizontal=True, gap="xsmall"):
            if st.button(
                "Runs",
                icon=":material/list_alt:",
                key="sidebar.runs",
                help="What trains, waits or failed.",
            ):
                open_panel("runs")
                st.rerun()
            if training and st.button(
                "Stop",
                icon=":material/stop_circle:",
                key="sidebar.stop",
                help=f"Stop all runs. {STOP_HELP}",
            ):
                state.store().stop_all()
                st.rerun()


def _news(runs: list[RunRow], training: list[RunRow]) -> list[RunRow]:
    """Return the runs that are counted: those going on, paused ones, failures not yet looked at."""
    counted = {run.id for run in (*training, *unseen(runs))}
    return [run for run in runs if run.id in counted or run.status == "paused"]


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


def _settings() -> None:
    if st.button("Settings", icon=":material/settings:", type="tertiary", key="sidebar.settings"):
        open_panel("settings")


def _title(identity: str) -> str:
    try:
        name = Project.model_validate_json(state.store().load_project(identity)[0]).name
    except ValueError:
        name = "another version's project"
    return f"{plain(name) or 'Without data'} · {plain(identity[:4])}"


def _visitor() -> None:
    if not visitor.is_confined():
        return
    name = visitor.name()
    with st.container(gap=None):
        st.caption(f"Logged in as {plain(name)}" if name else "Logged in")
        st.html(
            f'<form method="post" action="{LOGOUT}"><button class="masklab-log-out" type="submit">Log out</button></form>'
        )


def _guarded(draw: Callable[[], None]) -> None:
    try:
        draw()
    except MaskLabError as error:
        st.caption(f":red[{plain(str(error))}]")
