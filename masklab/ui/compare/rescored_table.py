"""The table of runs that were scored again on the cells that all of them share."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from masklab.compare.rescoring import METRICS
from masklab.ui.score_choice import ScoreChoice


def rescored_table(
    scores: pd.DataFrame, names: dict[str, str], choice: ScoreChoice, *, several: bool
) -> None:
    """Draw the runs' scores on the shared cells at their best epochs, with a download."""
    st.markdown("**The runs on these cells**, from the predictions kept of their best epochs")
    st.dataframe(
        in_words(scores, names, choice, several=several), hide_index=True, width="stretch",
        column_config={
            "Predictions": st.column_config.NumberColumn(format="localized"),
            "Before (RMSE)": st.column_config.TextColumn(
                help="Scaled RMSE at the best epoch on its own experiment's common cells, in its own "
                "experiment's scaled units."
            ),
        },
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_units(choice, several=several), width="stretch")
        st.download_button(
            "Scores as CSV", lambda: scores.to_csv(index=False).encode(),
            "masklab-scored-cells.csv", "text/csv", on_click="ignore", icon=":material/download:",
            key="compare.cells.scores",
        )  # fmt: skip


def in_words(
    scores: pd.DataFrame, names: dict[str, str], choice: ScoreChoice, *, several: bool
) -> pd.DataFrame:
    """Return the table as it is read; scores in the units of the choice."""
    prefix = "original_" if choice.units == "original" else ""
    told = {"Strategy": scores["strategy"], "Seed": scores["seed"]}
    if several:
        told["Experiment"] = scores["experiment_id"].map(lambda one: names.get(one, one))
    told["Best epoch"] = scores["epoch"]
    for metric in METRICS:
        told[metric.upper()] = scores[f"{prefix}{metric}"].map(_number)
    told["Predictions"] = scores["predictions"]
    if several:
        told["Before (RMSE)"] = scores["before"].map(_number)
    return pd.DataFrame(told)


def _number(score: float) -> str:
    return f"{score:.4g}" if math.isfinite(score) else "—"


def _units(choice: ScoreChoice, *, several: bool) -> str:
    ratio = "MRE is a share of the true values' size and has no unit."
    if choice.units == "original":
        return (
            f"MAE, MSE and RMSE in the data's units (MSE squared), pooled over the targets. {ratio}"
        )
    whose = (
        "Scaled units are those of the first experiment for every run, whatever scaled them in training."
        if several
        else "Scaled units, pooled over the targets."
    )
    return f"{whose} {ratio}"
