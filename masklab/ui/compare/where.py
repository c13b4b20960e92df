"""Where the error sits: by what stands around the predicted cells, and the worst windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import streamlit as st
from jaxtyping import Float64

from masklab.charts.region_errors import region_errors
from masklab.charts.worst_windows import worst_windows
from masklab.compare.errors_by_region import Factor, by_region, factors_of, reach
from masklab.compare.validation_cells import ValidationCells, load
from masklab.compare.worst_windows import window_of, worst
from masklab.errors import MaskLabError
from masklab.runs.store import Store
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.where_words import TITLES, axis_title, explanation, rises
from masklab.ui.theme import ink, scheme
from masklab.words import plain

Predicted = Mapping[str, Sequence[Float64[np.ndarray, "cell"]]]

WINDOWS = 4
_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
_ORDERED = ("gap", "distance", "hour", "weekday")


def show(context: Context) -> None:
    """Draw the errors of the chosen experiment's runs on screen, by one factor, and the worst windows."""
    identity = context.experiment.id
    runs = [
        run for run in context.runs if run.experiment_id == identity and run.status == "finished"
    ]
    if not runs:
        st.info(
            "This needs a run that has finished: its predictions for the validation windows are then "
            "kept, and stand here cell by cell. Wait for one, or start some on the Train page."
        )
        return
    try:
        cells, by_run = _loaded(
            state.store(), str(state.store().directory), identity, tuple(run.id for run in runs)
        )
    except MaskLabError as error:
        st.warning(plain(str(error)), icon=":material/block:")
        return
    predicted: dict[str, list[Float64[np.ndarray, "cell"]]] = {}
    for run in runs:
        if run.id in by_run and run.id in context.shown:
            predicted.setdefault(run.strategy, []).append(by_run[run.id])
    if not predicted or not len(cells):
        st.info(
            "None of this experiment's finished runs is on screen. Show some in the part “Runs”."
        )
        return
    if len(context.experiments) > 1:
        st.caption(f"Of {plain(context.experiment.name)} alone: cells differ between experiments.")
    _by_factor(context, cells, predicted)
    _worst(context, cells, predicted)


@st.cache_resource(show_spinner="Reading predictions", max_entries=4)
def _loaded(
    _store: Store, directory: str, identity: str, run_ids: tuple[str, ...]
) -> tuple[ValidationCells, dict[str, Float64[np.ndarray, "cell"]]]:
    runs = [run for run in _store.runs(identity) if run.id in set(run_ids)]
    return load(_store, identity, runs)


def _by_factor(context: Context, cells: ValidationCells, predicted: Predicted) -> None:
    factors = factors_of(cells)
    key = "compare.where.by"
    asked = st.query_params.get("error_by")
    st.session_state.setdefault(key, asked if asked in factors else "distance")
    chosen = st.segmented_control(
        "Error by", factors, format_func=TITLES.__getitem__, required=True, key=key,
        persist_state="session",
    )  # fmt: skip
    factor: Factor = chosen if chosen in factors else "distance"
    if factor == "distance":
        st.query_params.pop("error_by", None)
    else:
        st.query_params["error_by"] = factor
    choice = context.choice
    table = by_region(cells, predicted, factor, metric=choice.metric, units=choice.units)
    metric = f"{choice.title}{f' ({choice.unit})' if choice.unit else ''}"
    st.markdown(rises(table, factor, choice.metric.upper()))
    st.plotly_chart(
        region_errors(
            table, axis_title(factor, cells), metric=metric, ink=ink(), ordered=factor in _ORDERED
        ),
        key=f"compare.where.{factor}", width="stretch", config=_CONFIG,
        alt=f"Score by {TITLES[factor].lower()}, with the number of cells under it",
    )  # fmt: skip
    st.caption(explanation(factor, cells, reach(cells)))
    st.download_button(
        "Errors as CSV", table.to_csv(index=False).encode(),
        f"masklab-{context.experiment.id[:6]}-errors-by-{factor}.csv", "text/csv", on_click="ignore",
        icon=":material/download:", key="compare.where.csv",
    )  # fmt: skip


def _worst(context: Context, cells: ValidationCells, predicted: Predicted) -> None:
    names = list(predicted)
    first = context.baseline if context.baseline in names else names[0]
    key = "compare.where.of"
    if st.session_state.get(key) not in names:
        st.session_state[key] = first
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        st.markdown("**The windows that are predicted worst**")
        chosen = st.selectbox(
            "Worst for", names, key=key, persist_state="session", width=220,
            help="Whose error ranks the windows, over all seeds; the others are drawn beside it.",
        )  # fmt: skip
    strategy = str(chosen or first)
    found = [
        window_of(cells, predicted, window, strategy)
        for window in worst(cells, predicted[strategy], WINDOWS)
    ]
    st.plotly_chart(
        worst_windows(cells.panel, found, ink=ink(), scheme=scheme()), key="compare.where.worst",
        width="stretch", config=_CONFIG,
        alt="The windows with the largest errors: truth, predictions of each strategy, steps not read",
    )  # fmt: skip
    st.caption(
        f"The {len(found)} windows of {len(cells.start):,} with the largest error of {plain(strategy)} "
        "that do not overlap, each in the channel that is worst there. Predictions: mean over seeds, "
        "on the scored cells. Washed, with a tick: steps that could not be read. "
        + ("Dotted: where the forecast begins." if cells.horizon else "")
    )
