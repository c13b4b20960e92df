"""Is missingness informative? One click trains on the mask alone, the values alone, and both."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.compare import informative as question
from masklab.compare.certainty import number
from masklab.compare.informative import MEMBERS, Found
from masklab.errors import MaskLabError
from masklab.runs.executing import ensure_training
from masklab.runs.monitor import progress
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.ui import guard, state
from masklab.ui.compare.context import Context
from masklab.ui.run_words import progress_words
from masklab.ui.score_choice import ScoreChoice
from masklab.ui.words import about
from masklab.words import plain

REFRESH = 1.5


def informative(context: Context, experiment: Experiment) -> None:
    """Draw the question, what leads to its answer, and the answer."""
    st.markdown(
        "**Is missingness informative?** Three networks, alike but for what they read: the mask alone, "
        "the values alone, both."
    )
    asked = question.experiment_of(experiment)
    rows = {row.id: row for row in state.store().experiments()}
    row = rows.get(asked.hash)
    if row is None:
        seconds = [run.seconds for run in context.runs if run.status == "finished"]
        runs = len(asked.runs())
        takes = f", about {about(runs * sum(seconds) / len(seconds))}" if seconds else ""
        st.button(
            f"Train {runs} runs{takes}", key="compare.informative", icon=":material/play_arrow:",
            on_click=_start, args=(asked,),
            help="An experiment of its own: this one's data, mask, split, network and seeds.",
        )  # fmt: skip
        return
    st.fragment(guard.in_fragment(_answer), run_every=REFRESH if row.is_open else None)(
        row.id, context.choice, row.is_open
    )


def _answer(identity: str, choice: ScoreChoice, was_open: bool) -> None:
    store = state.store()
    runs = store.runs(identity)
    now = progress(runs)
    if was_open and not now.is_open:
        st.rerun()
    if now.is_open:
        st.progress(min(now.share, 1.0), text=progress_words(now))
    ended = [run for run in runs if run.status in ("failed", "stopped")]
    if ended and not now.is_open:
        why = next((run.message for run in ended if run.message), "they were stopped.")
        st.error(
            f"{len(ended)} of {len(runs)} runs did not finish: {plain(why)}",
            icon=":material/error:",
        )
        st.button(
            "Try again", key="compare.informative.again", icon=":material/replay:", on_click=_again,
            args=([run.id for run in ended],),
        )  # fmt: skip
    try:
        done = sum(run.status == "finished" for run in runs)
        found = _found(store, str(store.directory), identity, done, choice)
    except MaskLabError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    if found is None:
        return
    if not now.is_open:
        st.markdown(question.in_words(found))
    st.dataframe(
        _table(found, choice), hide_index=True, width="content", key="compare.informative.table"
    )
    st.caption(
        f"{choice.title}{f' ({plain(choice.unit)})' if choice.unit else ''} over the same "
        f"{found.cells:,} validation cells, mean ± standard deviation over seeds; differences are paired "
        "by seed. Against the best constant, predictions are first moved to the level that fits best, as "
        "the constant is. A mask that follows the clock tells the hour, and counts as informative too."
    )
    if st.button("Open this experiment", key="compare.informative.open", type="tertiary"):
        st.query_params["experiment"] = identity
        st.session_state["compare.experiment"] = identity
        guard.save(lambda present: present.model_copy(update={"experiment_id": identity}))
        st.rerun()


@st.cache_resource(show_spinner=False, max_entries=16)
def _found(
    _store: Store, directory: str, identity: str, done: int, choice: ScoreChoice
) -> Found | None:
    return question.found(_store, identity, choice.metric, choice.units)


def _table(found: Found, choice: ScoreChoice) -> pd.DataFrame:
    metric = choice.metric.upper()
    rows = [
        {
            "Trained on": f"{title} ({kind})",
            metric: _spread(found.scores[kind]),
            "Against the best constant": _percent(1 - found.centred[kind] / found.constant),
            "Against the values alone": ""
            if kind == question.VALUES
            else _percent(1 - found.scores[kind] / found.scores[question.VALUES]),
            "Seeds": str(int(found.scores[kind].count())),
        }
        for kind, title in MEMBERS.items()
    ]
    naive = [
        {
            "Trained on": "nothing: the training mean",
            metric: number(found.mean),
        },
        {
            "Trained on": "nothing: the best constant",
            metric: number(found.constant),
        },
    ]
    return pd.DataFrame([*rows, *naive]).fillna("")


def _spread(scores: pd.Series) -> str:
    known = scores.dropna()
    if known.empty:
        return "—"
    return number(known.mean()) + (f" ± {known.std():.2g}" if len(known) > 1 else "")


def _percent(gains: pd.Series) -> str:
    known = gains.dropna()
    if known.empty:
        return "—"
    spread = f" ± {100 * known.std():.1f}" if len(known) > 1 else ""
    word = "better" if known.mean() > 0 else "worse"
    return f"{100 * abs(known.mean()):.1f}{spread} % {word}"


def _start(asked: Experiment) -> None:
    with guard.told():
        store = state.store()
        store.add_experiment(asked, store.directory)
        ensure_training(store)


def _again(run_ids: list[str]) -> None:
    with guard.told():
        state.store().retry(*run_ids)
        ensure_training(state.store())
