"""Epoch reports for the pages: read from the store again only when something new was written."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from masklab.runs.store import Store
from masklab.ui import state


def reports(experiment_id: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return `Store.reports` with these columns; shared by all tabs, so not to be changed."""
    store = state.store()
    mark = store.newest_report(experiment_id)
    return _reports(store, str(store.directory), experiment_id, tuple(columns), mark)


@st.cache_resource(show_spinner=False, max_entries=8)
def _reports(
    _store: Store,
    directory: str,
    experiment_id: str,
    columns: tuple[str, ...],
    mark: tuple[int, int],
) -> pd.DataFrame:
    return _store.reports(experiment_id, columns)
