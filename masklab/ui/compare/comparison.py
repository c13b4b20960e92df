"""The Compare page: a sentence, the curves with their controls, and the parts below them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from masklab.compare import groups
from masklab.compare.baselines import naive
from masklab.compare.scores import Cells
from masklab.compare.seeds import differ_in_seeds_alone
from masklab.errors import MaskLabError
from masklab.runs import columns as packed
from masklab.runs.facts import Naive
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.ui import state
from masklab.ui.compare.address import several
from masklab.ui.compare.alike import warn_of_differences
from masklab.ui.compare.answer import show_answer
from masklab.ui.compare.chart import chart, frame
from masklab.ui.compare.context import Context
from masklab.ui.compare.curve_data import reports
from masklab.ui.compare.on_screen import runs_of, shown
from masklab.ui.compare.parts import show_parts
from masklab.ui.compare.summary import choose_reference, summary_table
from masklab.ui.run_words import status_words
from masklab.ui.score_choice import CELLS, ScoreChoice, score_choice
from masklab.words import counted, plain

READS_BOTH_WAYS = (
    "The network reads each window both ways: under every strategy, what it makes of a step has seen "
    "the later ones too."
)


def show_comparison(experiments: tuple[ExperimentRow, ...]) -> None:
    """Draw the comparison of experiments, the first one's above all."""
    head, controls, place = st.container(), _row(), frame()
    first, ids = experiments[0], [row.id for row in experiments]
    plan = state.store().experiment(first.id)
    runs = runs_of(experiments)
    ticked = shown(experiments, runs)
    with controls:
        choice = score_choice(plan, _cells_known(ids))
        by, settings = _grouping(experiments, runs)
        labels = groups.labels(runs, settings, by, {row.id: row.name for row in experiments})
        # A tick leaves the others where they are.
        places = {label: place for place, label in enumerate(dict.fromkeys(labels.values()))}
        visible = sorted(
            (run for run in runs if run.id in ticked), key=lambda run: places[labels[run.id]]
        )
        known = _naive(first.id, choice.cells)
        against = choose_reference(visible, labels, known, choice)
    pairs = groups.pairs(visible, settings, by)
    table = summary_table(experiments, visible, labels, pairs, choice, known, against)
    strategies = [run.strategy for run in visible if run.experiment_id == first.id]
    baseline = against if against in strategies else next(iter(strategies), "")
    context = Context(experiments, runs, ticked, choice, baseline, labels, pairs, table, against)
    with head:
        warn_of_differences(experiments)
        _state_of_runs(experiments, visible)
        sentence = st.container()
    with place():  # first: the browser draws it while the rest is worked out
        chart(context, known)
    with sentence:
        _say(context, known)
    show_parts(context)


def _row() -> DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="medium")


def _say(context: Context, known: Naive) -> None:
    """Say in a sentence what the first experiment's runs on screen show, and on which cells."""
    first, choice = context.experiment, context.choice
    mine = [run for run in context.on_screen() if run.experiment_id == first.id]
    strategies = {run.id: run.strategy for run in mine}
    table = context.table
    if len(context.experiments) > 1 or strategies != {
        one.id: context.groups[one.id] for one in mine
    }:
        seeds = {run.id: run.seed for run in mine}
        table = summary_table((first,), mine, strategies, seeds, choice, known, None)
    if not mine:
        st.markdown("No run is on screen. Tick some in the table of runs below.")
        return
    show_answer(context, table)
    both_ways = READS_BOTH_WAYS if state.store().sees_whole_windows(first.id) else ""
    st.caption(f"{_cells_in_words(table, choice)} {both_ways}".strip())


def _grouping(
    experiments: Sequence[ExperimentRow], runs: Sequence[RunRow]
) -> tuple[tuple[str, ...], groups.Parameters]:
    """Let the user choose what runs are grouped by; return it, and the runs' settings."""
    settings: dict[str, dict[str, str]] = {}
    for row in experiments:
        settings |= _settings(str(state.store().directory), row.id, row.total)
    words = {name: groups.words(name) for name in groups.varying(runs, settings)}
    apart = not differ_in_seeds_alone(state.store(), [row.id for row in experiments])
    first = (groups.STRATEGY, groups.EXPERIMENT)[: 2 if apart else 1]
    by = several(
        "Group by", words, "group",
        "Runs that agree in these are one line: their mean, with a band. Settings that differ "
        "among the runs can be chosen. Experiments that differ in seeds alone are one group at first.", first,
    )  # fmt: skip
    return by, settings


@st.cache_resource(show_spinner=False, max_entries=16)
def _settings(_directory: str, experiment_id: str, total: int) -> dict[str, dict[str, str]]:
    """Return the runs' settings; an experiment's never change, but runs can be added."""
    return state.store().parameters(experiment_id)


def _cells_known(experiment_ids: Sequence[str]) -> list[str]:
    """Return the sets of cells that the reports have any score for."""
    later = [name for name in CELLS if name not in ("common", "own")]
    later = [name for name in later if f"{name}_rmse" in packed.KINDS]
    found = reports(experiment_ids, [f"{name}_rmse" for name in later]) if later else None
    return ["common", "own"] + [
        name for name in later if found is not None and found[f"{name}_rmse"].notna().any()
    ]


def _state_of_runs(experiments: Sequence[ExperimentRow], runs: Sequence[RunRow]) -> None:
    """Say which runs don't count, and why."""
    still = sum(run.is_open for run in runs)
    if still:
        st.info(
            f"{counted(still, 'run')} still to finish. The page shows what has finished; dotted lines are under way.",
            icon=":material/hourglass_top:",
        )
    ended = [run for run in runs if run.status in ("failed", "stopped")]
    if not ended:
        return
    names = {row.id: f", {plain(row.name)}" for row in experiments}
    words = [f"{_named(run, names)}: {_why(run)}" for run in ended]
    stay = "stays" if len(ended) == 1 else "stay"
    said = f"{counted(len(ended), 'run')} did not finish and {stay} out of means and table:"
    listed = [f"- {word.removesuffix('.')}." for word in words[:4]]
    more = [f"- And {len(words) - 4} more."] if len(words) > 4 else []
    st.warning("\n".join([said, "", *listed, *more]), icon=":material/block:")


def _named(run: RunRow, names: Mapping[str, str]) -> str:
    where = names[run.experiment_id] if len(names) > 1 else ""
    return f"{run.strategy}, seed {run.seed}{where}"


def _why(run: RunRow) -> str:
    failed = run.status == "failed"
    return (plain(run.message) or run.status) if failed else status_words(run)


def _naive(experiment_id: str, cells: Cells) -> Naive:
    """Return the naive baselines; none but on the common cells, where alone they are scored."""
    if cells != "common":
        return {}
    try:
        return naive(state.store(), experiment_id)
    except MaskLabError as error:
        st.caption(f"Naive baselines can't be worked out: {plain(str(error))}")
        return {}


def _cells_in_words(table: pd.DataFrame, choice: ScoreChoice) -> str:
    mine = table[(table["kind"] == "strategy") & (table["n"] > 0)]
    if len(mine) == 0:
        return ""
    if choice.cells == "own":
        each = ", ".join(f"{one.strategy} {one.scored:,}" for one in mine.itertuples())
        return f"Scored validation cells: {each}."
    cells = int(mine["scored"].max())
    if choice.cells == "common":
        return (
            f"Scored on {cells:,} validation cells, the same for every run: a strategy can't look "
            "better by being asked less."
        )
    return f"Scored on {cells:,} validation cells: {CELLS[choice.cells].lower()}."
