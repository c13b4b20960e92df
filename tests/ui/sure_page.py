"""A page with the part "How sure" alone, for tests: `?experiment=`, `?with=`, `?baseline=`."""

import streamlit as st

from masklab.ui import guard, state
from masklab.ui.compare.context import Context
from masklab.ui.compare.sure import show
from masklab.ui.score_choice import ScoreChoice

guard.problems()
store = state.store()
query = st.query_params
ids = [query["experiment"], *filter(None, query.get("with", "").split(","))]
rows = {row.id: row for row in store.experiments()}
runs = tuple(run for one in ids for run in store.runs(one))
hidden = query.get("hidden", "").split(",")
show(
    Context(
        experiments=tuple(rows[one] for one in ids),
        runs=runs,
        shown=frozenset(run.id for run in runs if run.strategy not in hidden),
        choice=ScoreChoice(query.get("cells", "common"), "rmse", query.get("units", "scaled")),
        baseline=query.get("baseline", "ignore"),
    )
)
st.caption("drawn")
