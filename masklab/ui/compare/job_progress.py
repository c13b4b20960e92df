"""A computation beside the app, as a page shows it: a button, its progress, or why it failed."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from masklab.compare import jobs
from masklab.ui import guard, state
from masklab.ui.words import about
from masklab.words import plain

REFRESH = 1.0
"""Seconds between two looks at a computation that goes on."""


def job_result(
    experiment_id: str, kind: str, arguments: dict[str, Any], *, label: str, working: str
) -> Any:
    """Return the result if it is there; else draw what leads to it, and return None.

    `label`: of the button that starts it. `working`: what it does, as a sentence without its end.
    """
    job = jobs.job_of(state.store(), experiment_id, kind, arguments)
    if job is not None and job.status == "finished":
        return job.result
    key = f"job.{kind}"
    if job is not None and job.status == "running":
        st.fragment(guard.in_fragment(_progress), run_every=REFRESH)(
            experiment_id, kind, arguments, working
        )
        return None
    if job is not None:
        st.error(f"It did not come to its end. {plain(job.message)}", icon=":material/error:")
    st.button(
        "Try again" if job else label, key=f"{key}.start", type="primary",
        icon=f":material/{'replay' if job else 'play_arrow'}:", on_click=_start,
        args=(experiment_id, kind, arguments),
    )  # fmt: skip
    return None


def _progress(experiment_id: str, kind: str, arguments: dict[str, Any], working: str) -> None:
    job = jobs.job_of(state.store(), experiment_id, kind, arguments)
    if job is None or job.status != "running":
        st.rerun()
    left = job.seconds_left(time.time())
    if not job.began:
        told = "starting, or waiting for another computation"
    else:
        told = "the first scores are on their way" if left is None else f"about {about(left)} left"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.progress(job.done, text=f"{working}: {100 * job.done:.0f} %, {told}", width="stretch")
        st.button(
            "Stop", key=f"job.{kind}.stop", icon=":material/stop_circle:", on_click=_stop,
            args=(experiment_id, kind, arguments),
        )  # fmt: skip


def _start(experiment_id: str, kind: str, arguments: dict[str, Any]) -> None:
    with guard.told():
        jobs.start(state.store(), experiment_id, kind, arguments)


def _stop(experiment_id: str, kind: str, arguments: dict[str, Any]) -> None:
    with guard.told():
        jobs.stop(state.store(), experiment_id, kind, arguments)
