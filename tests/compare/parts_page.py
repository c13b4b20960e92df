"""A page that draws one part of the Compare page by itself; its query says which, and of what."""

import streamlit as st

from masklab.ui import guard, state
from masklab.ui.compare import masks, where
from masklab.ui.compare.context import Context
from masklab.ui.score_choice import ScoreChoice

guard.problems()
wanted = [one for one in st.query_params.get("experiments", "").split(",") if one]
rows = {row.id: row for row in state.store().experiments()}
experiments = tuple(rows[one] for one in wanted or list(rows)[:1])
runs = tuple(run for row in experiments for run in state.store().runs(row.id))
hidden = st.query_params.get("hide", "none")
choice = ScoreChoice(
    "common", st.query_params.get("metric", "rmse"), st.query_params.get("units", "scaled")
)
context = Context(
    experiments=experiments,
    runs=runs,
    shown=frozenset(run.id for run in runs if run.strategy != hidden),
    choice=choice,
    baseline=runs[0].strategy,
)
{"masks": masks, "where": where}[st.query_params.get("part", "where")].show(context)
