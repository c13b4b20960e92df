"""The runs that there is still something to do about, and which failures nobody has looked at."""

from __future__ import annotations

import time
from collections.abc import Sequence

from masklab.runs.rows import RunRow
from masklab.ui import state

_RECENT = 86_400.0
"""Seconds for which an experiment with a stopped or failed run stays in view."""
_LOOKED = "runs_looked_at"


def present() -> list[RunRow]:
    """Return the runs of experiments with anything open, paused, or stopped or failed of late."""
    return state.store().present(time.time() - _RECENT)


def going(runs: Sequence[RunRow]) -> list[RunRow]:
    """Return the runs of experiments in which a run waits or trains."""
    ids = {run.experiment_id for run in runs if run.is_open}
    return [run for run in runs if run.experiment_id in ids]


def unseen(runs: Sequence[RunRow]) -> list[RunRow]:
    """Return the runs that failed since somebody last looked at the list of runs."""
    failed = [run for run in runs if run.status == "failed"]
    if not failed:
        return []
    looked = state.store().setting(_LOOKED) or 0.0
    return [run for run in failed if (run.ended or 0.0) > looked]


def looked_at(runs: Sequence[RunRow]) -> None:
    """Remember that these runs were looked at; written only where it makes a difference."""
    news = unseen(runs)
    if news:
        state.store().set_setting(_LOOKED, max(run.ended or 0.0 for run in news))
