"""MaskLab's app: pages in the order of the work, and what is always in view."""

from pathlib import Path

import streamlit as st

import masklab.ui
from masklab.errors import AccessError, MaskLabError
from masklab.ui import visitor
from masklab.ui.guard import problems
from masklab.ui.panels import panels
from masklab.ui.sidebar import sidebar
from masklab.ui.theme import scheme
from masklab.words import plain

HERE = Path(masklab.ui.__file__).parent

st.set_page_config(page_title="MaskLab", page_icon=HERE / "icon.svg", layout="wide")
st.logo(HERE / "icon.svg", size="large")
st.html(HERE / "style.css")
# Drawers and menus lie outside of what Streamlit gives its theme's scheme, and style.css asks for it.
st.html(f"<style>:root {{ color-scheme: {scheme()}; }}</style>")

try:
    visitor.session()
except AccessError as error:
    st.error(plain(str(error)), icon=":material/lock:")
    st.stop()

page = st.navigation(
    [
        st.Page("pages/data.py", title="Data", icon=":material/table_chart:", default=True),
        st.Page("pages/mask.py", title="Mask", icon=":material/gradient:"),
        st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
        st.Page("pages/compare.py", title="Compare", icon=":material/insights:"),
        st.Page("pages/learn.py", title="Learn", icon=":material/school:"),
    ]
)
sidebar()
problems()
panels()
try:
    page.run()
except MaskLabError as error:
    st.error(plain(str(error)), icon=":material/error:")
