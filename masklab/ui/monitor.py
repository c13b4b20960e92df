"""Runs as they go on: progress, live curves, a table to stop and restart them."""

from __future__ import annotations

import datetime
import time

import pandas as pd
import streamlit as st

from masklab.charts.live_curves import live_curves
from masklab.runs.executing import ensure_training
from masklab.runs.monitor import Progress, progress
from masklab.runs.rows import RunRow
from masklab.ui import epochs, guard, state
from masklab.ui.markdown import plain
from masklab.ui.theme import ink
from masklab.ui.words import about, counted

REFRESH = 1.5
"""Seconds between two looks at the store while runs go on."""

SILENCE = 600.0
"""Seconds after which a worker that said nothing is named; it says that it lives every few."""

_TITLE = "Validation RMSE (scaled)"


def monitor(experiment_id: str) -> None:
    """Draw an experiment's runs, by themselves anew while any of them is open."""
    is_open = any(run.is_open for run in state.store().runs(experiment_id))
    st.fragment(guard.in_fragment(_monitor), run_every=REFRESH if is_open else None)(
        experiment_id, is_open
    )


def progress_words(now: Progress) -> str:
    """Return how far a set of runs is: "3 of 8 runs finished, about 40 s left"."""
    said = [f"{now.finished} of {counted(now.total, 'run')} finished"]
    if now.failed:
        said.append(f"{now.failed} failed")
    if now.stopped:
        said.append(f"{now.stopped} stopped")
    if now.running and now.seconds_left:
        said.append(f"about {about(now.seconds_left)} left")
    elif now.is_open and not now.running:
        said.append("starting")
    elif now.is_open:
        said.append("working out the time left")
    return ", ".join(said)


def status_words(run: RunRow) -> str:
    """Return a run's status as a sentence would say it."""
    if run.status == "queued":
        return f"waiting{_left(run)}"
    if run.status == "running":
        return _training(run)
    if run.status == "finished":
        at = f" at epoch {run.epoch}" if run.epoch < run.epochs else ""
        return f"finished{at}, {about(run.seconds)}"
    if run.status == "stopped":
        return (
            f"stopped after {counted(run.epoch, 'epoch')}"
            if run.epoch
            else "stopped before its first epoch"
        )
    return f"failed: {run.message}" if run.message else "failed"


def _training(run: RunRow) -> str:
    if run.stopping:
        return "stopping, then waits again" if run.again else "stopping"
    if run.heard is not None and time.time() - run.heard > SILENCE:
        return f"not heard from since {_moment(run.heard)}"
    return f"epoch {min(run.epoch + 1, run.epochs)} of {run.epochs}{_left(run)}"


def _moment(seconds: float) -> str:
    then, now = (datetime.datetime.fromtimestamp(one) for one in (seconds, time.time()))
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%d %b, %H:%M}"


def _left(run: RunRow) -> str:
    return f", {about(run.seconds_left)} left" if run.seconds_left else ""


def queue_frame(runs: list[RunRow]) -> pd.DataFrame:
    """Return the table of runs: one row each, with the verb that its button says."""
    return pd.DataFrame(
        {
            "Strategy": [run.strategy for run in runs],
            "Seed": [run.seed for run in runs],
            "Progress": [_share(run) for run in runs],
            "Status": [status_words(run) for run in runs],
            "Best RMSE": [run.best_score for run in runs],
            "Do": [_verb(run) for run in runs],
        }
    ).astype({"Best RMSE": "float64", "Seed": "int64"})


def act(run: RunRow) -> None:
    """Do what the button of a run says: stop it if it is open, else start it again."""
    store = state.store()
    if run.is_open:
        store.stop(run.id)
    elif run.status != "finished":
        store.retry(run.id)
        ensure_training(store)


def _monitor(experiment_id: str, was_open: bool) -> None:
    runs = state.store().runs(experiment_id)
    now = progress(runs)
    if was_open and not now.is_open:
        st.rerun()
    _head(experiment_id, now)
    _curves(experiment_id, runs)
    _failures(runs)
    _queue(experiment_id, runs)


