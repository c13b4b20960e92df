"""A part of the Compare page that is still to be written."""

from __future__ import annotations

import streamlit as st

from masklab.ui.compare.context import Context


def show(context: Context) -> None:
    """Draw the part."""
    st.caption(f"Still to be written, for {len(context.runs)} runs.")
