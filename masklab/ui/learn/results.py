"""A lesson's result: the kept one at once where there is one, else computed here and kept in memory."""

from __future__ import annotations

import threading
from functools import cache

import streamlit as st

from masklab.lessons.lesson import Lesson, lessons
from masklab.lessons.result import Result
from masklab.lessons.saving import lesson_kind, saved


def result_of(lesson: Lesson) -> Result:
    """Return what comes of a lesson; says that it computes where that takes a while."""
    kept = saved(lesson)
    if kept is not None:
        warm_up()
        return kept
    with st.spinner("Training small networks, one to three seconds…", show_time=True):
        return _computed(lesson_kind(lesson), lesson.model_dump_json())


@st.cache_resource(max_entries=200, show_spinner=False)
def _computed(kind: str, fields: str) -> Result:
    import torch  # noqa: PLC0415 - the app imports it here and nowhere else

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return lessons()[kind].model_validate_json(fields).run()
    finally:
        torch.set_num_threads(before)


@cache
def warm_up() -> None:
    """Import torch beside the page, once: the first control that is moved then finds it there."""
    threading.Thread(target=__import__, args=("torch",), daemon=True, name="torch").start()
