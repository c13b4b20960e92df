"""The Learn page's state in the address: lesson, controls, what is hidden, whether it is presented."""

from __future__ import annotations

from typing import Any

import streamlit as st
from pydantic import ValidationError

from masklab.lessons.lesson import Lesson, lessons

PARTS = {
    "list": "the list of lessons",
    "goal": "the goal",
    "prediction": "the question before",
    "controls": "the controls",
    "why": "what happens and why",
    "source": "the source",
    "quiz": "the quiz",
}
"""What `hide=` in the address may name, and what that is."""

_ANSWER, _QUIZ = "answer", "quiz"
_OWN = {"lesson", "view", _ANSWER, _QUIZ}


def chosen() -> Lesson | None:
    """Return the lesson of the address with its controls; None for none, or one that isn't known.

    A control that doesn't fit is left at its default, and said so.
    """
    kind = st.query_params.get("lesson")
    member = lessons().get(kind or "")
    if member is None:
        if kind:
            st.warning(f"There is no lesson of that name; choose one of the {len(lessons())}.")
        return None
    given: dict[str, Any] = {
        name: st.query_params[name]
        for name in member.model_fields
        if name != "kind" and name in st.query_params
    }
    while True:
        try:
            return member.model_validate(given)
        except ValidationError as error:
            wrong = {str(one["loc"][0]) for one in error.errors() if one["loc"]} & set(given)
            if not wrong:
                return member()
            named = ", ".join(sorted(wrong))
            st.warning(f"The address gives {named} a value that doesn't fit; the default stands.")
            given = {name: value for name, value in given.items() if name not in wrong}


def go_to(kind: str | None) -> None:
    """Open a lesson at its defaults, or the list; what is hidden and presented stays."""
    controls = {name for member in lessons().values() for name in member.model_fields}
    for name in _OWN | controls:
        st.query_params.pop(name, None)
    if kind:
        st.query_params["lesson"] = kind


def set_control(lesson: Lesson, name: str, value: Any) -> None:
    """Put a control's value into the address; the default leaves it out."""
    if value is None or value == type(lesson).model_fields[name].default:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = str(value)


def hidden() -> frozenset[str]:
    """Return the parts that the address hides."""
    return frozenset(st.query_params.get("hide", "").split(",")) & frozenset(PARTS)


def is_presented() -> bool:
    """Whether the page is shown to a class."""
    return st.query_params.get("present") == "1"


def present(on: bool) -> None:
    """Begin or end presenting."""
    if on:
        st.query_params["present"] = "1"
    else:
        st.query_params.pop("present", None)


def answered(which: str) -> int | None:
    """Return which choice was made ("answer": the prediction, "quiz"), from 0; -1 if it was passed."""
    text = st.query_params.get(which, "")
    return int(text) - 1 if text.isascii() and text.isdigit() else None


def answer(which: str, choice: int) -> None:
    """Keep a choice; -1 passes the question."""
    st.query_params[which] = str(choice + 1)


def reset() -> None:
    """Put the lesson back to its start."""
    go_to(st.query_params.get("lesson"))
