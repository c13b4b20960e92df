"""What a Keras network reads."""

# ruff: noqa: PLR0911 (a script takes one of the returns)

from typing import NamedTuple

import numpy as np

from masklab.export.code.templates.settings import FILL_VALUE

# %% The strategy: what stands in a hidden cell
# if: skips
SENTINEL = -1e9  # no scaled value is that


# end
class Window(NamedTuple):
    """What the model reads of some windows."""

    values: np.ndarray  # (batch, time, channel), scaled; whatever stands where a cell is missing
    observed: np.ndarray  # (batch, time, channel), True: the model may use the cell
    # if: native
    native: np.ndarray  # (batch, time, channel), True: the file has the cell, hidden or not
    # end
    # if: clock
    clock: np.ndarray  # (batch, time), since the window's first step, in median steps of the data
    # end
    # if: mean
    mean: np.ndarray  # (batch, 1, channel), of the observed training cells, scaled
    # end
    # if: zero
    zero: np.ndarray  # (batch, 1, channel), where a zero of the file's units lies after scaling
    # end
    # if: scale
    scale: np.ndarray  # (batch, 1, channel), the file's units in one scaled unit
    # end


# if: forward line since
def last_steps(observed: np.ndarray) -> np.ndarray:
    """Return the last observed step at or before each step, -1 where there is none."""
    steps = np.arange(observed.shape[1])[None, :, None]
    return np.asarray(np.maximum.accumulate(np.where(observed, steps, -1), axis=1))


# end
# if: after
def next_steps(observed: np.ndarray) -> np.ndarray:
    """Return the first observed step at or after each step, the window's length if none is."""
    return np.asarray(observed.shape[1] - 1 - last_steps(observed[:, ::-1])[:, ::-1])


# end
# if: at
def clock_at(clock: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return the clock at those steps (batch, time, channel); beyond an end, that of the end."""
    window = np.arange(len(clock))[:, None, None]
    return np.asarray(clock[window, steps.clip(0, clock.shape[1] - 1)])


# end
# if: since
def since_observed(clock: np.ndarray, observed: np.ndarray) -> np.ndarray:
    """Return the time since the last observed cell *before* each step, or the window's first."""
    before = np.roll(last_steps(observed), 1, axis=1)
    before[:, :1] = 0
    return np.asarray(clock[:, :, None] - clock_at(clock, before))


# end
# if: forward
def last_observed(window: Window) -> np.ndarray:
    """Return each channel's last observed value so far, the training mean before the first."""
    last = last_steps(window.observed)
    shown = np.where(window.observed, window.values, window.mean)
    shown = np.take_along_axis(shown, last.clip(min=0), axis=1)
    return np.where(last >= 0, shown, window.mean)


# end
# if: line
def interpolated(window: Window) -> np.ndarray:
    """Return the values, hidden cells on the line between their neighbours in clock time."""
    observed, clock, end = window.observed, window.clock, window.observed.shape[1]
    before, after = last_steps(observed), next_steps(observed)
    shown = np.where(observed, window.values, window.mean)
    left = np.take_along_axis(shown, np.where(before >= 0, before, after).clip(max=end - 1), axis=1)
    right = np.take_along_axis(shown, np.where(after < end, after, before).clip(min=0), axis=1)
    start = clock_at(clock, before)
    span = clock_at(clock, after) - start
    share = (clock[:, :, None] - start) / np.where(span > 0, span, 1.0)
    between = (before >= 0) & (after < end) & (after > before)
    return np.where(between, left + (right - left) * share, left)


# end
# if: fills
def filled(window: Window) -> np.ndarray:
    """Return the values (batch, time, channel), those that may not be read replaced."""
    # if: by_ignoring
    # This strategy never looks at the mask: it reads what was hidden, and leaks it.
    return np.where(window.native, window.values, window.mean)
    # end
    # if: with_mean
    return np.where(window.observed, window.values, window.mean)
    # end
    # if: with_zero
    # Zero in the file's units: a value like any other, and often an extreme one once scaled.
    return np.where(window.observed, window.values, window.zero)
    # end
    # if: with_scaled
    return np.where(window.observed, window.values, FILL_VALUE)  # in scaled units
    # end
    # if: with_constant
    constant = (window.zero + FILL_VALUE / window.scale).clip(-1e30, 1e30)  # in the file's units
    return np.where(window.observed, window.values, constant)
    # end
    # if: with_last
    return last_observed(window)
    # end
    # if: with_line
    return interpolated(window)
    # end


# end
def features(window: Window) -> np.ndarray:
    """Return what the network reads of each step (batch, time, feature)."""
    # if: mask_alone
    # Which cells are there, and nothing of what they hold.
    read = window.observed.astype(np.float32)
    # end
    # if: fills
    read = filled(window)
    # end
    # if: with_flags
    # The mask is a feature too: the network can learn to distrust what was filled in.
    read = np.concatenate((read, window.observed), axis=-1)
    # end
    # if: with_intervals
    elapsed = since_observed(window.clock, window.observed)
    # if: logarithm
    elapsed = np.log1p(elapsed)
    # end
    read = np.concatenate((read, window.observed, elapsed), axis=-1)
    # end
    # if: with_nearness
    before, after = last_steps(window.observed), next_steps(window.observed)
    now = window.clock[:, :, None]
    back = np.where(before >= 0, np.exp(clock_at(window.clock, before) - now), 0.0)
    there = after < window.observed.shape[1]
    forward = np.where(there, np.exp(now - clock_at(window.clock, after)), 0.0)
    read = np.concatenate((read, window.observed, back, forward), axis=-1)
    # end
    # if: skips
    # Keras' Masking skips a step if every feature of it is the sentinel.
    # if: any
    usable = window.observed.any(axis=-1, keepdims=True)
    # end
    # if: all
    usable = window.observed.all(axis=-1, keepdims=True)
    # end
    read = np.where(usable, read, SENTINEL)
    # end
    return read.astype(np.float32)
