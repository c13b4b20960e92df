"""The comparison's table: strategies and naive baselines, with differences from a chosen one."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from masklab.compare.scores import WITHOUT_UNIT, columns, summary
from masklab.runs.spec import STRATEGIES
from masklab.ui import state
from masklab.ui.epochs import reports
from masklab.ui.score_choice import ScoreChoice
from masklab.ui.verdict import number


def comparison_table(
    experiment_id: str, table: pd.DataFrame, choice: ScoreChoice, name: str
) -> None:
    """Draw the table with a choice of baseline, and its download."""
    rows = table[table["mean"].notna()]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        labels = list(rows["strategy"])
        baseline = st.selectbox(
            "Difference from",
            labels,
            format_func=lambda label: (
                f"{_plain(label)}{' (naive)' if _is_naive(rows, label) else ''}"
            ),
            key="compare.baseline",
            width=280,
            disabled=not labels,
        )
        st.space("stretch")
        shown = with_difference(experiment_id, table, choice, baseline)
        st.download_button(
            "Table as CSV",
            lambda: shown.to_csv(index=False).encode(),
            f"{name}.csv",
            "text/csv",
            on_click="ignore",
            icon=":material/download:",
        )
    st.dataframe(in_words(shown, choice, baseline), hide_index=True, column_config=_columns(choice))


def with_difference(
    experiment_id: str, table: pd.DataFrame, choice: ScoreChoice, baseline: str | None
) -> pd.DataFrame:
    """Return the table with differences from a strategy (seed by seed) or a naive baseline (means)."""
    if baseline is None:
        return table
    if _is_naive(table, baseline):
        level = float(table.loc[table["strategy"] == baseline, "mean"].iloc[0])
        return table.assign(
            difference=table["mean"] - level, difference_std=table["std"], difference_n=table["n"]
        )
    store = state.store()
    read = columns(choice.cells, choice.metric, choice.units)
    paired = summary(
        reports(experiment_id, read), store.runs(experiment_id), baseline=baseline,
        cells=choice.cells, metric=choice.metric, units=choice.units,
    ).set_index("strategy")  # fmt: skip
    level = float(paired.loc[baseline, "mean"])  # type: ignore[arg-type]
    strategies = table["kind"] == "strategy"
    return table.assign(
        difference=table["strategy"]
        .map(paired["difference"])
        .where(strategies, table["mean"] - level),
        difference_std=table["strategy"].map(paired["difference_std"]),
        difference_n=table["strategy"].map(paired["difference_n"]),
    )


def in_words(table: pd.DataFrame, choice: ScoreChoice, baseline: str | None) -> pd.DataFrame:
    """Return the table as it is read: means with spread, differences with their share."""
    level = table.loc[table["strategy"] == baseline, "mean"]
    reference = float(level.iloc[0]) if len(level) else float("nan")
    rows: list[dict[str, Any]] = [dict(row) for _, row in table.iterrows()]
    return pd.DataFrame(
        {
            "Strategy": [_plain(row["strategy"]) for row in rows],
            "Looks ahead": [_ahead(row["kind"], row["strategy"], row["causal"]) for row in rows],
            "Runs": [_runs(row) for row in rows],
            "Best epoch": [_epoch(row["best_epoch"]) for row in rows],
            choice.metric.upper(): [_mean(row) for row in rows],
            "Difference": [
                "reference"
                if row["strategy"] == baseline
                else _difference(row["difference"], reference)
                for row in rows
            ],
            "Scored cells": [row["scored"] for row in rows],
        }
    )


def _columns(choice: ScoreChoice) -> dict[str, Any]:
    score = choice.metric.upper()
    unit = choice.unit or (
        "scaled" if choice.units == "scaled" and choice.metric not in WITHOUT_UNIT else ""
    )
    return {
        "Looks ahead": st.column_config.TextColumn(
            help="Whether a step is predicted with a look at later steps of its window: by what the "
            "strategy feeds, or by a network that reads both ways."
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
            "is better. A naive baseline has no seeds: means are compared."
        ),
        "Scored cells": st.column_config.NumberColumn(format="localized", width=100),
    }


def _is_naive(table: pd.DataFrame, label: str) -> bool:
    return bool((table.loc[table["strategy"] == label, "kind"] == "naive").any())


def _plain(label: str) -> str:
    return label if label.partition("(")[0] in STRATEGIES else label.replace("_", " ")


def _ahead(kind: str, label: str, causal: bool) -> str:
    member = STRATEGIES.get(label.partition("(")[0])
    if kind == "naive" or member is None:
        return "naive, no network" if causal else "yes (naive, no network)"
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
