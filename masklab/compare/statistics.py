"""How sure a difference between strategies is: paired over seeds, with an interval and a verdict."""

from __future__ import annotations

import math
from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import pandas as pd

from masklab.compare.intervals import LEVEL, Location, locate
from masklab.compare.student import quantile
from masklab.errors import ExperimentError

Verdict = Literal["better", "worse", "same", "unclear", "few"]
"""`same`: equal to the last digit for every seed. `few`: under `ENOUGH` seeds. `unclear`: the
interval holds 0. Both of these mean that the seeds are not enough to tell."""

ENOUGH = 3
"""With fewer seeds nothing is called better or worse."""

POWER = 0.8
"""How probable it is to be that the seeds named by `seeds_to_tell` tell."""

MOST = 100
"""More seeds than these are named to nobody."""


@dataclass(frozen=True)
class Difference:
    """A strategy's score less the baseline's, seed by seed; below 0 is better.

    `seeds`, `values`: the pairs. `left_out`: seeds that only one of the two has a score for. `mean`,
    `std` (of a sample), `low`, `high` (interval at `LEVEL`): in the unit of the score.
    `probability`: that the strategy is better on average over seeds, NaN where nothing differs or
    only one seed is known. `reference`: the baseline's mean score over the pairs. `more`: how many more seeds would probably tell; None where they tell
    already, where nothing can be said, or where it would take more than `MOST`.
    """

    strategy: str
    baseline: str
    seeds: tuple[int, ...]
    values: tuple[float, ...]
    left_out: int
    reference: float
    mean: float
    std: float
    low: float
    high: float
    probability: float
    verdict: Verdict
    more: int | None

    @property
    def n(self) -> int:
        """Number of seeds that both have."""
        return len(self.seeds)

    @property
    def tells(self) -> bool:
        """Whether the seeds are enough to say better, worse or the same."""
        return self.verdict in {"better", "worse", "same"}


def differences(
    scores: pd.DataFrame, baseline: str, level: float | None = None
) -> tuple[Difference, ...]:
    """Return each strategy's difference from a baseline, in the order of `scores`.

    `scores`: strategy, seed, score, one row a run; NaN is no score. `level`: the baseline's score
    where it has no seeds, as a naive one. Raises `ExperimentError` for an unknown baseline.
    """
    known = scores.dropna(subset="score")
    names = [name for name in dict.fromkeys(known["strategy"]) if name != baseline]
    by_seed = {
        str(name): dict(zip(mine["seed"], mine["score"], strict=True))
        for name, mine in known.groupby("strategy", sort=False)
    }
    if level is None and baseline not in by_seed:
        raise ExperimentError(
            f"The strategy {baseline!r} has no score to compare with; "
            f"{', '.join(by_seed) or 'none'} has. Choose another baseline, or wait for its runs."
        )
    return tuple(
        _difference(
            name,
            baseline,
            by_seed[name],
            dict.fromkeys(by_seed[name], level) if level is not None else by_seed[baseline],
        )
        for name in names
    )


def seeds_to_tell(mean: float, std: float) -> int | None:
    """Return how many seeds tell, with the chance `POWER`, that a mean difference isn't 0.

    It takes mean and standard deviation as they are: a rough answer. None if more than `MOST` +
    `ENOUGH` would be needed, or nothing differs.
    """
    if not (mean and std > 0):
        return None

    def tell(count: int) -> bool:
        reach = quantile((1 + LEVEL) / 2, count - 1) + quantile(POWER, count - 1)
        return reach * std / math.sqrt(count) <= abs(mean)

    counts = range(ENOUGH, ENOUGH + MOST + 1)
    place = bisect_left(counts, True, key=tell)
    return counts[place] if place < len(counts) else None


def _difference(
    strategy: str, baseline: str, mine: dict[int, float], other: dict[int, float]
) -> Difference:
    seeds = tuple(sorted(mine.keys() & other.keys()))
    values = tuple(float(mine[seed] - other[seed]) for seed in seeds)
    place = _place(values)
    verdict = _verdict(values, place)
    unsure = verdict in {"unclear", "few"}
    reference = float(np.mean([other[seed] for seed in seeds])) if seeds else math.nan
    return Difference(
        strategy, baseline, seeds, values, len(mine.keys() ^ other.keys()), reference,
        place.mean, place.std, place.low, place.high,
        math.nan if verdict == "same" else place.below,
        verdict, _more(place, len(seeds)) if unsure else None,
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _place(values: tuple[float, ...]) -> Location:
    return locate(np.array(values, dtype=float))


def _verdict(values: tuple[float, ...], place: Location) -> Verdict:
    if values and not any(values):
        return "same"
    if len(values) < ENOUGH:
        return "few"
    if place.low <= 0 <= place.high:
        return "unclear"
    return "better" if place.mean < 0 else "worse"


def _more(place: Location, count: int) -> int | None:
    if count < 2:
        return None
    needed = seeds_to_tell(place.mean, place.std)
    if place.std == 0:
        needed = ENOUGH
    return None if needed is None else max(1, needed - count)
