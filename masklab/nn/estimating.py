"""An LSTM that estimates hidden cells from its state before it reads them: RITS's loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd import Function
from torch.autograd.function import once_differentiable

from masklab.nn.gates import Backward, Forward, Trace, doubled

if TYPE_CHECKING:
    from jaxtyping import Float


class Given(NamedTuple):
    """What is known of every step: x (anything finite where hidden), m, the fade γ and the mix β."""

    x: Float[Tensor, "time batch channel"]
    mask: Float[Tensor, "time batch channel"]
    fade: Float[Tensor, "time batch hidden"]
    mix: Float[Tensor, "time batch channel"]


class Weights(NamedTuple):
    """The LSTM's, its biases summed; W_x of the state's estimate, W_z of the features'."""

    ih: Float[Tensor, "gate 2*channel"]
    hh: Float[Tensor, "gate hidden"]
    bias: Float[Tensor, "gate"]
    history: Float[Tensor, "channel hidden"]
    history_bias: Float[Tensor, "channel"]
    feature: Float[Tensor, "channel channel"]
    feature_bias: Float[Tensor, "channel"]


class Estimated(NamedTuple):
    """h of every step, and the cells' estimates: x̂ from the state, ẑ from the channels, ĉ of both."""

    h: Float[Tensor, "time batch hidden"]
    from_state: Float[Tensor, "time batch channel"]
    from_channels: Float[Tensor, "time batch channel"]
    mixed: Float[Tensor, "time batch channel"]


def estimating_lstm(given: Given, weights: Weights) -> Estimated:
    """Run the steps from zeros, each before it reads its input estimating what is hidden in it.

    With u = m x + (1-m) x̂ and the cell's input c = m x + (1-m) ĉ:

        x̂_t = W_x h_{t-1} + b_x,  ẑ_t = W_z u_t + b_z,  ĉ_t = β_t ẑ_t + (1-β_t) x̂_t
        h_t = LSTM([c_t; m_t], γ_t h_{t-1})
    """
    return Estimated(*_EstimatingLSTM.apply(*given, *weights))  # type: ignore[no-untyped-call]


class _EstimatingLSTM(Function):
    """The loop with its gradient by hand: all that does not recur is left out of it."""

    @staticmethod
    def forward(ctx: Any, *tensors: Tensor) -> tuple[Tensor, ...]:
        given, weights = Given(*(one.contiguous() for one in tensors[:4])), Weights(*tensors[4:])
        trace, hidden, channels = Trace.empty(given.fade), *_widths(given)
        # What a cell reads lies side by side, γ h, c, m and 1: one product a step.
        weight = doubled(torch.cat((weights.hh, weights.ih, weights.bias[:, None]), dim=1))
        ones = torch.ones_like(given.x[:, :, :1])
        space = (torch.empty_like(given.fade), torch.empty_like(given.x))
        read = torch.cat((*space, given.mask, ones), dim=-1)
        seen = torch.empty(4, *given.x.shape, dtype=read.dtype, device=read.device)  # x̂, u, ẑ, ĉ
        by_feature = weight.t().contiguous()
        history, feature = weights.history.t().contiguous(), weights.feature.t().contiguous()
        faded, filled = read[..., :hidden], read[..., hidden : hidden + channels]
        places = (trace.gates, trace.h[:-1], read, faded, filled, *seen, *given)
        cells, loop = Forward(trace), zip(*(one.unbind() for one in places), strict=True)
        for step, (
            gates,
            h,
            reads,
            h_in,
            x_in,
            x_hat,
            u,
            z_hat,
            c_hat,
            x,
            m,
            fade,
            mix,
        ) in enumerate(loop):
            torch.addmm(weights.history_bias, h, history, out=x_hat)
            torch.lerp(x_hat, x, m, out=u)
            torch.addmm(weights.feature_bias, u, feature, out=z_hat)
            torch.lerp(x_hat, z_hat, mix, out=c_hat)
            torch.lerp(c_hat, x, m, out=x_in)
            torch.mul(h, fade, out=h_in)
            torch.mm(reads, by_feature, out=gates)
            cells.through_cell(step)
        ctx.save_for_backward(
            *trace, *given[1:], read, seen, weight, weights.history, weights.feature
        )
        x_hat, _, z_hat, c_hat = seen.unbind()
        return trace.h[1:], x_hat.clone(), z_hat.clone(), c_hat.clone()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *d_outputs: Tensor) -> tuple[Tensor | None, ...]:
        saved = ctx.saved_tensors
        trace, (m, fade, mix, read, seen, weight, history, feature) = Trace(*saved[:4]), saved[4:]
        hidden, channels = fade.shape[-1], m.shape[-1]
        weight_in = weight[:, : hidden + channels].contiguous()
        d_read = fade.new_empty(*fade.shape[:2], hidden + channels)
        d_seen = torch.empty_like(seen)
        d_faded, d_filled = d_read[..., :hidden], d_read[..., hidden:]
        places = (d_read, d_faded, d_filled, *d_seen, fade, mix, 1 - mix, 1 - m)
        given = (one.contiguous() for one in d_outputs)
        cells, d_h = Backward(trace), torch.zeros_like(fade[0])
        loop = list(zip(*(one.unbind() for one in (*places, *given)), strict=True))
        for step in range(len(loop) - 1, -1, -1):
            d_in, d_h_in, d_x_in, d_x, d_u, d_z, d_c, fade_t, b, not_b, gone, *given_t = loop[step]
            torch.mm(cells.through_cell(step, d_h.add_(given_t[0])), weight_in, out=d_in)
            torch.addcmul(given_t[3], d_x_in, gone, out=d_c)
            torch.addcmul(given_t[2], d_c, b, out=d_z)
            torch.mm(d_z, feature, out=d_u)
            torch.addcmul(given_t[1], d_c, not_b, out=d_x).addcmul_(d_u, gone)
            torch.mul(d_h_in, fade_t, out=d_h).addmm_(d_x, history)
        d_x_hat, d_u_all, d_z_hat, d_c_hat = d_seen.unbind()
        d_weight = doubled(_product(cells.gates, read))
        return (
            m * (d_filled + d_u_all) if ctx.needs_input_grad[0] else None,
            None,
            d_faded * trace.h[:-1],
            d_c_hat * (seen[2] - seen[0]),
            d_weight[:, hidden:-1],
            d_weight[:, :hidden],
            d_weight[:, -1],
            _product(d_x_hat, trace.h[:-1]),
            d_x_hat.sum(dim=(0, 1)),
            _product(d_z_hat, seen[1]),
            d_z_hat.sum(dim=(0, 1)),
        )


def _widths(given: Given) -> tuple[int, int]:
    return given.fade.shape[-1], given.x.shape[-1]


def _product(left: Tensor, right: Tensor) -> Tensor:
    """Return Σ over time and batch of left rightᵀ, the gradient of a weight."""
    return left.flatten(0, 1).t() @ right.flatten(0, 1)
