"""Heads: what a network reads from the LSTM's outputs to make one vector of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


def last_usable(
    output: Float[Tensor, "batch time hidden"],
    steps: Bool[Tensor, "batch time"] | None = None,
    *,
    bidirectional: bool = False,
) -> Float[Tensor, "batch hidden"]:
    """Return the output at each row's last usable step; zeros for a row that has none.

    `steps` None means that every step is usable. Of a bidirectional output, the second half is
    taken at the row's *first* usable step, where the backward direction has read the whole row.
    Not `output[:, -1]`, which is whatever stands there, masked and padded steps included.
    """
    if steps is None:
        steps = torch.ones(output.shape[:2], dtype=torch.bool, device=output.device)
    time = torch.arange(output.shape[1], device=output.device)
    last = torch.where(steps, time, -1).amax(dim=1).clamp(min=0)
    row = torch.arange(output.shape[0], device=output.device)
    if bidirectional:
        first = steps.to(torch.uint8).argmax(dim=1)
        half = output.shape[2] // 2
        picked = torch.cat((output[row, last, :half], output[row, first, half:]), dim=-1)
    else:
        picked = output[row, last]
    return torch.where(steps.any(dim=1)[:, None], picked, 0.0)
