"""Learning rate schedules as closed forms of the step."""

from __future__ import annotations

import math
from typing import Literal

Schedule = Literal["one_cycle", "cosine", "constant"]

_WARM_UP = 0.3  # share of the steps that rise to the peak (Smith & Topin 2019)
_FIRST, _LAST = 1 / 25, 1 / 1000  # of the peak


def learning_rate(schedule: Schedule, peak: float, step: int, steps: int) -> float:
    """Return the learning rate at `step` of `steps`, counted from 0; never above `peak`.

    `one_cycle` rises from peak / 25 over the first three tenths and falls to peak / 1000; `cosine`
    falls from the peak at once; `constant` stays.
    """
    if schedule == "constant" or steps <= 1:
        return peak
    done = step / (steps - 1)
    if schedule == "cosine":
        return _between(peak, peak * _LAST, done)
    if done < _WARM_UP:
        return _between(peak * _FIRST, peak, done / _WARM_UP)
    return _between(peak, peak * _LAST, (done - _WARM_UP) / (1 - _WARM_UP))


def _between(first: float, last: float, done: float) -> float:
    """Return the point `done` (0 to 1) of the way, along half a cosine."""
    return last + (first - last) * (1 + math.cos(math.pi * done)) / 2
