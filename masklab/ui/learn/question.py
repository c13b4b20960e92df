"""A question with choices, and after the choice why each is right or wrong."""

from __future__ import annotations

from functools import partial

import streamlit as st

from masklab.lessons.lesson import Question
from masklab.ui.learn import address

_UNCHOSEN = "Choose one"


def ask(question: Question, which: str, key: str, *, may_pass: bool) -> bool:
    """Draw a question; return whether it was answered, or passed where that may be."""
    choice = address.answered(which)
    st.markdown(f"**{question.text}**")
    if choice is not None and not 0 <= choice < len(question.choices):
        choice = -1
    shown = choice if choice is not None and choice >= 0 else None
    st.session_state[key] = shown
    st.radio(
        question.text, range(len(question.choices)), format_func=question.choices.__getitem__,
        index=None, key=key, label_visibility="collapsed", on_change=_chosen, args=(which, key),
    )  # fmt: skip
    if choice is None:
        if may_pass:
            st.button(
                "Show me", key=f"{key}.pass", on_click=partial(address.answer, which, -1),
                help="Shows what happens without a prediction.",
            )  # fmt: skip
        return False
    if choice >= 0:
        _explain(question, choice)
    return True


def _chosen(which: str, key: str) -> None:
    chosen = st.session_state[key]
    if chosen is not None:
        address.answer(which, int(chosen))


def _explain(question: Question, choice: int) -> None:
    right = choice == question.right
    said = "Right." if right else "Not so."
    text = f"**{said}** {question.why[choice]}"
    if not right:
        text += f"\n\n**{question.choices[question.right]}**: {question.why[question.right]}"
    (st.success if right else st.info)(
        text, icon=":material/check:" if right else ":material/lightbulb:"
    )
