"""An experiment's comparison: a sentence, the curves, the table, downloads."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

import pandas as pd
import streamlit as st

from masklab.charts.validation_curves import validation_curves
from masklab.compare.baselines import levels, naive
from masklab.compare.scores import best_epochs, column, columns, curves
from masklab.compare.table import comparison
from masklab.errors import MaskLabError
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.ui import epochs, state
from masklab.ui.comparison_table import comparison_table
from masklab.ui.markdown import plain
from masklab.ui.picture_button import picture_buttons
from masklab.ui.run_words import status_words
from masklab.ui.score_choice import ScoreChoice
from masklab.ui.theme import ink
from masklab.ui.verdict import verdict
from masklab.ui.words import counted

CHART = "compare.curves"
READS_BOTH_WAYS = (
    "The network reads each window both ways: under every strategy, what it makes of a step has seen "
    "the later ones too."
)


def show_comparison(row: ExperimentRow, choice: ScoreChoice) -> None:
    """Draw the comparison of one experiment."""
    store = state.store()
    reports = epochs.reports(row.id, columns(choice.cells, choice.metric, choice.units))
    runs = store.runs(row.id)
    _state_of_runs(row, runs)
    known = _naive(row.id, choice)
    table = comparison(
        store, row.id, cells=choice.cells, metric=choice.metric, units=choice.units, baseline=None
    )
    st.markdown(verdict(table, choice.metric.upper(), choice.unit, choice.cells))
    both_ways = READS_BOTH_WAYS if store.sees_whole_windows(row.id) else ""
    st.caption(f"{_cells_in_words(table, choice)} {both_ways}".strip())
    finished = {run.id for run in runs if run.status == "finished"}
    counted_in = reports[reports["run_id"].isin(finished)]
    figure = validation_curves(
        curves(counted_in, choice.cells, choice.metric, choice.units).dropna(subset="mean"),
        best_epochs(counted_in, choice.cells, choice.metric, choice.units).dropna(subset="score"),
        known,
        metric=choice.title,
        unit=choice.unit,
        not_causal=table.loc[~table["causal"], "strategy"],
        others=_others(reports, runs, choice),
        ink=ink(),
    )
    name = f"masklab-{_slug(row.name)}-{choice.cells}-{choice.metric}"
    with st.container(key="compare-curves"):
        st.plotly_chart(
            figure,
            key=CHART,
            config={
                "displaylogo": False,
                "displayModeBar": True,
                "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
                "doubleClick": "reset",
                "toImageButtonOptions": {"format": "png", "filename": name, "scale": 2},
            },
            alt="Validation score by epoch for each strategy, with a band over seeds",
        )
    _below_chart(row, name)
    comparison_table(row.id, table, choice, name)
    _delete(row)


def _below_chart(row: ExperimentRow, name: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(
            "Line: mean over seeds, faint where some have stopped. Band: lowest to highest seed. "
            "Markers: the best epoch of each run. Click a name to hide it, double-click the chart to fit.",
            width="stretch",
        )
        picture_buttons("compare-curves", name)
        st.download_button(
            "Curves as CSV", lambda: state.store().reports(row.id).to_csv(index=False).encode(),
            f"{name}-epochs.csv", "text/csv", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Experiment as YAML", lambda: state.store().portable(row.id).to_yaml().encode(),
            f"masklab-{_slug(row.name)}.experiment.yaml", "application/yaml", on_click="ignore",
            icon=":material/download:", help="Runs the same experiment with `masklab run`.",
        )  # fmt: skip


def _delete(row: ExperimentRow) -> None:
    with st.popover("Delete this experiment", icon=":material/delete:", type="tertiary"):
        st.markdown(
            f"{counted(row.total, 'run')} with all their epochs go for good. The data stays."
        )
        if st.button("Delete for good", key="compare.delete"):
            state.store().delete_experiment(row.id)
            if state.project().experiment_id == row.id:
                state.update(experiment_id=None)
            st.query_params.pop("experiment", None)
            st.rerun()


def _state_of_runs(row: ExperimentRow, runs: list[RunRow]) -> None:
    """Say which runs don't count, and why."""
    if row.is_open:
        still = counted(row.queued + row.running, "run")
        st.info(
            f"{still} still to finish. The page shows what has finished; dotted lines are under way.",
            icon=":material/hourglass_top:",
        )
    ended = [run for run in runs if run.status in ("failed", "stopped")]
    if not ended:
        return
    words = [
        f"{run.strategy}, seed {run.seed}: {plain(run.message) or run.status}"
        if run.status == "failed"
        else f"{run.strategy}, seed {run.seed}: {status_words(run)}"
        for run in ended
    ]
    stay = "stays" if len(ended) == 1 else "stay"
    said = f"{counted(len(ended), 'run')} did not finish and {stay} out of means and table:"
    listed = [f"- {word.removesuffix('.')}." for word in words[:4]]
    more = [f"- And {len(words) - 4} more."] if len(words) > 4 else []
    st.warning("\n".join([said, "", *listed, *more]), icon=":material/block:")


def _naive(experiment_id: str, choice: ScoreChoice) -> Mapping[str, float]:
    """Return naive levels; none on own cells, where a baseline has no cells of its own."""
    if choice.cells == "own":
        return {}
    try:
        known = levels(naive(state.store(), experiment_id), choice.metric, choice.units)
    except MaskLabError as error:
        st.caption(f"Naive baselines can't be worked out: {plain(str(error))}")
        return {}
    return {name: level for name, level in known.items() if math.isfinite(level)}


def _others(reports: pd.DataFrame, runs: list[RunRow], choice: ScoreChoice) -> pd.DataFrame:
    words = {"running": "going on", "stopped": "stopped", "failed": "failed", "queued": "waiting"}
    status = {run.id: words.get(run.status) for run in runs}
    score = column(choice.cells, choice.metric, choice.units)
    frame = reports.assign(status=reports["run_id"].map(status), score=reports[score])
    return frame.dropna(subset=["status", "score"])[
        ["strategy", "seed", "epoch", "score", "status"]
    ]


def _cells_in_words(table: pd.DataFrame, choice: ScoreChoice) -> str:
    mine = table[(table["kind"] == "strategy") & (table["n"] > 0)]
    if len(mine) == 0:
        return ""
    if choice.cells == "common":
        cells = int(mine["scored"].max())
        return (
            f"Scored on {cells:,} validation cells, the same for every run: a strategy can't look "
            "better by being asked less."
        )
    each = ", ".join(f"{one.strategy} {one.scored:,}" for one in mine.itertuples())
    return f"Scored validation cells: {each}."


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "experiment"
