"""The one place for masks to files and back, beside the picture."""

from __future__ import annotations

import streamlit as st

from masklab.ui.mask_export import export
from masklab.ui.mask_import import importing, tell_imported
from masklab.ui.mask_page import Scene

_KEY = "exchange"


def exchange(now: Scene) -> None:
    """Draw export and import; only the open one is computed."""
    tell_imported(now)
    box = st.expander("Export or import", key=_KEY, on_change="rerun")
    if not box.open:
        return
    with box:
        tabs = st.tabs(["Export", "Import"], key=f"{_KEY}.tabs", on_change="rerun")
        for tab, draw in zip(tabs, (export, importing), strict=True):
            if tab.open:
                with tab:
                    draw(now)
