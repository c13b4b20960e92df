"""How long runs still take, from the pace of the epochs so far and the number of slots."""

from __future__ import annotations

import heapq
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

Run = Mapping[str, Any]


def slots() -> int:
    """Return how many runs train at once: the cores that this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def seconds_left(
    runs: Sequence[Any],
    at_once: int | None = None,
    probed: Mapping[str, Mapping[str, float]] | None = None,
) -> dict[str, float]:
    """Return the seconds until each open run ends, for those where the pace is known.

    `runs`: rows of the runs table in queue order. A running one goes on at its own pace; a waiting
    one takes what runs of its strategy took, else what a probe told, else what runs of its
    experiment took, else all, and starts when a slot is free. `probed`: by experiment and strategy,
    seconds an epoch.
    """
    paces = _Paces(runs, probed or {})
    left: dict[str, float] = {}
    ends: list[float] = []
    for run in runs:
        if run["status"] == "running" and (remaining := paces.remaining(run)) is not None:
            left[run["id"]] = remaining
            ends.append(remaining)
    at_once = max(at_once or slots(), len(ends))
    ends += [0.0] * (at_once - len(ends))
    heapq.heapify(ends)
    for run in runs:
        if run["status"] != "queued":
            continue
        remaining = paces.remaining(run)
        if remaining is None:
            return left
        left[run["id"]] = heapq.heappop(ends) + remaining
        heapq.heappush(ends, left[run["id"]])
    return left


class _Paces:
    """Mean seconds per epoch and epochs per finished run, by strategy, by experiment, over all."""

    def __init__(self, runs: Sequence[Any], probed: Mapping[str, Mapping[str, float]]) -> None:
        self._probed = probed
        self._pace: dict[tuple[str, ...], list[float]] = {}
        self._length: dict[str, list[float]] = {}  # of what has finished: epochs, runs
        for run in runs:
            if run["epoch"] > 0:
                for key in self._keys(run):
                    totals = self._pace.setdefault(key, [0.0, 0.0])
                    totals[0] += run["seconds"]
                    totals[1] += run["epoch"]
            if run["status"] == "finished":  # early stopping: epochs are a bound, not a plan
                lengths = self._length.setdefault(run["experiment_id"], [0.0, 0.0])
                lengths[0] += run["epoch"]
                lengths[1] += 1

    @staticmethod
    def _keys(run: Any) -> tuple[tuple[str, ...], ...]:
        return (run["experiment_id"], run["strategy"]), (run["experiment_id"],), ()

    def remaining(self, run: Any) -> float | None:
        own = run["status"] == "running" and run["epoch"] > 0
        if own:
            pace = run["seconds"] / run["epoch"]
        else:
            known = self._known(run)
            if known is None:
                return None
            pace = known
        return float(pace * max(1.0, self._expected(run) - run["epoch"]))

    def _known(self, run: Any) -> float | None:
        """Return the pace of other runs, the nearest first, a probe between strategy and experiment."""
        strategy, *others = self._keys(run)
        if strategy in self._pace:
            seconds, epochs = self._pace[strategy]
            return seconds / epochs
        probed = self._probed.get(run["experiment_id"], {}).get(run["strategy"])
        if probed:
            return probed
        totals = next((self._pace[key] for key in others if key in self._pace), None)
        return None if totals is None else totals[0] / totals[1]

    def _expected(self, run: Any) -> float:
        lengths = self._length.get(run["experiment_id"])
        return lengths[0] / lengths[1] if lengths else float(run["epochs"])
