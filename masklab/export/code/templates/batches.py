"""Gather windows."""

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from masklab.export.code.templates.data import Data
from masklab.export.code.templates.scaling import Scaler, scaled
from masklab.export.code.templates.settings import (
    CHANNELS,
    HORIZON,
    INTERVAL,
    LENGTH,
    RATE,
    TARGETS,
    WINDOW,
)


# %% Batches of windows
class Window(NamedTuple):
    """What the model reads of some windows."""

    values: Tensor  # (batch, time, channel), scaled; whatever stands where a cell is missing
    observed: Tensor  # (batch, time, channel), True: the model may use the cell
    # if: native
    native: Tensor  # (batch, time, channel), True: the file has the cell, hidden or not
    # end
    # if: clock
    clock: Tensor  # (batch, time), since the window's first step, in median steps of the data
    # end
    # if: mean
    mean: Tensor  # (batch, 1, channel), of the observed training cells, scaled
    # end
    # if: zero
    zero: Tensor  # (batch, 1, channel), where a zero of the file's units lies after scaling
    # end
    # if: scale
    scale: Tensor  # (batch, 1, channel), the file's units in one scaled unit
    # end


class Batch(NamedTuple):
    """Windows, and the truth: `step` is the horizon of a forecast, else the window's time."""

    window: Window
    target: Tensor  # (batch, step, target), scaled
    counted: Tensor  # (batch, step, target), True: the training loss counts the cell
    scored: Tensor  # (batch, step, target), True: the score counts the cell
    unit: Tensor  # (batch, 1, target), the file's units in one scaled unit
    # if: loss_on_all
    shift: Tensor  # (batch, 1, target), where a scaled zero lies in the file's units
    # end


class Gatherer:
    """Holds the data as tensors, and gathers windows from it."""

    def __init__(self, data: Data, scaler: Scaler, counted: np.ndarray, scored: np.ndarray) -> None:
        self.values = torch.from_numpy(scaled(data, scaler))
        # if: native
        self.native = torch.from_numpy(data.native)
        # end
        self.observed = torch.from_numpy(data.observed)
        # if: clock
        self.clock = torch.from_numpy(data.clock)
        # end
        self.counted, self.scored = torch.from_numpy(counted), torch.from_numpy(scored)
        self.group = torch.from_numpy(scaler.group)
        self.shift, self.scale = torch.from_numpy(scaler.shift), torch.from_numpy(scaler.scale)
        # if: mean
        self.mean = (torch.from_numpy(scaler.mean) - self.shift) / self.scale
        # end
        # if: zero
        self.zero = (0.0 - self.shift) / self.scale
        # end

    def gather(self, starts: Tensor) -> Batch:
        """Return the windows that start at the given rows."""
        rows = starts[:, None] + torch.arange(WINDOW)
        # if: reconstruct
        predicted = rows
        # end
        # if: forecast
        predicted = starts[:, None] + WINDOW + torch.arange(HORIZON)
        # end
        group = self.group[starts]
        return Batch(
            window=Window(
                values=self.values[rows],
                observed=self.observed[rows],
                # if: native
                native=self.native[rows],
                # end
                # if: clock
                clock=((self.clock[rows] - self.clock[starts, None]).double() / INTERVAL).float(),
                # end
                # if: mean
                mean=self.mean[group, None].float(),
                # end
                # if: zero
                zero=self.zero[group, None].float(),
                # end
                # if: scale
                scale=self.scale[group, None].float(),
                # end
            ),
            target=self.values[:, TARGETS][predicted],
            counted=self.counted[predicted],
            scored=self.scored[predicted],
            unit=self.scale[group, None][:, :, TARGETS],
            # if: loss_on_all
            shift=self.shift[group, None][:, :, TARGETS],
            # end
        )


# if: reconstruct
def hide_more(batch: Batch, generator: torch.Generator) -> Batch:
    """Hide each cell that may be with probability RATE; what is hidden is what the loss counts.

    Of the LENGTH stretches that cover a cell, the lowest of their uniform ranks lies below the
    threshold with just that probability.
    """
    threshold = 1 - (1 - RATE) ** (1 / LENGTH)
    windows, time, targets = batch.counted.shape
    # if: cells
    ranks = torch.rand((windows, time, targets), generator=generator)
    # end
    # if: blocks
    ranks = torch.rand((windows, targets, time + LENGTH - 1), generator=generator)
    ranks = -torch.nn.functional.max_pool1d(-ranks, LENGTH, stride=1).transpose(1, 2)
    # end
    hidden = batch.counted & (ranks < threshold)
    everywhere = torch.zeros(windows, time, CHANNELS, dtype=torch.bool)
    everywhere[:, :, TARGETS] = hidden
    window = batch.window._replace(observed=batch.window.observed & ~everywhere)
    return batch._replace(window=window, counted=hidden)


# end
# if: loss_on_all
def count_all(batch: Batch, known: Tensor) -> Batch:
    """Count every target cell, a raw zero where it is not known: what a mask that multiplies does.

    This run was trained so to show what goes wrong: it learns the zeros.
    """
    zero = (0.0 - batch.shift) / batch.unit
    target = torch.where(known, batch.target, zero.float())
    return batch._replace(target=target, counted=torch.ones_like(known))


# end
