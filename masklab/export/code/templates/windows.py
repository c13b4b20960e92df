"""Find windows."""

from itertools import pairwise

import numpy as np

from masklab.export.code.templates.data import TRAINING, VALIDATION, Data
from masklab.export.code.templates.settings import (
    HORIZON,
    LENGTH,
    RATE,
    STRIDE,
    STRIDE_OF_VALIDATION,
    TARGETS,
    VALIDATION_WINDOWS,
    WINDOW,
)

# %% Windows
# if: reconstruct
FRESH_SEED = 20_240_608  # the cells hidden in validation are the same for every run


# end
def any_within(flags: np.ndarray, starts: np.ndarray, length: int) -> np.ndarray:
    """Return for each start whether one of the `length` rows from there on is True."""
    total = np.concatenate(([0], np.cumsum(flags, dtype=np.int64)))
    return np.asarray(total[starts + length] > total[starts])


def any_channel(cells: np.ndarray) -> np.ndarray:
    """Return for each row whether one of its cells is True."""
    return np.asarray(cells.any(axis=1))


def usable(starts: np.ndarray, observed: np.ndarray, scored: np.ndarray) -> np.ndarray:
    """Return which windows have an observed cell to read and a target cell to score."""
    readable = any_within(any_channel(observed), starts, WINDOW)
    # if: forecast
    first, steps = starts + WINDOW, HORIZON
    # end
    # if: reconstruct
    first, steps = starts, WINDOW
    # end
    countable = any_within(any_channel(scored), first, steps)
    return np.asarray(readable & countable)


def window_starts(data: Data, scored: np.ndarray, part: str, stride: int) -> np.ndarray:
    """Return the first rows of a part's windows.

    None crosses a gap of the clock or the border of two series: that would put side by side what
    never stood there.
    """
    changes = (np.diff(data.segment) != 0) | (data.part[1:] != data.part[:-1])
    borders = np.concatenate(([0], np.flatnonzero(changes) + 1, [len(data.part)]))
    found = [np.empty(0, dtype=np.int64)]
    for begin, end in pairwise(borders):
        if data.part[begin] == part:
            found.append(np.arange(begin, end - (WINDOW + HORIZON) + 1, stride))
    starts = np.concatenate(found)
    return np.asarray(starts[usable(starts, data.observed, scored)])


def training_starts(data: Data, scored: np.ndarray) -> np.ndarray:
    """Return the first rows of the training windows."""
    return window_starts(data, scored, TRAINING, STRIDE)


def validation_starts(data: Data, scored: np.ndarray) -> np.ndarray:
    """Return the first rows of the validation windows, thinned out evenly if there are many."""
    starts = window_starts(data, scored, VALIDATION, STRIDE_OF_VALIDATION)
    most, count = VALIDATION_WINDOWS, len(starts)
    if most is None or count <= most:
        return starts
    return np.asarray(starts[(np.arange(most) * count + count // 2) // most])


# if: reconstruct
def freshly_hidden(eligible: np.ndarray) -> np.ndarray:
    """Return exactly the share RATE of the eligible cells (window, time, target).

    Each place at which a stretch of LENGTH steps may begin draws a rank, and a cell has the lowest
    rank of the stretches that cover it: the lowest cells are hidden.
    """
    windows, time, targets = eligible.shape
    ranks = np.random.default_rng(FRESH_SEED).random((windows, targets, time + LENGTH - 1))
    lowest = ranks[..., :time].copy()
    for shift in range(1, LENGTH):
        np.minimum(lowest, ranks[..., shift : shift + time], out=lowest)
    order = np.argsort(np.where(eligible, lowest.swapaxes(1, 2), np.inf), axis=None, kind="stable")
    wanted = max(1, round(RATE * int(eligible.sum()))) if eligible.any() else 0
    chosen = np.zeros(eligible.size, dtype=bool)
    chosen[order[:wanted]] = True
    return chosen.reshape(eligible.shape)


def freeze(
    data: Data, scored: np.ndarray, starts: np.ndarray
) -> tuple[Data, np.ndarray, np.ndarray]:
    """Hide more in the validation windows; return data, scored cells and windows as they are then.

    What is hidden here is what counts: the model can't read it, and the truth is known.
    """
    rows = starts[:, None] + np.arange(WINDOW)
    fresh = np.zeros_like(scored)
    fresh[rows] = freshly_hidden(scored[rows])
    observed = data.observed.copy()
    observed[:, TARGETS] &= ~fresh
    training = (data.part == TRAINING)[:, None]
    kept = starts[usable(starts, observed, fresh)]
    return data._replace(observed=observed), np.where(training, scored, fresh), kept


# end
