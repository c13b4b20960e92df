"""The button that queues the same experiment with more seeds, and brings it into the comparison."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from masklab.compare.seeds import SeedScores, queue_more_seeds
from masklab.runs.executing import ensure_training
from masklab.runs.rows import RunRow
from masklab.runs.timing import slots
from masklab.ui import guard, state
from masklab.ui.compare.context import Context
from masklab.ui.words import about
from masklab.words import counted

_WITH = "compare.with"
"""Where the page's choice of experiments to compare with keeps them, beside the address."""
_START = 6.0
"""Seconds until the first worker has loaded torch."""
_MOST = 100
_USUAL = 3


def train_more(context: Context, gathered: SeedScores) -> None:
    """Draw how many, and the button; runs that are still open are said."""
    family = [run for run in context.runs if run.experiment_id in gathered.joined]
    still = sum(run.is_open for run in family)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        count = st.number_input(
            "More seeds", 1, _MOST, _USUAL, key="compare.more_seeds", width=130,
            persist_state="session",
            help="Each seed trains every strategy of the experiment once more, from other initial "
            "weights and with batches in another order.",
        )  # fmt: skip
        st.button(
            label(context, family, int(count)),
            icon=":material/add:",
            key="compare.train_more",
            help="Queues the same experiment with seeds that it has not had. Its runs join this "
            "comparison as they finish.",
            on_click=_queue,
            args=(context.experiment.id, int(count), sorted({run.seed for run in family})),
        )
    if still:
        st.caption(
            f"{counted(still, 'run')} still to finish: each counts once its partner has too."
        )


def label(context: Context, family: Sequence[RunRow], count: int) -> str:
    """Return the button's words: how many runs it starts and about how long they take."""
    strategies = {run.strategy for run in family if run.experiment_id == context.experiment.id}
    runs = counted(count * len(strategies), "run")
    seconds = _seconds(family, strategies, count)
    took = f", about {about(seconds)}" if seconds else ""
    return f"Train {counted(count, 'more seed')} ({runs}{took})"


def _seconds(family: Sequence[RunRow], strategies: set[str], count: int) -> float:
    """Return how long the runs take at the pace of those that finished; 0 where none has."""
    spent = {
        name: [r.seconds for r in family if r.strategy == name and r.status == "finished"]
        for name in strategies
    }
    means = [sum(taken) / len(taken) for taken in spent.values() if taken]
    if not means:
        return 0.0
    runs = count * len(strategies)
    return _START + runs * sum(means) / len(means) / min(slots(), runs)


def _queue(experiment_id: str, count: int, used: Sequence[int]) -> None:
    with guard.told():
        store = state.store()
        added = queue_more_seeds(store, experiment_id, count, used)
        beside = [one for one in st.query_params.get("with", "").split(",") if one]
        if added not in {*beside, experiment_id}:
            beside.append(added)
            st.query_params["with"] = ",".join(beside)
            st.session_state[_WITH] = beside
        ensure_training(store)
