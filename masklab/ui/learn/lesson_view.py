"""One lesson: goal, prediction, pictures with their controls, what happens and why, quiz."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from masklab.charts.lesson_picture import lesson_picture
from masklab.export.lesson_notebook import lesson_notebook
from masklab.lessons.lesson import Lesson, lessons
from masklab.lessons.result import Code, Picture, Result, Table
from masklab.lessons.saving import lesson_kind
from masklab.ui.forms import drawable, field_input
from masklab.ui.learn import address
from masklab.ui.learn.question import ask
from masklab.ui.learn.results import result_of
from masklab.ui.theme import ink


def show_lesson(lesson: Lesson) -> None:
    """Draw a lesson as the address has it."""
    hidden, kind = address.hidden(), lesson_kind(lesson)
    _heading(lesson)
    if "goal" not in hidden:
        st.markdown(f"Goal: {lesson.goal}")
    asks = "prediction" not in hidden
    if asks:
        with st.container(border=True):
            st.caption("First, what do you expect?")
            seen = ask(lesson.prediction, "answer", f"learn.{kind}.answer", may_pass=True)
        if not seen:
            return
    result = result_of(lesson)
    if "controls" in hidden:
        _pictures(result)
    else:
        controls, pictures = st.columns([0.24, 0.76], gap="large")
        with controls:
            _controls(lesson)
        with pictures:
            _pictures(result)
    _words(lesson, hidden)
    if "source" not in hidden:
        st.download_button(
            "This lesson as a notebook", partial(_notebook, lesson, result),
            f"masklab-{kind}.ipynb", "application/x-ipynb+json", on_click="ignore",
            icon=":material/download:", key="learn.notebook",
            help="Its words, the code that runs it again, and this result's numbers as CSV.",
        )  # fmt: skip
    if "quiz" not in hidden:
        with st.container(border=True):
            st.caption("To check")
            ask(lesson.quiz, "quiz", f"learn.{kind}.quiz", may_pass=False)
    _neighbours(lesson, hidden)


def _notebook(lesson: Lesson, result: Result) -> bytes:
    return lesson_notebook(lesson, result).encode()


def _heading(lesson: Lesson) -> None:
    st.header(f"{lesson.number}. {lesson.title}", anchor=False)


def _controls(lesson: Lesson) -> None:
    fields = {
        name: field
        for name, field in type(lesson).model_fields.items()
        if name != "kind" and drawable(field)
    }
    keep: Callable[[str, object], None] = partial(address.set_control, lesson)
    values, key = lesson.model_dump(), f"learn.{lesson_kind(lesson)}"
    for name in sorted(fields, key="seed".__eq__):  # the seed last: the others say more
        field_input(name, fields[name], values[name], key=f"{key}.{name}", keep=keep)
    st.button("Reset", icon=":material/restart_alt:", on_click=address.reset, key="learn.reset")


def _pictures(result: Result) -> None:
    st.markdown(result.says)
    for place, picture in enumerate(result.pictures):
        _picture(picture, place)


def _picture(picture: Picture, place: int) -> None:
    st.markdown(f"**{picture.title}**")
    if isinstance(picture, Code):
        st.code(picture.text, language="python")
    elif isinstance(picture, Table):
        frame = pd.DataFrame(list(picture.rows), columns=list(picture.columns))
        st.dataframe(frame, hide_index=True)
    else:
        st.plotly_chart(
            lesson_picture(picture, ink(), large=address.is_presented()), key=f"learn.picture.{place}", alt=picture.title,
            config={"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]},
        )  # fmt: skip


def _words(lesson: Lesson, hidden: frozenset[str]) -> None:
    if "why" not in hidden:
        happens, why = st.columns(2, gap="large")
        with happens:
            st.subheader("What happens", anchor=False)
            st.markdown(lesson.happens)
        with why:
            st.subheader("Why", anchor=False)
            st.markdown(lesson.why)
    if "source" not in hidden:
        st.caption(f"Source: [{lesson.source}]({lesson.link})")


def _neighbours(lesson: Lesson, hidden: frozenset[str]) -> None:
    if "list" in hidden:
        return
    kinds = list(lessons())
    at = kinds.index(lesson_kind(lesson))
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        if at > 0:
            _go("Back: " + lessons()[kinds[at - 1]].title, kinds[at - 1], "learn.back", "P")
        if at + 1 < len(kinds):
            _go("Next: " + lessons()[kinds[at + 1]].title, kinds[at + 1], "learn.next", "N")


def _go(label: str, kind: str, key: str, presenters: str) -> None:
    """Draw a button to another lesson; a key presses it too while the page is presented."""
    st.button(
        label, key=key, on_click=partial(address.go_to, kind),
        shortcut=presenters if address.is_presented() else None,
    )  # fmt: skip
