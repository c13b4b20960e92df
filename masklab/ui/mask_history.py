"""The history of the mask: every step in words, and the way back or forth to any of them."""

from __future__ import annotations

import streamlit as st

from masklab.masks.difference import layer_changes
from masklab.ui import guard, state
from masklab.ui.project import Project
from masklab.ui.versions import split_changes
from masklab.words import counted, plain

_KEY = "masklab.history"
_GONE = f"{_KEY}.gone"


@st.dialog("History", width="medium")
def history() -> None:
    """Show the steps, the newest first; the one in use is marked, and any can be gone to."""
    if st.session_state.pop(_GONE, False):
        st.rerun()  # the whole page, and without this dialog
    project = state.project()
    words = step_words(project)
    places = list(reversed(range(len(words))))
    back, forth = project.cursor, len(words) - 1 - project.cursor
    st.caption(
        f"{counted(back, 'step')} back, {counted(forth, 'step')} forth. Going to a step "
        "loses nothing: those after it stay until the next change."
    )
    key = f"{_KEY}.{len(words)}.{project.cursor}"
    with st.container(height=360):
        chosen = st.radio(
            "Step", places, index=places.index(project.cursor), key=key,
            label_visibility="collapsed",
            format_func=lambda place: _line(words[place], place, project.cursor),
        )  # fmt: skip
    steps = 0 if chosen is None else chosen - project.cursor
    st.button(
        "Go to this step", type="primary", disabled=not steps, key=f"{_KEY}.go",
        on_click=_go, args=(steps,),
    )  # fmt: skip


def _go(steps: int) -> None:
    guard.save(lambda present: present.moved(steps))
    st.session_state[_GONE] = True


def step_words(project: Project) -> tuple[str, ...]:
    """Return in words what each step of history did, the oldest first."""
    told = ["The oldest step that is kept" if len(project.history) > 1 else "As it began"]
    for place in range(1, len(project.history)):
        sentences = [
            *layer_changes(project.history[place - 1], project.history[place]),
            *split_changes(project.splits[place - 1], project.splits[place]),
        ]
        told.append(_summed(sentences))
    return tuple(told)


def _summed(sentences: list[str]) -> str:
    if not sentences:
        return "Nothing changed."
    more = f" And {len(sentences) - 1} more." if len(sentences) > 1 else ""
    return sentences[0] + more


def _line(words: str, place: int, cursor: int) -> str:
    line = f"{place + 1}. {plain(words)}"
    return f"**{line} (in use now)**" if place == cursor else line
