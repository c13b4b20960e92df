"""How far a set of runs has come, in the few numbers that a sidebar or a terminal shows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from masklab.runs.rows import STATUSES, RunRow


@dataclass(frozen=True)
class Progress:
    """Counts of runs by status; epochs done and to do; seconds until the last one ends.

    A run that has ended counts all of its epochs as done, however early it ended. `seconds_left` is
    None while the pace of a waiting run isn't known, and 0 when nothing is open.
    """

    queued: int
    running: int
    finished: int
    stopped: int
    failed: int
    paused: int
    epochs_done: int
    epochs: int
    seconds_left: float | None

    @property
    def total(self) -> int:
        """Number of runs."""
        return sum(getattr(self, status) for status in STATUSES)

    @property
    def is_open(self) -> bool:
        """Whether a run still waits or trains."""
        return bool(self.queued or self.running)

    @property
    def share(self) -> float:
        """Share of the epochs that are done, 0 to 1."""
        return self.epochs_done / self.epochs if self.epochs else 1.0


def progress(runs: Sequence[RunRow]) -> Progress:
    """Sum up runs, of one experiment or of all."""
    counts = Counter(run.status for run in runs)
    waits = [run.seconds_left for run in runs if run.is_open]
    known = [wait for wait in waits if wait is not None]
    return Progress(
        queued=counts["queued"],
        running=counts["running"],
        finished=counts["finished"],
        stopped=counts["stopped"],
        failed=counts["failed"],
        paused=counts["paused"],
        epochs_done=sum(_done(run) for run in runs),
        epochs=sum(run.epochs for run in runs),
        seconds_left=max(known, default=0.0) if len(known) == len(waits) else None,
    )


def _done(run: RunRow) -> int:
    return run.epochs if run.status in {"finished", "stopped", "failed"} else run.epoch
