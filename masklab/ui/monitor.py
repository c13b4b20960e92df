"""Runs as they go on: progress, live curves, a table to stop and restart them."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from masklab.charts.live_curves import live_curves
from masklab.runs.monitor import Progress, progress
from masklab.runs.rows import ExperimentRow, RunRow
from masklab.ui import epochs, guard, state
from masklab.ui.run_actions import STOP_HELP, act
from masklab.ui.run_words import progress_words, status_words
from masklab.ui.theme import ink
from masklab.ui.words import about
from masklab.words import counted, plain

REFRESH = 1.5
"""Seconds between two looks at the store while runs go on."""

_TITLE = "Validation RMSE (scaled)"
_ACTIONS = {"Stop": "stop", "Resume": "resume", "Restart": "again"}


def monitor(experiment_id: str) -> None:
    """Draw an experiment's runs, by themselves anew while any of them is open."""
    found = row_of(experiment_id)
    is_open = found is not None and found.is_open
    st.fragment(guard.in_fragment(_monitor), run_every=REFRESH if is_open else None)(
        experiment_id, is_open
    )


def row_of(experiment_id: str) -> ExperimentRow | None:
    """Return an experiment's counts; None if it is gone."""
    return next((row for row in state.store().experiments() if row.id == experiment_id), None)


def queue_frame(runs: list[RunRow]) -> pd.DataFrame:
    """Return the table of runs: one row each, with the verb that its button says."""
    return pd.DataFrame(
        {
            "Strategy": [run.strategy for run in runs],
            "Seed": [run.seed for run in runs],
            "Progress": [_share(run) for run in runs],
            "Status": [f"{status_words(run)}{_left(run)}" for run in runs],
            "Best RMSE": [run.best_score for run in runs],
            "Do": [_verb(run) for run in runs],
        }
    ).astype({"Best RMSE": "float64", "Seed": "int64"})


def _left(run: RunRow) -> str:
    return f", {about(run.seconds_left)} left" if run.seconds_left else ""


def _monitor(experiment_id: str, was_open: bool) -> None:
    runs = state.store().runs(experiment_id)
    now = progress(runs)
    if was_open and not now.is_open:
        st.rerun()
    _head(experiment_id, runs, now)
    _curves(experiment_id, runs)
    _failures(runs)
    _queue(experiment_id, runs)


def _head(experiment_id: str, runs: list[RunRow], now: Progress) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if now.is_open:
            st.progress(min(now.share, 1.0), text=progress_words(now), width="stretch")
            if st.button("Pause all", icon=":material/pause:", key="train.pause_all"):
                state.store().pause_all(experiment_id)
                st.rerun()
            if st.button(
                "Stop all", icon=":material/stop_circle:", key="train.stop_all", help=STOP_HELP
            ):
                state.store().stop_all(experiment_id)
                st.rerun()
            return
        st.markdown(f"{progress_words(now)}.".replace("0 of", "None of", 1), width="stretch")
        if now.paused:
            _do(
                "Resume", "resume", "play_arrow", [run.id for run in runs if run.status == "paused"]
            )
        if now.stopped or now.failed:
            ended = [run.id for run in runs if run.status in {"stopped", "failed"}]
            _do("Start", "again", "replay", ended, " again")
        if now.finished and st.button(
            "Compare", type="primary", icon=":material/insights:", key="train.compare"
        ):
            st.switch_page("pages/compare.py")


def _do(verb: str, action: str, icon: str, run_ids: list[str], after: str = "") -> None:
    """Draw a button for something to do with the runs that have come to a halt."""
    label = f"{verb} {counted(len(run_ids), 'run')}{after}"
    if st.button(label, icon=f":material/{icon}:", key=f"train.{action}"):
        act(action, run_ids)
        st.rerun()


def _curves(experiment_id: str, runs: list[RunRow]) -> None:
    reports = epochs.reports(experiment_id, ["common_rmse"])
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
        run = runs[st.session_state[click]["row"]]
        verb = _verb(run)
        if verb is not None:
            act(_ACTIONS[verb], [run.id])

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
    return 1.0 if run.status == "finished" else run.epoch / run.epochs


def _verb(run: RunRow) -> str | None:
    if run.is_open:
        return None if run.stopping or run.pausing else "Stop"
    return {"paused": "Resume", "finished": None}.get(run.status, "Restart")
