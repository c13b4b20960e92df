"""Heads: what a network reads from the LSTM's outputs to make one vector of a window."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

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


def usable_mean(
    output: Float[Tensor, "batch time hidden"], steps: Bool[Tensor, "batch time"] | None = None
) -> Float[Tensor, "batch hidden"]:
    """Return the mean of the outputs at usable steps; zeros for a row that has none.

    `steps` None means that every step is usable.
    """
    if steps is None:
        return output.mean(dim=1)
    # Hide before summing: NaN * 0 is NaN.
    total = output.where(steps[:, :, None], 0.0).sum(dim=1)
    return total / steps.sum(dim=1, keepdim=True).clamp(min=1)


class Attention(nn.Module):
    """The mean of the outputs, weighted by learnt scores of usable steps.

    α = softmax over usable t of vᵀ tanh(W h_t + b): additive attention (Bahdanau, Cho, Bengio
    2015) without a query. A masked step's score is -inf, its weight 0.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, width)
        self.score = nn.Linear(width, 1, bias=False)

    def forward(
        self,
        output: Float[Tensor, "batch time hidden"],
        steps: Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch hidden"]:
        """Return the weighted mean; zeros for a row without a usable step, never NaN."""
        if steps is None:
            weights = self._scores(output).softmax(dim=1)
            return (weights[:, :, None] * output).sum(dim=1)
        output = output.where(steps[:, :, None], 0.0)
        # A softmax over nothing but -inf is NaN: such a row scores 0, and its outputs are 0 too.
        hidden = ~steps & steps.any(dim=1, keepdim=True)
        weights = self._scores(output).masked_fill(hidden, -torch.inf).softmax(dim=1)
        return (weights[:, :, None] * output).sum(dim=1)

    def _scores(self, output: Float[Tensor, "batch time hidden"]) -> Float[Tensor, "batch time"]:
        scores: Tensor = self.score(self.inner(output).tanh())
        return scores.squeeze(-1)
