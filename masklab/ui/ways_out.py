"""A warning with ways out: a sentence, and buttons that mend what it says or lead to where one can."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from masklab.ui import guard
from masklab.ui.project import Project
from masklab.words import plain


@dataclass(frozen=True)
class Way:
    """A way out: what its button says, and the change of the project, or the page it leads to."""

    label: str
    step: Callable[[Project], Project] | None = None
    page: str = ""


@dataclass(frozen=True)
class Warned:
    """What is wrong, with its numbers, and the ways out of it. `name` tells its buttons apart."""

    name: str
    sentence: str
    ways: tuple[Way, ...] = ()


def warnings(found: Sequence[Warned], key: str) -> None:
    """Draw warnings with their buttons; what a button does can be undone, or set otherwise, later."""
    for one in found:
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":orange[:material/warning:] {plain(one.sentence)}")
            if one.ways:
                with st.container(horizontal=True, gap="small"):
                    for number, way in enumerate(one.ways):
                        _button(way, f"{key}.{one.name}.{number}")


def _button(way: Way, key: str) -> None:
    if way.step is None:
        if st.button(plain(way.label), key=key, icon=":material/arrow_forward:"):
            st.switch_page(way.page)
        return
    st.button(
        plain(way.label), key=key, icon=":material/healing:", on_click=guard.save, args=(way.step,)
    )
