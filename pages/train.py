"""Train: choose task, strategies and seeds; start runs in the background; watch them."""

from pathlib import Path

import streamlit as st

from masklab.charts.sketches import sketch_of_curves
from masklab.ui import state
from masklab.ui.empty import empty_state
from masklab.ui.monitor import monitor, row_of
from masklab.ui.starter import starter
from masklab.ui.train_controls import train_controls
from masklab.ui.train_form import hint_for, train_form

st.title("Train", anchor=False)
panel = state.panel()
if panel is None:
    empty_state(
        "Training needs data",
        "Choose a sample or open a file first. Then pick strategies here, start, and watch their "
        "validation curves arrive epoch by epoch, like these.",
        go="Choose data",
        page="pages/data.py",
        picture=sketch_of_curves(bands=False),
    )
    st.stop()

project = state.project()
form = train_form(project.form, panel, state.parts(), hint_for(project))
main, side = st.columns([0.64, 0.36], gap="large")
with side:
    with st.container():  # what it says comes and goes: below it, "More" must stay open
        starter(form, project, panel, Path.cwd())
    train_controls(form, panel)
with main:
    if project.experiment_id is None or row_of(project.experiment_id) is None:
        st.image(sketch_of_curves(bands=False), width="stretch")
        st.caption("A sketch: the curves of your runs appear here, epoch by epoch.")
    else:
        monitor(project.experiment_id)
