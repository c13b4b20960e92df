"""How everything here is timed: contestants take turns in one process, ratios are told."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median as middle

from benchmarks.report import Row

Job = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """Milliseconds of processor time that one contestant's passes took.

    Processor time is wall time on a machine that does nothing else, and leaves out what others do
    on one that does. The fastest pass is the least disturbed.
    """

    milliseconds: tuple[float, ...]

    @property
    def fastest(self) -> float:
        """The shortest pass."""
        return min(self.milliseconds)

    @property
    def median(self) -> float:
        """The middle pass."""
        return middle(self.milliseconds)


def interleaved(jobs: Mapping[str, Job], turns: int, seconds: float = 0.0) -> dict[str, Times]:
    """Time all jobs by turns: at least `turns` passes of each, more until `seconds` are over.

    Each goes once beforehand, untimed: what is built, compiled or cached is there for all.
    """
    for job in jobs.values():
        job()
    taken: dict[str, list[float]] = {name: [] for name in jobs}
    end, done = time.perf_counter() + seconds, 0
    while done < turns or time.perf_counter() < end:
        for name, job in jobs.items():
            began = time.process_time()
            job()
            taken[name].append(1000 * (time.process_time() - began))
        done += 1
    return {name: Times(tuple(one)) for name, one in taken.items()}


def ratios(times: Mapping[str, Times], unit: str) -> Row:
    """Return each contestant's fastest pass relative to the unit's, and the same of the medians.

    The unit itself is left out; its milliseconds come first. Keys of medians start with "median ",
    and are for the JSON file: tables leave them out.
    """
    one = times[unit]
    others = {name: other for name, other in times.items() if name != unit}
    return {
        f"{unit} ms": one.fastest,
        **{name: other.fastest / one.fastest for name, other in others.items()},
        **{f"median {name}": other.median / one.median for name, other in others.items()},
    }


def ranking(times: Mapping[str, Times], unit: str) -> tuple[Row, ...]:
    """Return a row for each contestant with its cost relative to the unit's, the unit first."""
    one = times[unit]
    return tuple(
        {
            "what": name,
            "ms": other.fastest,
            "cost": other.fastest / one.fastest,
            "median cost": other.median / one.median,
        }
        for name, other in times.items()
    )
