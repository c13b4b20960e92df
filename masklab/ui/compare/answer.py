"""The sentence on top of the Compare page, and what is said below it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.compare.seeds import SeedScores
from masklab.compare.verdict import answer
from masklab.ui.compare.context import Context
from masklab.ui.compare.sure import gathered_scores
from masklab.words import listed, plain


def show_answer(context: Context, table: pd.DataFrame) -> None:
    """Draw the answer that runs on screen give, and in small what else they tell.

    `table`: as `compare.table.comparison` returns it, of strategies and naive baselines.
    """
    choice = context.choice
    gathered = gathered_scores(context)
    said = answer(
        table, choice.metric.upper(), choice.unit, choice.cells, gathered.scores,
        context.pinned,
    )  # fmt: skip
    st.markdown(said.answer)
    small = " ".join(filter(None, (said.rest, _of_which(context, gathered))))
    if small:
        st.caption(small)


def _of_which(context: Context, gathered: SeedScores) -> str:
    """Say of which experiments the answer is, where there are several."""
    names = {row.id: f"“{plain(row.name)}”" for row in context.experiments}
    joined, others = ([names[one] for one in ids] for ids in (gathered.joined, gathered.left_out))
    said = [f"Seeds of {listed(joined)} are taken together."] if len(joined) > 1 else []
    if others:
        part = (
            "is no part of it: it differs" if len(others) == 1 else "are no part of it: they differ"
        )
        said.append(
            f"This is said of {listed(joined)}; {listed(others)} {part} in more than seeds."
        )
    return " ".join(said)
