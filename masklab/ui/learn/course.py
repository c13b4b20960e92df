"""The Learn page: the course as a list, one lesson of it, or the inspector; presented or not."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from importlib.util import find_spec

import streamlit as st

from masklab.lessons.lesson import Lesson, lessons
from masklab.ui.copy_link import copy_link
from masklab.ui.learn import address
from masklab.ui.learn.lesson_view import show_lesson

INSPECTOR = "masklab.ui.inspector"
_PRESENTING = """<style>
[data-testid="stSidebar"], [data-testid="stHeader"], [data-testid="stToolbar"],
[data-testid="stExpandSidebarButton"] { display: none; }
.stMainBlockContainer { padding-top: 1.5rem; max-width: 84rem; font-size: 1.35rem; }
.stMainBlockContainer p, .stMainBlockContainer li, .stMainBlockContainer label p { font-size: 1.3rem; }
.stMainBlockContainer [data-testid="stCaptionContainer"] p { font-size: 1.1rem; }
</style>"""


def show_learn() -> None:
    """Draw what the address asks for."""
    presented, lesson = address.is_presented(), address.chosen()
    if presented:
        st.html(_PRESENTING)
    else:
        st.title("Learn", anchor=False)
    _bar(lesson, presented)
    if lesson is not None:
        show_lesson(lesson)
    elif st.query_params.get("view") == "inspector" and find_spec(INSPECTOR):
        import_module(INSPECTOR).show()  # it needs torch, the course doesn't
    else:
        _list()


def _bar(lesson: Lesson | None, presented: bool) -> None:
    if "list" in address.hidden() and presented:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if "list" not in address.hidden():
            there = lesson is None and st.query_params.get("view") != "inspector"
            st.button(
                "Lessons", icon=":material/list:", key="learn.list", disabled=there,
                on_click=partial(address.go_to, None),
            )  # fmt: skip
            if find_spec(INSPECTOR):
                st.button(
                    "Inspector", icon=":material/biotech:", key="learn.inspector",
                    on_click=_inspect, help="One window, one small LSTM, step by step.",
                )  # fmt: skip
        st.button(
            "End presenting" if presented else "Present",
            icon=":material/close_fullscreen:" if presented else ":material/present_to_all:",
            key="learn.present", on_click=partial(address.present, not presented),
            help="Large type, nothing around it. The address keeps it: copy it for your class.",
            shortcut="Escape" if presented else None,
        )  # fmt: skip
        if not presented:
            copy_link()


def _inspect() -> None:
    address.go_to(None)
    st.query_params["view"] = "inspector"


def _list() -> None:
    members = lessons()
    minutes = sum(member.minutes for member in members.values())
    st.markdown(
        f"{len(members)} short lessons on what masks do to an LSTM, about {minutes} minutes in all. "
        "Each asks first what you expect, then computes it before your eyes."
    )
    for kind, member in members.items():
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{member.number}. {member.title}**  \n{member.goal}", width="stretch")
            st.caption(f"{member.minutes} min", width="content")
            st.button(
                "Open", key=f"learn.open.{kind}", on_click=partial(address.go_to, kind),
                type="primary" if member.number == 1 else "secondary",
            )  # fmt: skip
