"""What charts and styles must know of the theme on screen: whether it is light or dark."""

from __future__ import annotations

import streamlit as st

from masklab.charts.palette import INK


def ink() -> str:
    """Return a grey for axis words that has a contrast of 4.5:1 on the page's ground."""
    return INK[scheme()]


def scheme() -> str:
    """Return "light" or "dark", as CSS calls them."""
    return "dark" if st.context.theme.type == "dark" else "light"