def _head(experiment_id: str, now: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.is_open:
            st.progress(min(now.share, 1.0), text=progress_words(now), width="stretch")
            if st.button("Stop all", icon=":material/stop_circle:", key="train.stop_all"):
                state.store().stop_all(experiment_id)
                st.rerun()
            return
        st.markdown(f"{progress_words(now)}.".replace("0 of", "None of", 1), width="stretch")
        if now.stopped or now.failed:
            label = f"Start {counted(now.stopped + now.failed, 'run')} again"
            if st.button(label, icon=":material/replay:", key="train.again"):
                _start_again(experiment_id)
                st.rerun()
        if now.finished and st.button(
            "Compare", type="primary", icon=":material/insights:", key="train.compare"
        ):
            st.switch_page("pages/compare.py")


def _start_again(experiment_id: str) -> None:
    store = state.store()
    for run in store.runs(experiment_id):
        if run.status in ("stopped", "failed"):
            store.retry(run.id)
    ensure_training(store)


def _curves(experiment_id: str, runs: list[RunRow]) -> None:
    reports = epochs.reports(experiment_id)
    if reports.empty:
        with st.container(
            border=True, height=380, horizontal_alignment="center", vertical_alignment="center"
        ):
            waiting = any(run.is_open for run in runs)
            st.caption(
                "The first epoch appears here as soon as it is done: a few seconds."
                if waiting
                else "No epoch was finished."
            )
        return
    scores = reports[["strategy", "seed", "epoch"]].assign(score=reports["common_rmse"])
    strategies = list(dict.fromkeys(run.strategy for run in runs))
    chart = live_curves(
        scores, strategies, max(run.epochs for run in runs), title=_TITLE, ink=ink()
    )
    # Streamlit keeps the zoom across new data only for a selection that it listens to.
    st.altair_chart(
        chart, key=f"live.{experiment_id}", on_select="rerun", selection_mode=["zoom"],
        width="stretch", alt="Validation scores by epoch, one line a run",
    )  # fmt: skip
    st.caption(
        "On the common cells. Thick: mean over seeds; thin: single runs. Scroll to zoom, drag to move, double-click to fit."
    )


def _queue(experiment_id: str, runs: list[RunRow]) -> None:
    click = f"train.click.{experiment_id}"

    def clicked() -> None:
        with guard.told():
            act(runs[st.session_state[click]["row"]])

    frame = queue_frame(runs)
    st.dataframe(
        frame if frame["Do"].notna().any() else frame.drop(columns="Do"),
        key=f"queue.{experiment_id}",
        hide_index=True,
        placeholder="",
        height=min(38 + 35 * len(runs), 38 + 35 * 12),
        column_config={
            "Seed": st.column_config.NumberColumn(width=45),
            "Progress": st.column_config.ProgressColumn(format=" ", width=70),
            "Status": st.column_config.TextColumn(width=165),
            "Best RMSE": st.column_config.NumberColumn(
                format="%.4f",
                help="Lowest validation RMSE so far on the common cells, scaled.",
                width=80,
            ),
            "Do": st.column_config.ButtonColumn("", key=click, on_click=clicked, width=75),
        },
    )


def _failures(runs: list[RunRow]) -> None:
    failed = [run for run in runs if run.status == "failed"]
    if not failed:
        return
    said = [
        f"{run.strategy}, seed {run.seed}: {plain(run.message) or 'no reason is known'}"
        for run in failed
    ]
    more = f" And {len(said) - 3} more." if len(said) > 3 else ""
    st.error("  \n".join(said[:3]) + more, icon=":material/error:")


def _share(run: RunRow) -> float:
    if run.status == "finished":
        return 1.0
    return 0.0 if run.status == "queued" else run.epoch / run.epochs


def _verb(run: RunRow) -> str | None:
    if run.is_open:
        return None if run.stopping else "Stop"
    return None if run.status == "finished" else "Restart"
