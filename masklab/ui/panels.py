"""The drawers that open over any page: which one is open, in this tab and in its address."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from masklab.ui.guard import told
from masklab.ui.runs_panel import runs_panel
from masklab.ui.settings_panel import settings_panel

_OPEN = "masklab.panel"
_PARAMETER = "panel"
_WIDE, _NARROW = 960, 460
_PANELS: dict[str, tuple[str, int, Callable[[], None]]] = {
    "runs": ("Runs", _WIDE, runs_panel),
    "settings": ("Settings", _NARROW, settings_panel),
}


def open_panel(name: str) -> None:
    """Open a drawer, and close the one that is open."""
    st.session_state[_OPEN] = name
    st.query_params[_PARAMETER] = name


def panels() -> None:
    """Draw the drawer that is open: again with each run of the page, or it would close."""
    # A link or a reload names it in the address; a change of page empties the address.
    name = st.query_params.get(_PARAMETER) or st.session_state.get(_OPEN)
    if name not in _PANELS:
        return
    st.session_state[_OPEN] = name
    if st.query_params.get(_PARAMETER) != name:
        st.query_params[_PARAMETER] = name
    title, width, draw = _PANELS[name]
    st.dialog(title, width=width, position="right", on_dismiss=partial(_close, name))(draw)()


def _close(name: str) -> None:
    with told():
        if st.session_state.get(_OPEN) == name:
            del st.session_state[_OPEN]
        if st.query_params.get(_PARAMETER) == name:
            del st.query_params[_PARAMETER]
