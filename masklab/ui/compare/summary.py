"""The table of groups that sentence, picture and parts share, with differences from a chosen row."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from masklab.compare.baselines import levels
from masklab.compare.scores import columns
from masklab.compare.table import grouped, with_naive
from masklab.runs.facts import Naive
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.runs.spec import STRATEGIES
from masklab.ui import state
from masklab.ui.compare.address import keep
from masklab.ui.compare.curve_data import marks, reports
from masklab.ui.kept import kept
from masklab.ui.score_choice import ScoreChoice

_BASELINE = "compare.baseline"


def summary_table(  # noqa: PLR0913, PLR0917 - whose, how grouped, which score
    experiments: Sequence[ExperimentRow],
    runs: Sequence[RunRow],
    labels: Mapping[str, str],
    pairs: Mapping[str, int],
    choice: ScoreChoice,
    known: Naive,
    against: str | None,
) -> pd.DataFrame:
    """Return a row for each group and naive baseline, with differences from the row `against`."""
    ids, mine = [row.id for row in experiments], {run.id: labels[run.id] for run in runs}

    def made() -> pd.DataFrame:
        found = grouped(
            reports(ids, columns(choice.cells, choice.metric, choice.units)),
            runs,
            mine,
            pairs,
            cells=choice.cells,
            metric=choice.metric,
            units=choice.units,
            baseline=against if against in mine.values() else None,
            whole_windows=any(map(state.store().sees_whole_windows, ids)),
        )
        return _from_level(with_naive(found, known, choice.metric, choice.units), against)

    stand = tuple((run.id, run.epoch, run.status) for run in runs)
    what = marks(ids), stand, mine, dict(pairs), choice, known, against
    return kept(("summary", repr(what)), made).copy()


def _from_level(table: pd.DataFrame, against: str | None) -> pd.DataFrame:
    """Return the table with differences of means where seeds can't be paired: to or from a naive one."""
    row = table[table["strategy"] == against]
    if len(row) == 0:
        return table
    to_level = table["mean"] - float(row["mean"].iloc[0])
    if row["kind"].iloc[0] == "naive":
        return table.assign(
            difference=to_level, difference_std=table["std"], difference_n=table["n"]
        )
    return table.assign(difference=table["difference"].where(table["kind"] == "strategy", to_level))


def choose_reference(
    runs: Sequence[RunRow], labels: Mapping[str, str], known: Naive, choice: ScoreChoice
) -> str:
    """Let the user pin what the others are set against; kept in the address as `baseline`."""
    found = dict.fromkeys(labels[run.id] for run in runs if run.status == "finished")
    naive = [
        name
        for name, level in levels(known, choice.metric, choice.units).items()
        if math.isfinite(level)
    ]
    options = [*found, *naive]
    asked = st.session_state.get(_BASELINE) or st.query_params.get("baseline")
    first = next((one for one in options if not _leaks(one)), next(iter(options), None))
    st.session_state[_BASELINE] = asked if asked in options else first
    chosen = st.selectbox(
        "Difference from",
        options,
        format_func=lambda label: f"{label_words(label)}{' (naive)' if label in naive else ''}",
        key=_BASELINE,
        width=220,
        disabled=not options,
        help="The baseline: the table and the parts below set everything against it, seed by seed.",
        persist_state="session",
    )
    keep("baseline", chosen if chosen and chosen != first else "")
    return chosen or ""


def _leaks(label: str) -> bool:
    member = STRATEGIES.get(label.partition("(")[0])
    return member is not None and not member.reads_mask


def label_words(label: str) -> str:
    """Return a group's label as it is read; a naive baseline's without underscores."""
    return (
        label if label.partition("(")[0] in STRATEGIES or "=" in label else label.replace("_", " ")
    )
