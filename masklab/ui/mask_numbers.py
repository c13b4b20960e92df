"""The numbers under the picture: how much of each channel and part is masked, and how long at most."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.masks.coverage import coverage
from masklab.masks.mask import Mask
from masklab.ui import words
from masklab.ui.run_lengths import mask_lengths


def numbers(panel: Panel, mask: Mask, parts: Int8[np.ndarray, "row"], revision: str) -> None:
    """Show share masked and longest masked run by channel and part; `revision` names the mask."""
    counts = _coverage(panel, mask, parts, f"{panel.content_hash}:{revision}")
    hidden, missing, total = (
        int(counts[name].sum()) for name in ("hidden", "native_missing", "cells")
    )
    st.markdown(
        f"**Hidden by the mask:** {words.of(hidden, total, 'cells')}. "
        f"**Missing in the file:** {words.of(missing, total, 'cells')}."
    )
    st.dataframe(
        wide(counts),
        hide_index=True,
        width="stretch",
        column_config=_columns(counts, panel),
    )
    st.caption(
        "By part, the share masked: hidden by the mask or missing in the file, of all its rows. "
        f"Longest: most masked steps in a row; {words.steps(1, panel)}."
    )
    mask_lengths(panel, mask, revision)


def wide(counts: pd.DataFrame) -> pd.DataFrame:
    """Return coverage with a row for each channel, and share (%) and longest run for each part."""
    columns: dict[str, Any] = {"channel": list(dict.fromkeys(counts["channel"]))}
    for part in dict.fromkeys(counts["part"]):
        rows = counts[counts["part"] == part]
        columns[f"{part} share"] = (rows["share"] * 100).round(2).tolist()
        columns[f"{part} longest"] = rows["longest_run"].tolist()
    return pd.DataFrame(columns)


def _columns(counts: pd.DataFrame, panel: Panel) -> dict[str, Any]:
    columns: dict[str, Any] = {"channel": st.column_config.TextColumn("Channel", pinned=True)}
    for part in dict.fromkeys(counts["part"]):
        rows = int(counts[counts["part"] == part]["cells"].iloc[0])
        columns[f"{part} share"] = st.column_config.ProgressColumn(
            part.capitalize(),
            help=f"Masked share of the {rows:,} rows of {part} that a model may not use.",
            format="%.1f %%",
            min_value=0,
            max_value=100,
            width=100,
        )
        columns[f"{part} longest"] = st.column_config.NumberColumn(
            "longest",
            help=f"Longest run of masked rows in {part}; {words.steps(1, panel)}.",
            format="localized",
            width=68,
        )
    return columns


@st.cache_resource(show_spinner=False, max_entries=8)
def _coverage(
    _panel: Panel, _mask: Mask, _parts: Int8[np.ndarray, "row"], revision: str
) -> pd.DataFrame:
    return coverage(_panel, _mask, _parts)
