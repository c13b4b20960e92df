"""The table of runs: a tick puts one on screen; best, last, time, tags and notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from masklab.compare.scores import best_epochs, column, columns
from masklab.runs.rows import RunRow
from masklab.ui.compare.context import Context
from masklab.ui.compare.curve_data import reports
from masklab.ui.compare.on_screen import tick
from masklab.ui.compare.run_filter import notes_of, tags_of
from masklab.ui.run_words import status_words

KEY, _LISTED = "compare.runs", "compare.runs.listed"
_MOST_ROWS = 12


def run_table(context: Context, listed: Sequence[RunRow]) -> None:
    """Draw the table of the listed runs and what ticks all or none of them."""
    ids = [run.id for run in listed]
    on = [row for row, run_id in enumerate(ids) if run_id in context.shown]
    # A row's place changes with the filters, and ticks with buttons and links: say them anew.
    if (ids, on) != st.session_state.get(_LISTED):
        st.session_state[KEY] = {"selection": {"rows": on, "columns": [], "cells": []}}
        st.session_state[_LISTED] = (ids, on)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_counted(context, listed), width="stretch")
        st.button(
            "Tick all listed", key="compare.tick.all", type="tertiary", icon=":material/check_box:",
            on_click=_tick_all, args=(ids,), disabled=len(on) == len(ids),
        )  # fmt: skip
        st.button(
            "Only these", key="compare.tick.only", type="tertiary", icon=":material/filter_alt:",
            on_click=_only, args=([run.id for run in context.runs], ids),
            disabled=not ids or context.shown == frozenset(ids),
            help="Tick the runs that are listed, and no others.",
        )  # fmt: skip
        st.button(
            "Untick all listed", key="compare.tick.none", type="tertiary",
            icon=":material/check_box_outline_blank:", on_click=_untick, args=(ids,), disabled=not on,
        )  # fmt: skip
    st.dataframe(
        run_frame(context, listed),
        key=KEY,
        hide_index=True,
        placeholder="",
        on_select=_ticked,
        selection_mode="multi-row",
        height=38 + 35 * min(max(len(ids), 1), _MOST_ROWS),
        column_config=_columns(context),
    )


def run_frame(context: Context, listed: Sequence[RunRow]) -> pd.DataFrame:
    """Return a row for each run; its group only where that says more than the strategy."""
    choice, tags, notes = context.choice, tags_of(context), notes_of(context)
    ids = [row.id for row in context.experiments]
    found = reports(ids, columns(choice.cells, choice.metric, choice.units))
    score = column(choice.cells, choice.metric, choice.units)
    best = best_epochs(found, choice.cells, choice.metric, choice.units).set_index("run_id")
    last = found.drop_duplicates("run_id", keep="last").set_index("run_id")[score]
    index = [run.id for run in listed]
    frame = pd.DataFrame(
        {
            "Experiment": [context.names[run.experiment_id] for run in listed],
            "Strategy": [run.strategy for run in listed],
            "Group": [context.groups[run.id] for run in listed],
            "Seed": [run.seed for run in listed],
            "Best": best["score"].reindex(index).to_numpy(),
            "Last": last.reindex(index).to_numpy(),
            "Best at": best["epoch"].astype("Int64").reindex(index).to_numpy(),
            "Seconds": [run.seconds or None for run in listed],
            "Status": [status_words(run) for run in listed],
            "Tags": [tags.get(run.id, []) for run in listed],
            "Note": [notes.get(run.id, "") for run in listed],
        }
    ).astype({"Seed": "int64", "Seconds": "float64", "Best at": "Int64"})
    plain = all(context.groups[run.id] == run.strategy for run in context.runs)
    spare = [*(["Group"] if plain else []), *(["Experiment"] if len(ids) < 2 else [])]
    return frame.drop(columns=spare)


def _counted(context: Context, listed: Sequence[RunRow]) -> str:
    on = sum(run.id in context.shown for run in context.runs)
    return (
        f"{len(listed):,} of {len(context.runs):,} runs listed; {on:,} of {len(context.runs):,} are "
        "ticked, and so on screen and in every number."
    )


def _columns(context: Context) -> dict[str, Any]:
    config, choice = st.column_config, context.choice
    unit = f" ({choice.unit})" if choice.unit else ""
    score = f"{choice.title}{unit}"
    return {
        "Experiment": config.TextColumn(width=130),
        "Strategy": config.TextColumn(width=120),
        "Group": config.TextColumn(width=180, help="The line that the run belongs to."),
        "Seed": config.NumberColumn(width=50),
        "Best": config.NumberColumn(
            f"Best {score}", format="%.4g", width=140, help="At the epoch whose weights were kept."
        ),
        "Last": config.NumberColumn(
            "Last", format="%.4g", width=75, help=f"{score} of its last epoch."
        ),
        "Best at": config.NumberColumn("Best epoch", format="localized", width=85),
        "Seconds": config.NumberColumn(
            "Seconds", format="%.3g", width=75, help="Training time so far, without waiting."
        ),
        "Status": config.TextColumn(width=150),
        "Tags": config.ListColumn(width=130),
        "Note": config.TextColumn(width=200),
    }


def _ticked() -> None:
    ids, _ = st.session_state[_LISTED]
    rows = [row for row in st.session_state[KEY]["selection"]["rows"] if row < len(ids)]
    on = {ids[row] for row in rows}
    tick(on, on=True)
    tick(set(ids) - on, on=False)
    st.session_state[_LISTED] = (ids, sorted(rows))


def _tick_all(ids: list[str]) -> None:
    tick(ids, on=True)


def _untick(ids: list[str]) -> None:
    tick(ids, on=False)


def _only(every: list[str], ids: list[str]) -> None:
    tick(every, on=False)
    tick(ids, on=True)
