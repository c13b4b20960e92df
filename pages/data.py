"""Data: choose a series, see how it was read and what is missing in it, split it."""

import streamlit as st

from masklab.errors import MaskLabError
from masklab.ui import state
from masklab.ui.data_candidate import candidate, notes_of, propose
from masklab.ui.data_findings import codes, facts, gap_table, missing_table, report_of, series_table
from masklab.ui.data_gallery import gallery, upload, welcome
from masklab.ui.data_picture import picture
from masklab.ui.data_preview import look
from masklab.ui.data_split import split_controls
from masklab.words import plain

project = state.project()
waiting = candidate()
if waiting is not None:
    look(waiting)
    st.stop()

problem = None
try:
    panel = state.panel()
except MaskLabError as error:
    panel, problem = None, str(error)
if problem:
    st.error(plain(problem), icon=":material/error:")

if panel is None or project.data is None:
    welcome()
    gallery()
    st.stop()

if st.session_state.get("data.choosing"):
    title, back = st.columns([0.8, 0.2], vertical_alignment="bottom")
    title.title("Choose other data", anchor=False)
    if back.button("Back", key="data.keep", width="stretch"):
        st.session_state["data.choosing"] = False
        st.rerun()
    upload()
    gallery()
    st.stop()

title, buttons = st.columns([0.5, 0.5], vertical_alignment="bottom")
title.title(plain(project.name) or "Data", anchor=False)
with buttons.container(horizontal=True, horizontal_alignment="right"):
    if st.button("Correct the reading", icon=":material/tune:", key="data.correct"):
        source = project.data
        propose(source.path, project.name, source.sha256, source.reading)
        st.rerun()
    if st.button("Other data", icon=":material/folder_open:", key="data.other"):
        st.session_state["data.choosing"] = True
        st.rerun()
    if st.button("Mask it", type="primary", icon=":material/gradient:", key="data.mask"):
        st.switch_page("pages/mask.py")
for note in st.session_state.pop("data.left_out", None) or ():
    st.warning(plain(note), icon=":material/info:")

report = report_of(panel, panel.content_hash)
main, side = st.columns([0.7, 0.3], gap="medium")
with side:
    split_controls(panel, project.split)
    codes(report, project.data)
    for note in notes_of(project.data):
        st.caption(f":material/info: {plain(note)}")
with main:
    picture(panel, report, project.split)
    facts(panel, report)
    missing_table(report)
    series_table(panel, report)
    gap_table(panel, report)
