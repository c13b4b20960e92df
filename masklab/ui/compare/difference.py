"""What differs between two runs: their settings side by side, and their masks drawn on the data."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.compare.comparable import have_same_data
from masklab.compare.config_difference import Difference, RunSettings, config_difference
from masklab.errors import MaskLabError
from masklab.runs.rows import RunRow
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.masks_apart import masks_apart
from masklab.words import counted, plain

_SIDES = {"from": "First run", "to": "Second run"}


def show(context: Context) -> None:
    """Let the user choose two runs, and show what differs between them."""
    if len(context.runs) < 2:
        st.info(
            "Two runs are needed to tell what differs. Train another one, or add an experiment."
        )
        return
    first, second = _chosen(context)
    if first.id == second.id:
        st.info("Both are the same run. Choose another one on one of the sides.")
        return
    try:
        sides = [_settings(run) for run in (first, second)]
    except MaskLabError as error:
        st.warning(plain(str(error)), icon=":material/block:")
        return
    names = (_words(first, context), _words(second, context))
    _settings_table(config_difference(*sides), names)
    st.markdown("**Masks**")
    if first.experiment_id == second.experiment_id:
        st.caption(
            "Both runs are of one experiment: they have the same mask, split and data. What their "
            "strategies make of hidden cells differs."
        )
        return
    one, other = sides[0].experiment, sides[1].experiment
    if not have_same_data(one, other):
        st.caption(
            "Their data differ, or are read in other ways: one mask can't be drawn on the other."
        )
        return
    masks_apart(one, other, (first.experiment_id, second.experiment_id), names)


def _chosen(context: Context) -> tuple[RunRow, RunRow]:
    """Return the runs of both sides, as the address or the user says; they stay in the address."""
    runs = {run.id: run for run in context.runs}
    starts = _starts(context)
    columns = st.columns(2)
    found = []
    for (name, title), column, start in zip(_SIDES.items(), columns, starts, strict=True):
        key, asked = f"compare.difference.{name}", st.query_params.get(name)
        current = st.session_state.get(key)
        if current not in runs:
            st.session_state[key] = asked if asked in runs else start
        chosen = column.selectbox(
            title, list(runs), format_func=lambda one: _words(runs[one], context), key=key,
            persist_state="session",
        )  # fmt: skip
        if chosen == start:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = chosen
        found.append(runs[chosen])
    return found[0], found[1]


def _starts(context: Context) -> tuple[str, str]:
    """Return a run of the baseline and one of another experiment, or of another strategy."""
    runs = sorted(context.runs, key=lambda run: run.id not in context.shown)
    first = next((run for run in runs if run.strategy == context.baseline), runs[0])
    others = sorted(
        (run for run in runs if run.id != first.id),
        key=lambda run: (run.experiment_id == first.experiment_id, run.strategy == first.strategy),
    )
    return first.id, others[0].id


def _words(run: RunRow, context: Context) -> str:
    """Return a run in a few words, with its experiment's name if there are several."""
    mine = f"{run.strategy}, seed {run.seed}"
    if len(context.experiments) < 2:
        return mine
    names = {row.id: row.name for row in context.experiments}
    return f"{mine} · {names.get(run.experiment_id, run.experiment_id)}"


def _settings(run: RunRow) -> RunSettings:
    experiment = state.store().experiment(run.experiment_id)
    strategy = next(one for one in experiment.strategies if one.label == run.strategy)
    return RunSettings(experiment, strategy, run.seed)


def _settings_table(found: list[Difference], names: tuple[str, str]) -> None:
    counting = [one for one in found if one.counts]
    others = [one for one in found if not one.counts]
    if not counting:
        st.markdown("**No setting that changes a number differs.**")
    else:
        differ = "differs" if len(counting) == 1 else "differ"
        st.markdown(f"**{counted(len(counting), 'setting')} {differ}.** All others are the same.")
        st.dataframe(_table(counting, names), hide_index=True, width="stretch")
    if others:
        change = "changes" if len(others) == 1 else "change"
        with st.expander(f"{counted(len(others), 'difference')} that {change} no number"):
            st.dataframe(_table(others, names), hide_index=True, width="stretch")


def _table(found: list[Difference], names: tuple[str, str]) -> pd.DataFrame:
    # Both sides may be called the same: runs of one name in experiments of one name.
    first, second = names if names[0] != names[1] else (f"{names[0]} (1)", f"{names[1]} (2)")
    return pd.DataFrame(
        {
            "Setting": [one.title for one in found],
            first: [one.first for one in found],
            second: [one.second for one in found],
            "Name in the file": [one.name for one in found],
        }
    )
