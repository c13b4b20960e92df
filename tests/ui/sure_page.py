"""A page with the answer and the part "How sure" alone, for tests: `?experiment=`, `?with=`, `?baseline=`."""

import streamlit as st

from masklab.compare.table import comparison
from masklab.ui import guard, state
from masklab.ui.compare.answer import show_answer
from masklab.ui.compare.context import Context
from masklab.ui.compare.sure import show
from masklab.ui.score_choice import ScoreChoice

st.set_page_config(layout="wide")
guard.problems()
store = state.store()
query = st.query_params
ids = [query["experiment"], *filter(None, query.get("with", "").split(","))]
rows = {row.id: row for row in store.experiments()}
runs = tuple(run for one in ids for run in store.runs(one))
hidden = query.get("hidden", "").split(",")
choice = ScoreChoice(
    query.get("cells", "common"), "rmse", query.get("units", "scaled"), query.get("unit", "")
)
context = Context(
    experiments=tuple(rows[one] for one in ids),
    runs=runs,
    shown=frozenset(run.id for run in runs if run.strategy not in hidden),
    choice=choice,
    baseline=query.get("baseline", "ignore"),
)
table = comparison(store, ids[0], cells=choice.cells, units=choice.units)
show_answer(context, table)
show(context)
st.caption("drawn")
