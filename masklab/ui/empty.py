"""What a page shows while it lacks its input: what it needs, the way there, a small picture."""

from __future__ import annotations

import streamlit as st


def empty_state(needs: str, then: str, *, go: str, page: str, picture: str) -> None:
    """Say what a page needs and what it will show, with a button to the page that gives it.

    `picture`: SVG of what the page will look like.
    """
    with st.container(border=True):
        text, image = st.columns([0.42, 0.58], gap="large", vertical_alignment="center")
        with text:
            st.subheader(needs, anchor=False)
            st.write(then)
            if st.button(go, type="primary", key=f"go.{page}"):
                st.switch_page(page)
        with image:
            st.image(picture, width="stretch")
