"""Runs: the summary of groups, and the table in which runs are ticked, found and put away."""

from __future__ import annotations

import streamlit as st

from masklab.ui.compare.chart import file_name
from masklab.ui.compare.context import Context
from masklab.ui.compare.management import undo_of_runs
from masklab.ui.compare.run_actions import run_actions
from masklab.ui.compare.run_filter import filtered
from masklab.ui.compare.run_table import run_table
from masklab.ui.compare.summary_frame import column_config, in_words


def show(context: Context) -> None:
    """Draw the summary, then the runs."""
    shown = context.table
    st.dataframe(
        in_words(shown, context.choice, context.against),
        hide_index=True,
        column_config=column_config(context.choice),
    )
    undo_of_runs()
    listed = filtered(context)
    run_table(context, listed)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        run_actions(context, listed)
        st.space("stretch")
        st.download_button(
            "Table as CSV", lambda: shown.to_csv(index=False).encode(),
            f"{file_name(context)}.csv", "text/csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
