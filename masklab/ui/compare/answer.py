"""The sentence on top of the Compare page, and what is said below it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.ui.compare.context import Context
from masklab.ui.compare.sure import gathered_scores
from masklab.ui.verdict import answer


def show_answer(context: Context, table: pd.DataFrame, against: str | None = None) -> None:
    """Draw the answer that runs on screen give, and in small what else they tell.

    `table`: as `compare.table.comparison` returns it, of strategies and naive baselines. `against`:
    the row of it that the first is set against beside the second, the context's baseline by default.
    """
    choice = context.choice
    scores = gathered_scores(context).scores
    said = answer(
        table, choice.metric.upper(), choice.unit, choice.cells, scores, against or context.baseline
    )
    st.markdown(said.answer)
    if said.rest:
        st.caption(said.rest)
