"""An LSTM whose state, and last observed inputs, fade with time (GRU-D's decays)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn
from torch.autograd import Function
from torch.autograd.function import once_differentiable
from torch.nn import functional

from masklab.nn.gates import Backward, Forward, Trace, doubled
from masklab.nn.own_recurrence import OwnRecurrence, Reading, elapsed_of

if TYPE_CHECKING:
    from jaxtyping import Float

    from masklab.nn.seams import LSTMInput


class DecayLSTM(OwnRecurrence):
    """GRU-D's decays (Che et al. 2018) around an LSTM cell.

    Reads [x_last; m] and δ. With γ = exp(-max(0, W δ + b)), W diagonal for γ_x and full for γ_h:

        x̂_t = m x_t + (1 - m) (γ_x x_last + (1 - γ_x) x̄)
        h_t, c_t = LSTM([x̂_t; m_t], (γ_h h_{t-1}, c_{t-1}))

    The paper's cell is a GRU, which has no c: here h alone fades, as BRITS has it too.
    """

    def add_weights(self, channels: int, suffix: str) -> None:
        """Make W and b of both decays for one direction."""
        for name, shape in (
            ("weight_decay_x", (channels,)),
            ("bias_decay_x", (channels,)),
            ("weight_decay_h", (self.hidden_size, channels)),
            ("bias_decay_h", (self.hidden_size,)),
        ):
            self.register_parameter(name + suffix, nn.Parameter(torch.zeros(shape)))

    def one_way(
        self, way: LSTMInput, suffix: str, mean: Float[Tensor, "#batch 1 channel"]
    ) -> Reading:
        """Return the first layer's outputs in one direction."""
        elapsed = elapsed_of(way).transpose(0, 1)
        w_x, b_x, w_h, b_h = (
            getattr(self, name + suffix)
            for name in ("weight_decay_x", "bias_decay_x", "weight_decay_h", "bias_decay_h")
        )
        fade_x, fade_h = faded(w_x * elapsed + b_x), faded(functional.linear(elapsed, w_h, b_h))
        last, mask = way.values.transpose(0, 1).chunk(2, dim=-1)
        mean = mean.reshape(-1, mean.shape[-1])  # of each window, or one of all
        filled = torch.where(mask > 0, last, mean + fade_x * (last - mean))  # observed: x_last is x
        x = torch.cat((filled, mask), dim=-1)
        output = fading_lstm(x, fade_h, self.first_weights(suffix))
        return Reading(output.transpose(0, 1))


def faded(sums: Tensor) -> Tensor:
    """Return γ = exp(-max(0, sums)), in (0, 1]."""
    fade: Tensor = _Faded.apply(sums)  # type: ignore[no-untyped-call]
    return fade


class _Faded(Function):
    """Three passes over memory forward and three back; autograd takes nine."""

    @staticmethod
    def forward(ctx: Any, sums: Tensor) -> Tensor:
        fade = sums.neg().clamp_(max=0).exp_()
        ctx.save_for_backward(sums, fade)
        return fade

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_fade: Tensor) -> Tensor:
        sums, fade = ctx.saved_tensors
        d_sums: Tensor = torch.ops.aten.threshold_backward((d_fade * fade).neg_(), sums, 0)
        return d_sums


def fading_lstm(
    x: Float[Tensor, "time batch feature"],
    fade: Float[Tensor, "time batch hidden"],
    weights: tuple[Tensor, Tensor, Tensor],
) -> Float[Tensor, "time batch hidden"]:
    """Return h of every step of an LSTM, the h before it multiplied by `fade`; from zeros.

    `weights`: weight_ih, weight_hh and the sum of the biases.
    """
    output: Tensor = _FadingLSTM.apply(x, fade, *weights)  # type: ignore[no-untyped-call]
    return output


class _FadingLSTM(Function):
    """The loop with its gradient by hand: all that does not recur is left out of it."""

    @staticmethod
    def forward(  # noqa: PLR0913, PLR0917 (a recurrence and its weights)
        ctx: Any, x: Tensor, fade: Tensor, weight_ih: Tensor, weight_hh: Tensor, bias: Tensor
    ) -> Tensor:
        fade = fade.contiguous()
        # What a cell reads lies side by side, h · fade, x and 1: one product a step.
        weight = doubled(torch.cat((weight_hh, weight_ih, bias[:, None]), dim=1))
        read = torch.cat((torch.empty_like(fade), x, torch.ones_like(x[:, :, :1])), dim=-1)
        trace, by_feature = Trace.empty(fade), weight.t().contiguous()
        cells, h, fades = Forward(trace), trace.h.unbind(), fade.unbind()
        reads, faded = read.unbind(), read[:, :, : fade.shape[-1]].unbind()
        for step, gates in enumerate(trace.gates.unbind()):
            torch.mul(h[step], fades[step], out=faded[step])
            torch.mm(reads[step], by_feature, out=gates)
            cells.through_cell(step)
        ctx.save_for_backward(*trace, read, fade, weight)
        return trace.h[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, d_output: Tensor) -> tuple[Tensor | None, ...]:
        *kept, read, fade, weight = ctx.saved_tensors
        trace, hidden = Trace(*kept), fade.shape[-1]
        cells, d_faded = Backward(trace), torch.empty_like(fade)
        weight_hh, weight_ih = weight[:, :hidden].contiguous(), weight[:, hidden:-1]
        d_h, places = torch.zeros_like(fade[0]), d_faded.unbind()
        given, fades = d_output.contiguous().unbind(), fade.unbind()
        for step in range(len(given) - 1, -1, -1):
            d_gates = cells.through_cell(step, d_h.add_(given[step]))
            torch.mm(d_gates, weight_hh, out=places[step])
            torch.mul(places[step], fades[step], out=d_h)
        d_x = cells.gates @ weight_ih if ctx.needs_input_grad[0] else None
        d_weight = doubled((read.flatten(0, 1).t() @ cells.gates.flatten(0, 1)).t())
        d_hh, d_ih, d_bias = d_weight[:, :hidden], d_weight[:, hidden:-1], d_weight[:, -1]
        return d_x, d_faded.mul_(trace.h[:-1]), d_ih, d_hh, d_bias
