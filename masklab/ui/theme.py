"""What charts must know of the theme on screen: the colour of their words."""

from __future__ import annotations

import streamlit as st

from masklab.charts.palette import INK


def ink() -> str:
    """Return a grey for axis words that has a contrast of 4.5:1 on the page's ground."""
    return INK["dark" if st.context.theme.type == "dark" else "light"]
