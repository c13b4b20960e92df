"""What pages say of runs: how far a set of them is, and where one of them stands."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Callable

from masklab.runs.monitor import Progress
from masklab.runs.rows import RunRow, Status
from masklab.ui.words import about, ordinal
from masklab.words import counted

SILENCE = 600.0
"""Seconds after which a worker that said nothing is named; it says that it lives every few."""

TRYING = "trying out how long it takes"
_HALVED = re.compile(r"^Stopped by successive halving: (\w+ of \d+)")


def progress_words(now: Progress) -> str:
    """Return how far a set of runs is: "3 of 8 runs finished, about 40 s left"."""
    said = [f"{now.finished} of {counted(now.total, 'run')} finished"]
    others = ("paused", "failed", "stopped")
    said += [f"{count:,} {name}" for name in others if (count := getattr(now, name))]
    if now.is_open:
        said.append(time_left(now))
    return ", ".join(said)


def counts_words(now: Progress) -> str:
    """Return how many runs stand where: "2 training, 5 waiting, 1 failed"."""
    names = {"running": "training", "queued": "waiting", "paused": "paused", "failed": "failed"}
    said = [f"{count:,} {word}" for name, word in names.items() if (count := getattr(now, name))]
    return ", ".join(said)


def time_left(now: Progress) -> str:
    """Return how long open runs take: "about 40 s left", or what is done to know it."""
    if now.seconds_left is None:
        return TRYING
    return f"about {about(now.seconds_left)} left" if now.seconds_left else "ending"


def status_words(run: RunRow) -> str:
    """Return a run's status as a sentence would say it."""
    said: dict[Status, Callable[[RunRow], str]] = {
        "queued": _waiting,
        "running": _training,
        "paused": lambda one: f"paused {_after(one)}",
        "stopped": _stopped,
        "finished": _finished,
        "failed": lambda one: f"failed: {one.message}" if one.message else "failed",
    }
    return said[run.status](run)


def _finished(run: RunRow) -> str:
    at = f" at epoch {run.epoch}" if run.epoch < run.epochs else ""
    return f"finished{at}, {about(run.seconds)}"


def _stopped(run: RunRow) -> str:
    halved = _HALVED.match(run.message)
    if halved:
        return f"stopped by halving at epoch {run.epoch}: {halved[1]}"
    return f"stopped {_after(run)}"


def _waiting(run: RunRow) -> str:
    if run.rung:
        return f"waits for the other strategies at epoch {run.rung}"
    turn = f"waiting, {ordinal(run.turn)} in turn" if run.turn else "waiting"
    return f"{turn}, goes on after epoch {run.epoch}" if run.epoch else turn


def _training(run: RunRow) -> str:
    if run.pausing:
        return "pausing"
    if run.stopping:
        return "stopping, then waits again" if run.again else "stopping"
    if run.heard is not None and time.time() - run.heard > SILENCE:
        return f"not heard from since {moment(run.heard)}"
    return f"epoch {min(run.epoch + 1, run.epochs):,} of {run.epochs:,}"


def _after(run: RunRow) -> str:
    return f"after {counted(run.epoch, 'epoch')}" if run.epoch else "before its first epoch"


def moment(seconds: float) -> str:
    """Return a time of this machine's clock, with its day if that isn't today."""
    then, now = (datetime.datetime.fromtimestamp(one) for one in (seconds, time.time()))
    return f"{then:%H:%M}" if then.date() == now.date() else f"{then:%d %b, %H:%M}"


def pace(run: RunRow) -> str:
    """Return how long an epoch takes: "0.4 s an epoch"; empty before the first."""
    return f"{run.seconds / run.epoch:.2g} s" if run.epoch else ""


def place(run: RunRow) -> str:
    """Return where a run trains or did: its device, and the machine if that is another one."""
    device = {"cpu": "CPU", "mps": "Apple GPU"}.get(run.device, run.device.replace("cuda", "GPU"))
    return f"{device}, {run.host}" if run.host else device


def size(count: float) -> str:
    """Return bytes as people read them: "240 MB", "1.2 GB"."""
    return f"{count / 1e9:.3g} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
