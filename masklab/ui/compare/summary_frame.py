"""The summary as it is read: mean ± spread (n), difference with its share, in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from masklab.compare.certainty import number
from masklab.compare.scores import WITHOUT_UNIT
from masklab.runs.spec import STRATEGIES
from masklab.ui.compare.summary import label_words
from masklab.ui.score_choice import ScoreChoice


def in_words(table: pd.DataFrame, choice: ScoreChoice, against: str | None) -> pd.DataFrame:
    """Return the table as it is read: means with spread, differences with their share."""
    level = table.loc[table["strategy"] == against, "mean"]
    reference = float(level.iloc[0]) if len(level) else float("nan")
    rows: list[dict[str, Any]] = [dict(row) for _, row in table.iterrows()]
    return pd.DataFrame(
        {
            "Strategy": [label_words(row["strategy"]) for row in rows],
            "Looks ahead": [_ahead(row["kind"], row["strategy"], row["causal"]) for row in rows],
            "Runs": [_runs(row) for row in rows],
            "Best epoch": [_epoch(row["best_epoch"]) for row in rows],
            choice.metric.upper(): [_mean(row) for row in rows],
            "Difference": [
                "reference"
                if row["strategy"] == against
                else _difference(row["difference"], reference)
                for row in rows
            ],
            "Scored cells": [row["scored"] for row in rows],
        }
    )


def column_config(choice: ScoreChoice) -> dict[str, Any]:
    """Return titles, widths and help of the columns."""
    score = choice.metric.upper()
    unit = choice.unit or (
        "scaled" if choice.units == "scaled" and choice.metric not in WITHOUT_UNIT else ""
    )
    return {
        "Looks ahead": st.column_config.TextColumn(
            help="Whether a step is predicted with a look at later steps of its window: by what the "
            "strategy feeds, or by a network that reads both ways.",
            width=140,
        ),
        "Runs": st.column_config.TextColumn(help="Finished runs of those asked for.", width=70),
        "Best epoch": st.column_config.TextColumn(
            help="Mean over runs of the epoch whose weights were kept.", width=90
        ),
        score: st.column_config.TextColumn(
            f"{score} ({unit})" if unit else score,
            help="Mean ± standard deviation over seeds, each run at its best epoch. Lower is better.",
        ),
        "Difference": st.column_config.TextColumn(
            help="Mean over seeds of score less the reference's score with the same seed; below 0 "
            "is better. Means are compared where one of the two is a naive baseline, which has no seeds."
        ),
        "Scored cells": st.column_config.NumberColumn(format="localized", width=100),
    }


def _ahead(kind: str, label: str, causal: bool) -> str:
    member = STRATEGIES.get(label.partition("(")[0])
    if kind == "naive":
        return "naive, no network" if causal else "yes (naive, no network)"
    if member is None:  # a group of several strategies
        return ""
    if not member.reads_mask:
        return "sees hidden values"
    if not causal and member.causal:
        return "yes, the network"
    return "no" if causal else "yes"


def _runs(row: dict[str, Any]) -> str:
    return "" if row["kind"] == "naive" else f"{row['n']} of {row['runs']}"


def _epoch(value: float) -> str:
    return "" if pd.isna(value) else f"{value:.1f}".removesuffix(".0")


def _mean(row: dict[str, Any]) -> str:
    if pd.isna(row["mean"]):
        return "none finished" if row["kind"] == "strategy" and row["n"] == 0 else "—"
    return number(row["mean"]) + ("" if pd.isna(row["std"]) else f" ± {row['std']:.2g}")


def _difference(value: float, reference: float) -> str:
    if pd.isna(value):
        return ""
    share = f" ({100 * value / reference:+.1f} %)" if reference else ""
    return f"{value:+.3g}{share}".replace("-", "−")
