"""The loss over scored cells, and the error sums that epochs pool."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


def scored_error(
    predicted: Float[Tensor, "*estimate batch step target"],
    target: Float[Tensor, "batch step target"],
    scored: Bool[Tensor, "batch step target"],
) -> Float[Tensor, "*estimate batch step target"]:
    """Return predicted - target where scored, 0 elsewhere, whatever stands there."""
    # Hide before squaring: NaN * 0 is NaN, and so is its gradient.
    return (predicted - target).where(scored, 0.0)


def loss_of(
    error: Float[Tensor, "*estimate batch step target"],
    scored: Bool[Tensor, "batch step target"],
    kind: Literal["mse", "mae"],
) -> Float[Tensor, ""]:
    """Return the mean squared or absolute error over scored cells; 0 if none is scored.

    Of several estimates of them, the mean over these too.
    """
    total = error.square().sum() if kind == "mse" else error.abs().sum()
    estimates = error.numel() // max(1, scored.numel())
    return total / (scored.sum() * estimates).clamp(min=1)


def error_sums(
    error: Float[Tensor, "batch step target"],
    scored: Bool[Tensor, "batch step target"],
    unit: Float[Tensor, "batch 1 target"],
    relative: Float[Tensor, "batch 1 target"],
) -> Float[Tensor, "sum target"]:
    """Return Σ|e|, Σe², the number of scored cells, Σ|e|u, Σ(eu)² and Σ|e|q for each target channel.

    `unit`: u, the relative unit of each window's series; see `metrics.units`. `relative`: q,
    MASE's weight of its errors; see `NaiveStep`.
    """
    # MPS has no float64; its sums of a batch are pooled in float64 elsewhere.
    dtype = torch.float32 if error.device.type == "mps" else torch.float64
    error, over = error.detach().to(dtype), (0, 1)
    own = error * unit
    return torch.stack(
        (
            error.abs().sum(over),
            error.square().sum(over),
            scored.sum(over).to(dtype),
            own.abs().sum(over),
            own.square().sum(over),
            (error.abs() * relative).sum(over),
        )
    )
