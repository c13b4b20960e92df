"""Errors at the edge of the app: what a callback or a fragment could not do is said on the page.

`app.py` shows an error of the page itself; callbacks run before the page and fragments without it,
so theirs would be a traceback, and the change would be gone.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from typing import ParamSpec

import streamlit as st

from masklab.errors import MaskLabError, StoreError
from masklab.ui import state
from masklab.ui.project import Project
from masklab.words import counted, plain

P = ParamSpec("P")
Step = Callable[[Project], Project]

_SAID = "masklab.problems"
_KEPT = "masklab.unsaved"
_ICON = ":material/error:"


@dataclass(frozen=True)
class Unsaved:
    """Changes of a project that the store did not take, in their order, and why."""

    project: str
    steps: tuple[Step, ...]
    problem: str


def save(step: Step) -> None:
    """Save a change of the project from a callback.

    If the store can't be written, the change is kept in this tab, said by `problems`, and saved
    with the next one.
    """
    with told():
        identity = state.work_id()
        kept = _kept(identity)
        steps = (*(kept.steps if kept else ()), step)
        try:
            state.change(lambda project: _after(project, steps))
        except StoreError as error:
            st.session_state[_KEPT] = Unsaved(identity, steps, str(error))
        else:
            st.session_state.pop(_KEPT, None)


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Let `problems` say what goes wrong in a callback."""
    try:
        yield
    except MaskLabError as error:
        st.session_state[_SAID] = [*st.session_state.get(_SAID, ()), str(error)]


def problems() -> None:
    """Say, at the top of the page, what callbacks could not do; offer to save what was not saved."""
    for one in dict.fromkeys(st.session_state.pop(_SAID, ())):
        st.error(plain(one), icon=_ICON)
    kept: Unsaved | None = st.session_state.get(_KEPT)
    if kept is None:
        return
    count = counted(len(kept.steps), "change")
    st.error(f"{plain(kept.problem)} {count} not saved yet, but kept in this tab.", icon=_ICON)
    if st.session_state.get(state.SHOWN) == kept.project:
        st.button("Save again", key="guard.again", on_click=save, args=(_same,))


def in_fragment(draw: Callable[P, None]) -> Callable[P, None]:
    """Return a fragment's function that says its errors, and brings those of callbacks to the page."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> None:
        if st.session_state.get(_SAID):
            st.rerun()
        try:
            draw(*args, **kwargs)
        except MaskLabError as error:
            st.error(plain(str(error)), icon=_ICON)

    return drawn


def _kept(identity: str) -> Unsaved | None:
    kept: Unsaved | None = st.session_state.get(_KEPT)
    return kept if kept is not None and kept.project == identity else None


def _after(project: Project, steps: tuple[Step, ...]) -> Project:
    for step in steps:
        with told():  # one that can't be done must not stand in the way of the others
            project = step(project)
    return project


def _same(project: Project) -> Project:
    return project
