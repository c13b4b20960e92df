"""Under other masks: trained once, scored under any mask; and whether missingness is informative."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.charts.cross_matrix import cross_matrix
from masklab.charts.degradation import degradation
from masklab.compare import other_masks
from masklab.compare.other_masks import Asked, Column
from masklab.runs.rows import RunRow
from masklab.ui import state
from masklab.ui.compare.context import Context
from masklab.ui.compare.informative import informative
from masklab.ui.compare.job_progress import job_result
from masklab.ui.compare.mask_choice import chosen_masks, keep_choice
from masklab.ui.compare.mask_words import (
    cells_words,
    cross_words,
    leaks,
    left_out_words,
    mask_name,
)
from masklab.ui.score_choice import ScoreChoice
from masklab.ui.theme import ink
from masklab.ui.words import about

_CONFIG = {"displaylogo": False, "modeBarButtonsToRemove": ["select2d", "lasso2d"]}
_OF_EPOCH, _START = 0.3, 4.0
"""To score takes about so much of an epoch's time, and so many seconds to begin with."""


def show(context: Context) -> None:
    """Draw the matrix and curves of scores under other masks, then the question on missingness."""
    finished = [run for run in context.runs if run.status == "finished"]
    if not finished:
        st.info(
            "Scoring under other masks needs a run that has finished: it takes the weights as they are "
            "and hides other cells of the validation windows. Wait for one, or start some on the Train page."
        )
        return
    experiment = state.store().experiment(context.experiment.id)
    st.markdown(
        "**Trained under one mask, scored under another.** The weights stay as they are; only what the "
        "networks may read in the validation windows changes."
    )
    columns = chosen_masks(context, experiment)
    if columns:
        _scores(context, finished, columns)
    else:
        st.caption("Choose a mask or a generator to score under.")
    st.divider()
    informative(context, experiment)


def _scores(context: Context, finished: list[RunRow], columns: list[Column]) -> None:
    others = tuple(row.id for row in context.experiments[1:])
    asked = Asked(
        masks=tuple(columns), runs=tuple(run.id for run in finished), experiments=others
    ).arguments()
    seconds = _START + _OF_EPOCH * len(columns) * sum(
        run.seconds / max(run.epoch, 1) for run in finished
    )
    count = len(columns) * len(finished)
    result = job_result(
        context.experiment.id, "cross", asked,
        label=f"Score {len(finished):,} run{'s' if len(finished) > 1 else ''} under "
        f"{len(columns)} mask{'s' if len(columns) > 1 else ''}, about {about(seconds)}",
        working=f"Scoring {count:,} times, without training",
    )  # fmt: skip
    keep_choice(context.experiment.id)
    if result is None:
        return
    shown = {**result, "rows": [one for one in result["rows"] if one["run"] in context.shown]}
    for told in left_out_words(shown["rows"]):
        st.warning(told, icon=":material/block:")
    choice = context.choice
    found = other_masks.table(shown, choice.metric, choice.units)
    naive = other_masks.naive_table(shown, choice.metric, choice.units)
    if found.empty:
        st.info("None of the runs on screen has scores here. Show some in the part “Runs”.")
        return
    found = found.assign(row=_rows(context, found))
    _draw(found, naive, choice, columns)
    st.caption(cells_words(shown, len({run.strategy for run in finished})))
    name = f"masklab-{context.experiment.id[:6]}-under-other-masks"
    st.download_button(
        "Scores as CSV", found.drop(columns="row").to_csv(index=False).encode(), f"{name}.csv",
        "text/csv", on_click="ignore", icon=":material/download:", key="compare.masks.csv",
    )  # fmt: skip


def _draw(
    found: pd.DataFrame, naive: pd.DataFrame, choice: ScoreChoice, columns: list[Column]
) -> None:
    metric = f"{choice.title}{f' ({choice.unit})' if choice.unit else ''}"
    st.markdown(cross_words(found, naive, choice.metric.upper()))
    st.plotly_chart(
        cross_matrix(found, naive, metric=metric, ink=ink()), key="compare.masks.matrix",
        width="stretch", config=_CONFIG,
        alt="Heat map of scores: strategies as trained by the mask that they are scored under",
    )  # fmt: skip
    families = list(dict.fromkeys(one.family for one in columns if one.family))
    if not families:
        return
    family = families[0]
    if len(families) > 1:
        st.session_state.setdefault("compare.masks.family", family)
        chosen = st.segmented_control(
            "Curve of", families, format_func=other_masks.family_title, required=True,
            key="compare.masks.family", persist_state="session",
        )  # fmt: skip
        family = chosen if chosen in families else family
    st.plotly_chart(
        degradation(
            other_masks.of_family(found, family), other_masks.of_family(naive, family),
            metric=metric, ink=ink(),
        ),
        key=f"compare.masks.curve.{family}", width="stretch", config=_CONFIG,
        alt="Score against the share hidden, a line a strategy, naive baselines dashed",
    )  # fmt: skip
    st.caption(
        f"{other_masks.family_title(family)}. Line: mean over seeds; band: lowest to highest seed. One "
        "draw of the mask at each rate, the same for all; a higher rate keeps what a lower one hid."
    )


def _rows(context: Context, found: pd.DataFrame) -> list[str]:
    """Return how each row is called: by its strategy, and its mask where experiments differ."""
    names = {row.id: f", {mask_name(row, context)}" for row in context.experiments}
    several = len(context.experiments) > 1
    return [
        f"{strategy}{names[identity] if several else ''}"
        f"{', sees hidden values' if leaks(strategy) else ''}"
        for strategy, identity in zip(found["strategy"], found["experiment"], strict=True)
    ]
