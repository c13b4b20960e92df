"""One part of the Compare page by itself, of all experiments of the store: a script for tests."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.score_choice import ScoreChoice

store = state.store()
rows = tuple(reversed(store.experiments()))
runs = tuple(run for row in rows for run in store.runs(row.id))
asked = st.query_params.get("shown")
context = Context(
    experiments=rows,
    runs=runs,
    shown=frozenset(run.id for run in runs) if asked is None else frozenset(asked.split(",")),
    choice=ScoreChoice("common", "rmse", "original" if "original" in st.query_params else "scaled"),
    baseline="zero_fill",
)
st.set_page_config(layout="wide")
import_module(f"masklab.ui.compare.{st.query_params['part']}").show(context)
