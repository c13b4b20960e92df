"""T-LSTM: an LSTM that forgets its short-term memory by how much time has passed."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn
from torch.nn import functional

from masklab.nn.own_recurrence import OwnRecurrence, Reading, elapsed_of

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int

    from masklab.nn.seams import LSTMInput


class TimeAwareLSTM(OwnRecurrence):
    """Discounts a learnt short-term part of the memory before each record (Baytas et al. 2017).

    With Δ the time since the record before and g(Δ) = 1 / log(e + Δ):

        C_S = tanh(W_d C_{t-1} + b_d);  C* = (C_{t-1} - C_S) + g(Δ_t) C_S
        h_t, C_t = LSTM(x_t, (h_{t-1}, C*))

    Records are the usable steps: others are skipped, and repeat the output before them, zeros
    before the first. Needs `steps` and the time elapsed (batch, time, 1).
    """

    def add_weights(self, channels: int, suffix: str) -> None:
        """Make W_d and b_d of one direction."""
        shape = (self.hidden_size, self.hidden_size)
        self.register_parameter(f"weight_short{suffix}", nn.Parameter(torch.zeros(shape)))
        self.register_parameter(f"bias_short{suffix}", nn.Parameter(torch.zeros(shape[0])))

    def one_way(
        self, way: LSTMInput, suffix: str, mean: Float[Tensor, "#batch 1 channel"]
    ) -> Reading:
        """Return the first layer's outputs in one direction."""
        steps, elapsed = _steps_of(way), elapsed_of(way)
        packed = _left_packed(steps)
        weight_ih, weight_hh, bias = self.first_weights(suffix)
        gates = functional.linear(_picked(way.values, packed), weight_ih, bias)
        kept = 1 / torch.log(math.e + _picked(elapsed, packed))  # g(Δ), (batch, record, 1)
        weight_d, bias_d = (getattr(self, f"{part}_short{suffix}") for part in ("weight", "bias"))
        h = c = gates.new_zeros(len(gates), self.hidden_size)
        outputs = []
        for given, share in zip(gates.unbind(1), kept.unbind(1), strict=True):
            short = functional.linear(c, weight_d, bias_d).tanh()
            c = c - short + share * short
            i, f, g, o = (given + functional.linear(h, weight_hh)).chunk(4, dim=-1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            outputs.append(h)
        return Reading(_unpacked(torch.stack(outputs, dim=1), steps))


def _steps_of(way: LSTMInput) -> Bool[Tensor, "batch time"]:
    if way.steps is None:
        return torch.ones(way.values.shape[:2], dtype=torch.bool, device=way.values.device)
    return way.steps


def _left_packed(steps: Bool[Tensor, "batch time"]) -> Int[Tensor, "batch record"]:
    """Return the usable steps of each row in order, as many as the longest row has; at least one.

    Shorter rows go on with masked steps: causality makes that harmless.
    """
    longest = max(1, int(steps.sum(dim=1).max()))
    return (~steps).to(torch.uint8).argsort(dim=1, stable=True)[:, :longest]


def _picked(
    values: Float[Tensor, "batch time feature"], steps: Int[Tensor, "batch record"]
) -> Float[Tensor, "batch record feature"]:
    return values.gather(1, steps[:, :, None].expand(-1, -1, values.shape[-1]))


def _unpacked(
    records: Float[Tensor, "batch record hidden"], steps: Bool[Tensor, "batch time"]
) -> Float[Tensor, "batch time hidden"]:
    """Return each step's output: that of the last record so far, zeros before the first."""
    count = steps.cumsum(dim=1)
    return _picked(records, (count - 1).clamp(min=0)).where(count[:, :, None] > 0, 0.0)
