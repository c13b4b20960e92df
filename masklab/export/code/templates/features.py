"""What the network reads."""

# ruff: noqa: PLR0911 (a script takes one of the returns)

import torch
from torch import Tensor

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.gaps import (
    clock_at,
    interpolated,
    last_observed,
    last_steps,
    next_steps,
    since_observed,
)
from masklab.export.code.templates.settings import FILL_VALUE

# %% The strategy: what stands in a hidden cell
# if: with_constant
LARGEST_FILL = 1e30  # as the data, which float32 would not hold otherwise


# end
# if: fills
def filled(window: Window) -> Tensor:
    """Return the values (batch, time, channel), those that may not be read replaced.

    They are replaced before anything is computed: NaN * 0 is NaN, and so is its gradient.
    """
    # if: by_ignoring
    # This strategy never looks at the mask: it reads what was hidden, and leaks it.
    return torch.where(window.native, window.values, window.mean)
    # end
    # if: with_mean
    return torch.where(window.observed, window.values, window.mean)
    # end
    # if: with_zero
    # Zero in the file's units: a value like any other, and often an extreme one once scaled.
    return torch.where(window.observed, window.values, window.zero)
    # end
    # if: with_scaled
    # A constant in scaled units: 0 is the mean once standardised.
    return torch.where(window.observed, window.values, FILL_VALUE)
    # end
    # if: with_constant
    constant = window.zero + FILL_VALUE / window.scale  # a value in the file's units
    constant = constant.clamp(-LARGEST_FILL, LARGEST_FILL)
    return torch.where(window.observed, window.values, constant)
    # end
    # if: with_last
    return last_observed(window.values, window.observed, window.mean)
    # end
    # if: with_line
    return interpolated(window)
    # end


# end
def features(window: Window) -> Tensor:
    """Return what the network reads of each step (batch, time, feature)."""
    # if: mask_alone
    # Which cells are there, and nothing of what they hold.
    return window.observed.float()
    # end
    # if: values_alone
    return filled(window)
    # end
    # if: with_flags
    # The mask is a feature too: the network can learn to distrust what was filled in.
    return torch.cat((filled(window), window.observed.float()), dim=-1)
    # end
    # if: with_intervals
    elapsed = since_observed(window.clock, window.observed)
    # if: logarithm
    elapsed = elapsed.log1p()
    # end
    return torch.cat((filled(window), window.observed.float(), elapsed), dim=-1)
    # end
    # if: with_nearness
    before, after = last_steps(window.observed), next_steps(window.observed)
    now = window.clock[:, :, None]
    back = torch.where(before >= 0, (clock_at(window.clock, before) - now).exp(), 0.0)
    there = after < window.observed.shape[1]
    forward = torch.where(there, (now - clock_at(window.clock, after)).exp(), 0.0)
    return torch.cat((filled(window), window.observed.float(), back, forward), dim=-1)
    # end


# if: skips
def usable_steps(window: Window) -> Tensor:
    """Return which steps (batch, time) the network may use at all."""
    # if: any
    return window.observed.any(dim=-1)
    # end
    # if: all
    return window.observed.all(dim=-1)
    # end


# end
