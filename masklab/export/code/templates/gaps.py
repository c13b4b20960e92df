"""Neighbours of hidden cells."""

import torch
from torch import Tensor

from masklab.export.code.templates.batches import Window


# %% Where the observed neighbours of a cell lie
def last_steps(observed: Tensor) -> Tensor:
    """Return the last observed step at or before each step, -1 where there is none."""
    counted = torch.ones_like(observed, dtype=torch.long).cumsum(dim=1)  # 1, 2, 3
    return counted.where(observed, 0).cummax(dim=1).values - 1


# if: after
def next_steps(observed: Tensor) -> Tensor:
    """Return the first observed step at or after each step, the window's length if none is."""
    return observed.shape[1] - 1 - last_steps(observed.flip(1)).flip(1)


# end
# if: at
def clock_at(clock: Tensor, steps: Tensor) -> Tensor:
    """Return the clock at those steps (batch, time, channel); beyond an end, that of the end."""
    inside = steps.clamp(0, clock.shape[1] - 1)
    return clock[:, :, None].expand(steps.shape).gather(1, inside)


# end
# if: since
def since_observed(clock: Tensor, observed: Tensor) -> Tensor:
    """Return the time since the last observed cell *before* each step, or the window's first."""
    before = last_steps(observed).roll(1, dims=1)
    before[:, :1] = 0
    return clock[:, :, None] - clock_at(clock, before)


# end
# if: forward
def last_observed(values: Tensor, observed: Tensor, mean: Tensor) -> Tensor:
    """Return each channel's last observed value so far, the training mean before the first."""
    last = last_steps(observed)
    shown = torch.where(observed, values, mean).gather(1, last.clamp(min=0))
    return torch.where(last >= 0, shown, mean)


# end
# if: line
def interpolated(window: Window) -> Tensor:
    """Return the values, hidden cells on the line between their neighbours in clock time.

    Beyond the first and the last observed cell the nearest value; the training mean without any.
    """
    values, observed, clock = window.values, window.observed, window.clock
    before, after, end = last_steps(observed), next_steps(observed), observed.shape[1]
    shown = torch.where(observed, values, window.mean)
    left = shown.gather(1, torch.where(before >= 0, before, after).clamp(max=end - 1))
    right = shown.gather(1, torch.where(after < end, after, before).clamp(min=0))
    start, span = clock_at(clock, before), clock_at(clock, after) - clock_at(clock, before)
    share = (clock[:, :, None] - start) / torch.where(span > 0, span, 1.0)
    between = (before >= 0) & (after < end) & (after > before)
    return torch.where(between, left + (right - left) * share, left)


# end
