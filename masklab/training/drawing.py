"""Which cells a reconstruction hides afresh in training, drawn anew for every batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from masklab.training.config import Reconstruct

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

_RECTANGLES = 10
"""At most so many of them in a window."""


def fresh_cells(
    shape: torch.Size, task: Reconstruct, generator: torch.Generator
) -> Bool[Tensor, "batch time target"]:
    """Return cells to hide: each with probability `rate`, or one drawn for its window up to `rate_to`.

    For blocks, stretches start with the probability that gives this rate, overlap included. See
    `Reconstruct.training_pattern` for the others.
    """
    rate: float | Tensor = task.rate
    if task.rate_to is not None:
        rate = task.rate + (task.rate_to - task.rate) * _uniform((shape[0], 1, 1), generator)
    if task.training_pattern is None:
        length = 1 if task.pattern == "cells" else task.length
        # The lowest of `length` uniform ranks is below this with probability `rate`.
        return _lowest_ranks(shape, length, generator) < 1 - (1 - rate) ** (1 / length)
    cells = _uniform(shape, generator) < rate
    shaped = (_stretches if task.training_pattern == "stretches" else _rectangles)(shape, generator)
    return torch.where(_uniform((shape[0], 1, 1), generator) < 2 / 3, shaped, cells)


def _stretches(shape: torch.Size, generator: torch.Generator) -> Bool[Tensor, "batch time target"]:
    """Return one stretch, an eighth to five sixths of the window, in 20 to 90 % of the channels."""
    windows, time, targets = shape
    steps = torch.arange(time, device=generator.device)[None, :, None]
    length = time * (1 / 8 + (5 / 6 - 1 / 8) * _uniform((windows, 1, targets), generator))
    start = _uniform((windows, 1, targets), generator) * (time - length)
    some = 0.2 + 0.7 * _uniform((windows, 1, 1), generator)
    has_one = _uniform((windows, 1, targets), generator) < some
    return (steps >= start) & (steps < start + length) & has_one


def _rectangles(shape: torch.Size, generator: torch.Generator) -> Bool[Tensor, "batch time target"]:
    """Return up to ten stretches of a sixteenth to a quarter of the window, over most of the channels."""
    windows, time, targets = shape
    steps = torch.arange(time, device=generator.device)[None, None, :, None]
    columns = torch.arange(targets, device=generator.device)
    size = (windows, _RECTANGLES, 1, 1)
    length = (time * (1 / 16 + (1 / 4 - 1 / 16) * _uniform(size, generator))).ceil()
    start = (_uniform(size, generator) * (time - length + 1)).floor()
    least = (targets + 1) // 2
    width = least + (_uniform(size, generator) * (targets - least + 1)).floor()
    first = (_uniform(size, generator) * (targets - width + 1)).floor()
    count = 1 + (_uniform((windows, 1, 1, 1), generator) * _RECTANGLES).floor()
    number = torch.arange(_RECTANGLES, device=generator.device)[None, :, None, None]
    within = (steps >= start) & (steps < start + length) & (number < count)
    return (within & (columns >= first) & (columns < first + width)).any(dim=1)


def _uniform(size: tuple[int, ...], generator: torch.Generator) -> Float[Tensor, "..."]:
    return torch.rand(size, generator=generator, device=generator.device)


def _lowest_ranks(
    shape: torch.Size, length: int, generator: torch.Generator
) -> Float[Tensor, "batch time target"]:
    """Return the lowest rank among the `length` stretches that cover each cell, as `fresh.cover`."""
    windows, time, targets = shape
    if length == 1:
        return _uniform(shape, generator)
    longer = (windows, targets, time + length - 1)
    ranks = _uniform(longer, generator)
    return -torch.nn.functional.max_pool1d(-ranks, length, stride=1).transpose(1, 2)
