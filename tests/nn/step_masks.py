"""Timestep masks that tests share: every shape of gap, and rows of different kinds mixed."""

import torch
from torch import Tensor


def mask(kind: str, batch: int, time: int) -> Tensor:
    """Return a mask (batch, time) whose rows are of one kind, or of all kinds in turn."""
    kinds = list(ROWS) if kind == "mixed" else [kind]
    return torch.stack([ROWS[kinds[row % len(kinds)]](row, time) for row in range(batch)])


def _random(row: int, time: int) -> Tensor:
    return torch.rand(time, generator=torch.Generator().manual_seed(row)) < 0.5


def _left(row: int, time: int) -> Tensor:
    return torch.arange(time) >= 1 + row % (time - 1)


def _right(row: int, time: int) -> Tensor:
    return torch.arange(time) < 1 + row % (time - 1)


def _interior(row: int, time: int) -> Tensor:
    start = 1 + row % (time // 2)
    steps = torch.arange(time)
    return (steps < start) | (steps >= start + time // 3)


def _alternating(row: int, time: int) -> Tensor:
    return torch.arange(time) % 2 == row % 2


def _empty(row: int, time: int) -> Tensor:
    return torch.zeros(time, dtype=torch.bool)


def _single_step(row: int, time: int) -> Tensor:
    return torch.arange(time) == row % time


def _all(row: int, time: int) -> Tensor:
    return torch.ones(time, dtype=torch.bool)


ROWS = {
    "random": _random,
    "left": _left,
    "right": _right,
    "interior": _interior,
    "alternating": _alternating,
    "empty": _empty,
    "single_step": _single_step,
    "all": _all,
}
KINDS = (*ROWS, "mixed")
