"""Run the fused LSTM kernels over packed steps, on the CPU."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import numpy as np
import torch
from torch import _VF
from torch.nn import functional

from masklab.nn.driven import Driven, revealed
from masklab.nn.unpacking import ending_sequences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Float, Int64
    from torch import Tensor

    from masklab.nn.packing import Packing

    State: TypeAlias = tuple[Tensor, Tensor]


class Layers(Protocol):
    """What is run: an `nn.LSTM`, or the upper layers of one."""

    hidden_size: int
    num_layers: int
    bias: bool
    dropout: float
    training: bool
    bidirectional: bool

    @property
    def all_weights(self) -> Sequence[Sequence[Tensor]]:
        """The weights of each layer and direction, as `nn.LSTM` orders them."""


class Packed(NamedTuple):
    """Outputs in their slots, zeros in the last, and the states in which the batch rows end."""

    output: Float[Tensor, "slot hidden"]
    h: Float[Tensor, "layer batch hidden"]
    c: Float[Tensor, "layer batch hidden"]


def run_in_chunks(
    lstm: Layers, x: Float[Tensor, "slot feature"], start: State | None, packing: Packing
) -> Packed:
    """Run layer by layer, direction by direction and chunk by chunk.

    `start`: h and c of each lane, the longest first; zeros if None.
    """
    # The first step of many short sequences, as `reset` makes them, is worth a way of its own.
    first_alone = start is None and packing.chunks[0].steps == 1 and len(packing.chunks) > 1
    start = _zeros(lstm, x, packing) if start is None else start
    driven = Driven.of(packing)
    ways = (None, packing.on_device(packing.mirror())) if lstm.bidirectional else (None,)
    ending = ending_sequences(packing, len(ways))
    output = x
    last_h: list[Tensor] = []
    last_c: list[Tensor] = []
    for layer in range(lstm.num_layers):
        if layer > 0:
            output = functional.dropout(output, lstm.dropout, lstm.training)
        steps = driven.beside(output)
        outputs = []
        for way, ends in zip(ways, ending, strict=True):
            row = len(last_h)
            weights = driven.weights(list(lstm.all_weights[row]))
            read = steps if way is None else steps.index_select(0, way)
            first = (start[0][row : row + 1], start[1][row : row + 1])
            output, c = _run_chunks(read, first, weights, packing, first_alone=first_alone)
            h, c = _last_states(output, c, first[0][0], packing, ends)
            outputs.append(output if way is None else output.index_select(0, way))
            last_h.append(h)
            last_c.append(c)
        output = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=1)
    return Packed(output, torch.stack(last_h), torch.stack(last_c))


def _run_chunks(
    x: Float[Tensor, "slot feature"],
    start: State,
    weights: list[Tensor],
    packing: Packing,
    *,
    first_alone: bool,
) -> tuple[Float[Tensor, "slot hidden"], Float[Tensor, "lane hidden"]]:
    """Run one layer in one direction; return outputs in their slots, and the last c of each lane."""
    h, c = start
    outputs, ended, slot = [], [], 0
    for steps, rows in packing.chunks:
        ended.append(c[:, rows:])
        cells = x[slot : slot + steps * rows].view(steps, rows, -1)
        if first_alone and slot == 0:
            h, c = _step_from_zeros(cells, weights)
            output = h
        else:
            state = [h[:, :rows].contiguous(), c[:, :rows].contiguous()]
            bias, learning = len(weights) == 4, torch.is_grad_enabled()
            output, h, c = _VF.lstm(cells, state, weights, bias, 1, 0.0, learning, False, False)
        outputs.append(output.flatten(0, 1))
        slot += steps * rows
    output = torch.cat((*outputs, output.new_zeros(1, output.shape[-1])))
    return output, torch.cat([part.to(c.dtype) for part in (c, *reversed(ended))], dim=1)[0]


def _last_states(
    output: Float[Tensor, "slot hidden"],
    c: Float[Tensor, "lane hidden"],
    first_h: Float[Tensor, "lane hidden"],
    packing: Packing,
    ending: Int64[np.ndarray, "batch"],
) -> State:
    """Return h and c, each (batch, hidden), of the sequence in which each batch row ends."""
    h_at = np.append(packing.last, packing.zeros)[ending]
    c_at = np.append(packing.last_c, len(c) + len(packing.reveals))[ending]
    if c_at.max() >= len(c):  # some row ends before its lane does, or with zeros
        slots = packing.on_device(np.append(packing.reveals, packing.zeros))
        c = torch.cat((c, revealed(output.index_select(0, slots))))
    h = output.index_select(0, packing.on_device(h_at))
    without_step = h_at == packing.zeros
    if packing.sequences.by_row and not packing.shares_lanes and without_step.any():
        start = first_h.index_select(0, packing.on_device(packing.place)).to(h.dtype)
        h = start.where(packing.on_device(without_step)[:, None], h)
    return h, c.index_select(0, packing.on_device(c_at))


def _step_from_zeros(x: Float[Tensor, "1 row feature"], weights: list[Tensor]) -> State:
    """Return h and c, each (1, row, hidden), after one step from zeros: c = i·g, h = o·tanh(c).

    Neither the recurrent weights nor the forget gate have a part in it.
    """
    weight_ih, _, *biases = weights
    by_gate = weight_ih.chunk(4)
    bias_by_gate = torch.stack(biases).sum(dim=0).chunk(4) if biases else (None,) * 4
    i, g, o = (functional.linear(x, by_gate[gate], bias_by_gate[gate]) for gate in (0, 2, 3))
    c = i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def _zeros(lstm: Layers, x: Tensor, packing: Packing) -> State:
    rows = lstm.num_layers * (2 if lstm.bidirectional else 1)
    zeros = x.new_zeros(rows, len(packing.order), lstm.hidden_size)
    return zeros, zeros
