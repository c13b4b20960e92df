"""The button that starts an experiment, with what it will come to and how long it takes."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from masklab.data.series import Panel
from masklab.errors import MaskLabError
from masklab.runs.executing import ensure_training
from masklab.runs.spec import Experiment
from masklab.ui import state
from masklab.ui.estimate import estimate, remember
from masklab.ui.preflight import Preflight, preflight
from masklab.ui.project import Project
from masklab.ui.train_form import TrainForm
from masklab.ui.words import about
from masklab.words import counted, plain

NOTHING_HIDDEN = (
    "Nothing is hidden and nothing is missing, so the strategies get the same input and will score "
    "alike. Hide something on the Mask page first."
)


def starter(form: TrainForm, project: Project, panel: Panel, folder: Path) -> None:
    """Draw the start button; a choice that can't be trained is named there, and the button waits."""
    try:
        experiment = form.experiment(project)
        checked = preflight(experiment, panel)
    except MaskLabError as error:
        st.button("Train", type="primary", disabled=True, width="stretch", key="train.start")
        st.error(plain(str(error)), icon=":material/error:")
        return
    expected = estimate(state.store(), checked)
    basis = (
        "from the pace of earlier runs here"
        if expected.measured
        else "a rough guess until something was trained here"
    )
    label = f"Train {counted(checked.runs, 'run')}, about {about(expected.seconds)}"
    hint = f"If no run stops early; {basis}."
    if st.button(
        label,
        type="primary",
        width="stretch",
        icon=":material/play_arrow:",
        key="train.start",
        help=hint,
    ):
        _start(experiment, checked, folder, before_others=form.before_others)
    st.caption(checked.sentence())
    if not checked.hides and len(experiment.strategies) > 1:
        st.info(NOTHING_HIDDEN, icon=":material/info:")
    if checked.notes:
        with st.popover("About the windows", type="tertiary", icon=":material/info:"):
            for note in checked.notes:
                st.markdown(f"- {plain(note)}")


def _start(
    experiment: Experiment, checked: Preflight, folder: Path, *, before_others: bool
) -> None:
    store = state.store()
    experiment_id = store.add_experiment(experiment, folder)
    if before_others:
        store.arrange([run.id for run in store.runs(experiment_id)], "first")
    remember(store, experiment_id, checked)
    state.update(experiment_id=experiment_id)
    if any(run.is_open for run in store.runs(experiment_id)):
        ensure_training(store)
    else:
        st.toast("This experiment has been trained before: here are its runs.")
    st.rerun()
