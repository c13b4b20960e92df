"""What stands under the mask's picture: tabs, of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from masklab.ui import state
from masklab.ui.mask_numbers import numbers
from masklab.ui.mask_page import Scene
from masklab.ui.mask_table import intervals_table
from masklab.ui.seen_panel import seen_panel

_KEY = "under"
"""The open tab's place in the address too: a copied link opens the same one."""


def under_the_picture(now: Scene) -> None:
    """Draw the tabs. A new one is a line of `_TABS` and a function that takes the scene."""
    tabs = st.tabs(list(_TABS), key=_KEY, bind="query-params")
    for tab, draw in zip(tabs, _TABS.values(), strict=True):
        if tab.open:
            with tab:
                draw(now)


def _numbers(now: Scene) -> None:
    numbers(now.panel, now.mask, now.parts, now.revision)


def _intervals(now: Scene) -> None:
    intervals_table(now.panel, state.recipe())


_TABS: dict[str, Callable[[Scene], None]] = {
    "Numbers": _numbers,
    "What the LSTM will see": seen_panel,
    "Painted intervals": _intervals,
}
