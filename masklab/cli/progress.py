"""Show runs as they train: a table that redraws itself on a terminal, plain lines elsewhere."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator

import click
from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from masklab.runs.monitor import Progress, progress
from masklab.runs.rows import RunRow

Show = Callable[[list[RunRow]], None]

_MOST_ROWS = 24
_LINE_EVERY = 5.0


@contextlib.contextmanager
def follower(console: Console | None = None) -> Iterator[Show]:
    """Lend a function that shows the present state of the runs; call it often."""
    console = console or Console()
    if not console.is_terminal:
        yield PlainLines()
        return
    with Live(console=console, refresh_per_second=8, transient=False) as live:
        yield lambda runs: live.update(picture(runs))


class PlainLines:
    """Print a line when a run's status changes, and every few seconds while it trains."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, float]] = {}

    def __call__(self, runs: list[RunRow]) -> None:
        """Print what is new."""
        for run in runs:
            status, said_at = self._known.get(run.id, ("queued", 0.0))
            now = time.monotonic()
            due = run.status == "running" and run.epoch > 0 and now - said_at > _LINE_EVERY
            if status == run.status and not due:
                continue
            self._known[run.id] = (run.status, now)
            click.echo(_line(run))


def _line(run: RunRow) -> str:
    words = [f"{run.strategy} seed {run.seed}: {run.status}"]
    if run.epoch:
        words.append(f"epoch {run.epoch} of {run.epochs}")
    if run.best_score is not None:
        words.append(f"best RMSE {run.best_score:.4g}")
    if run.status == "running" and run.seconds_left is not None:
        words.append(f"{duration(run.seconds_left)} left")
    return ", ".join(words) + (f". {run.message}" if run.message else "")


def picture(runs: list[RunRow]) -> Group:
    """Draw the runs with a bar each, and a line that sums them up."""
    table = Table(box=None, pad_edge=False)
    for title in ("strategy", "seed", "state", "", "epoch", "best RMSE", "left", ""):
        right = title in ("seed", "epoch", "best RMSE", "left")
        table.add_column(title, justify="right" if right else "left")
    for run in _shown(runs):
        table.add_row(
            run.strategy,
            str(run.seed),
            "stopping" if run.stopping else run.status,
            ProgressBar(total=run.epochs, completed=_completed(run), width=20),
            f"{run.epoch}/{run.epochs}" if run.epoch else "",
            "" if run.best_score is None else f"{run.best_score:.4g}",
            "" if run.seconds_left is None else duration(run.seconds_left),
            run.message,
        )
    return Group(table, Text(_sum(progress(runs))))


def _shown(runs: list[RunRow]) -> list[RunRow]:
    """Return all runs if they fit, else those that train or failed, then those next in turn."""
    if len(runs) <= _MOST_ROWS:
        return runs
    rank = {"running": 0, "failed": 1, "queued": 2, "stopped": 3, "finished": 4}
    return sorted(runs, key=lambda run: rank[run.status])[:_MOST_ROWS]


def _completed(run: RunRow) -> int:
    return run.epochs if run.status == "finished" else run.epoch


def _sum(now: Progress) -> str:
    counts = {"running": now.running, "queued": now.queued, "finished": now.finished}
    counts |= {"stopped": now.stopped, "failed": now.failed}
    words = [f"{count} {name}" for name, count in counts.items() if count]
    if now.is_open and now.seconds_left is not None:
        words.append(f"about {duration(now.seconds_left)} left")
    return f"{now.total} runs: {', '.join(words)}"


def duration(seconds: float) -> str:
    """Return a duration in its two largest units: '45 s', '3 min 20 s', '2 h 5 min'."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
