"""The slow twin of `MaskedLSTM`: one loop over time, written as the equations."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor

    from masklab.nn.masked_lstm import MaskedLSTM, State

    Weights: TypeAlias = tuple[Tensor, Tensor, Tensor | None, Tensor | None]


def reference_masked_lstm(
    lstm: MaskedLSTM,
    x: Float[Tensor, "batch time feature"],
    observed: Bool[Tensor, "batch time"] | None = None,
    state: State | None = None,
) -> tuple[Float[Tensor, "batch time hidden"], State]:
    """Return what `lstm(x, observed, state)` returns, step by step.

    Reads the module's own weights and options; arguments, shapes and answer are those of
    `MaskedLSTM.forward`, unbatched input included. Between layers it drops out as the module does
    in training, with random numbers of its own: the two agree in evaluation, or without dropout.
    """
    if x.dim() == 2:
        return _unbatched(lstm, x, observed, state)
    if observed is None:
        observed = torch.ones(x.shape[:2], dtype=torch.bool, device=x.device)
    x = torch.where(observed[..., None], x, 0.0)
    directions = 2 if lstm.bidirectional else 1
    if state is None:
        zeros = x.new_zeros(lstm.num_layers * directions, x.shape[0], lstm.hidden_size)
        state = (zeros, zeros)
    last_h, last_c = [], []
    output = x
    for layer in range(lstm.num_layers):
        if layer > 0:
            output = functional.dropout(output, lstm.dropout, lstm.training)
        outputs = []
        for direction in range(directions):
            row = layer * directions + direction
            weights = _weights(lstm, f"l{layer}" + ("_reverse" if direction else ""))
            start = (state[0][row], state[1][row])
            if direction:
                out, (h, c) = _run(output.flip(1), observed.flip(1), start, weights, lstm.on_masked)
                out = out.flip(1)
            else:
                out, (h, c) = _run(output, observed, start, weights, lstm.on_masked)
            outputs.append(out)
            last_h.append(h)
            last_c.append(c)
        output = torch.cat(outputs, dim=-1)
    if lstm.zero_output:
        output = torch.where(observed[..., None], output, 0.0)
    return output, (torch.stack(last_h), torch.stack(last_c))


def _run(
    x: Float[Tensor, "batch time feature"],
    observed: Bool[Tensor, "batch time"],
    start: State,
    weights: Weights,
    on_masked: str,
) -> tuple[Tensor, State]:
    """Run one layer in one direction; return its outputs and the state after the last step."""
    h, c = start
    output = torch.zeros_like(h)
    outputs: list[Tensor] = []
    for t in range(x.shape[1]):
        m = observed[:, t, None]
        h_next, c_next = _cell(x[:, t], h, c, weights)
        if on_masked == "carry":
            h, c = torch.where(m, h_next, h), torch.where(m, c_next, c)
            output = torch.where(m, h_next, output)
        else:
            h, c = torch.where(m, h_next, 0.0), torch.where(m, c_next, 0.0)
            output = h
        outputs.append(output)
    return torch.stack(outputs, dim=1), (h, c)


def _cell(x: Tensor, h: Tensor, c: Tensor, weights: Weights) -> tuple[Tensor, Tensor]:
    """Return (h', c') = LSTM(x, (h, c)), the gates in PyTorch's order."""
    w_ih, w_hh, b_ih, b_hh = weights
    gates = functional.linear(x, w_ih, b_ih) + functional.linear(h, w_hh, b_hh)
    i, f, g, o = gates.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _weights(lstm: MaskedLSTM, name: str) -> Weights:
    return (
        getattr(lstm, f"weight_ih_{name}"),
        getattr(lstm, f"weight_hh_{name}"),
        getattr(lstm, f"bias_ih_{name}", None),
        getattr(lstm, f"bias_hh_{name}", None),
    )


def _unbatched(
    lstm: MaskedLSTM, x: Tensor, observed: Tensor | None, state: State | None
) -> tuple[Tensor, State]:
    output, (h, c) = reference_masked_lstm(
        lstm,
        x[None],
        None if observed is None else observed[None],
        None if state is None else (state[0][:, None], state[1][:, None]),
    )
    return output[0], (h[:, 0], c[:, 0])
