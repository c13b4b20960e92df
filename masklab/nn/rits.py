"""RITS and, both ways, BRITS: imputation by a recurrence that learns from its own estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from masklab.nn.decay import faded
from masklab.nn.estimating import Estimated, Given, Weights, estimating_lstm
from masklab.nn.own_recurrence import OwnRecurrence, Reading, elapsed_of

if TYPE_CHECKING:
    from jaxtyping import Bool, Float

    from masklab.nn.seams import LSTMInput

CONSISTENCY = 0.1
"""Weight of the two directions' disagreement in the loss, as in the authors' code."""


class RITS(OwnRecurrence):
    """Estimates each hidden cell from the state and the other channels (Cao et al. 2018, eqs. 1-11).

    Reads [x; m] and δ. Every step: x̂ = W_x h + b_x; ẑ = W_z u + b_z with W_z zero on its diagonal,
    u being x with x̂ where hidden; ĉ = β ẑ + (1-β) x̂ with β = σ(W_β [γ; m] + b_β); the cell reads
    x with ĉ where hidden; h fades by γ = exp(-max(0, W_γ δ + b_γ)) before it. The loss of its own
    is the mean absolute error of x̂, ẑ and ĉ over observed cells. Both ways (BRITS), the estimate
    is the mean of both directions', and their disagreement is added to the loss.

    This is the paper. The authors' code differs from it: it estimates from the faded h, and mixes by
    the decay of x.
    """

    estimates: ClassVar[bool] = True

    def add_weights(self, channels: int, suffix: str) -> None:
        """Make the regressions, the mix and the decay of one direction."""
        for name, shape in (
            ("decay_h", (self.hidden_size, channels)),
            ("history", (channels, self.hidden_size)),
            ("feature", (channels, channels)),
            ("mix", (channels, self.hidden_size + channels)),
        ):
            weight, bias = torch.zeros(shape), torch.zeros(shape[0])
            self.register_parameter(f"weight_{name}{suffix}", nn.Parameter(weight))
            self.register_parameter(f"bias_{name}{suffix}", nn.Parameter(bias))

    def one_way(
        self, way: LSTMInput, suffix: str, mean: Float[Tensor, "#batch 1 channel"]
    ) -> Reading:
        """Return outputs, estimates and the loss of them in one direction."""
        x, mask = way.values.transpose(0, 1).contiguous().chunk(2, dim=-1)
        elapsed = elapsed_of(way).transpose(0, 1)
        fade = faded(functional.linear(elapsed, *self._regression("decay_h", suffix)))
        mix = functional.linear(torch.cat((fade, mask), dim=-1), *self._regression("mix", suffix))
        feature, feature_bias = self._regression("feature", suffix)
        others = feature * (1 - torch.eye(len(feature), dtype=feature.dtype, device=feature.device))
        weights = Weights(
            *self.first_weights(suffix),
            *self._regression("history", suffix),
            others,
            feature_bias,
        )
        found = estimating_lstm(Given(x, mask, fade, mix.sigmoid()), weights)
        loss = _own_loss(found, x, mask) if self.training else None
        return Reading(found.h.transpose(0, 1), found.mixed.transpose(0, 1), loss)

    def joined(
        self, forward: Reading, backward: Reading, steps: Bool[Tensor, "batch time"] | None = None
    ) -> Reading:
        """Return the mean estimate of both directions; add their disagreement to the loss."""
        output = super().joined(forward, backward).output
        if forward.estimate is None or backward.estimate is None:
            return Reading(output)
        estimate = (forward.estimate + backward.estimate) / 2
        if forward.auxiliary is None or backward.auxiliary is None:
            return Reading(output, estimate)
        apart = (forward.estimate - backward.estimate).abs()
        apart = apart.mean() if steps is None else apart[steps].mean()
        return Reading(
            output, estimate, forward.auxiliary + backward.auxiliary + CONSISTENCY * apart
        )

    def _regression(self, name: str, suffix: str) -> tuple[Tensor, Tensor]:
        return getattr(self, f"weight_{name}{suffix}"), getattr(self, f"bias_{name}{suffix}")


def _own_loss(found: Estimated, x: Tensor, mask: Tensor) -> Float[Tensor, ""]:
    """Return the sum of three mean absolute errors over observed cells; 0 if none is observed."""
    off = sum((one - x).abs() for one in (found.from_state, found.from_channels, found.mixed))
    return (off * mask).sum() / mask.sum().clamp(min=1)
