"""The parts of the Compare page below its chart: one at a time is drawn, the address says which."""

from __future__ import annotations

from importlib import import_module

import streamlit as st

from masklab.ui.compare.context import Context

PARTS = {
    "runs": "Runs",
    "sure": "How sure",
    "cells": "Scored cells",
    "where": "Where the error sits",
    "masks": "Under other masks",
    "audit": "Leakage audit",
    "difference": "What differs",
    "take": "Take it away",
}
"""Name in the address and of the module → title. Each module has `show(context)`."""


def show_parts(context: Context) -> None:
    """Let the user choose a part, and draw it."""
    asked = st.query_params.get("part", "runs")
    st.session_state.setdefault("compare.part", asked if asked in PARTS else "runs")
    chosen = st.segmented_control(
        "Part of the page", list(PARTS), format_func=PARTS.__getitem__, required=True,
        key="compare.part", label_visibility="collapsed", persist_state="session",
    )  # fmt: skip
    part = str(chosen or "runs")
    if part == "runs":
        st.query_params.pop("part", None)
    else:
        st.query_params["part"] = part
    import_module(f"masklab.ui.compare.{part}").show(context)
