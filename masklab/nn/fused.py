"""Run the fused LSTM kernels over packed steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

import torch
from torch import _VF
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jaxtyping import Bool, Float
    from torch import Tensor

    from masklab.nn.packing import Packing

    State: TypeAlias = tuple[Tensor, Tensor]
    Flag: TypeAlias = tuple[Bool[Tensor, "slot"], tuple[float, float, float, float]]

SHUT, OPEN = -1e4, 1e4
"""What drives a gate to 0 and to 1 in every dtype, float16 included."""

HOLD_STATE = (SHUT, OPEN, 0.0, 0.0)
"""Of the gates i, f, g, o: c' = 1·c + 0·g, at padding."""

WIPE_STATE = (SHUT, SHUT, 0.0, 0.0)
"""c' = 0·c + 0·g, and with it h' = 0, at a masked step that resets."""


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
    """Outputs in their slots, zeros in the last, and the last states, the longest sequence first."""

    output: Float[Tensor, "slot hidden"]
    h: Float[Tensor, "layer sequence hidden"]
    c: Float[Tensor, "layer sequence hidden"]


def run_as_packed_sequence(
    lstm: Layers, x: Float[Tensor, "slot feature"], start: State | None, packing: Packing
) -> Packed:
    """Run all layers in one call, for GPUs: their kernels know sequences of unequal length.

    The packing must not be padded. `start`: h and c of each sequence, zeros if None.
    """
    start = _zeros(lstm, x, packing) if start is None else start
    running = len(packing.last)
    output, *last = _VF.lstm(
        x[:-1],
        torch.tensor([chunk.rows for chunk in packing.chunks]),
        [part[:, :running].contiguous() for part in start],
        [weight for weights in lstm.all_weights for weight in weights],
        lstm.bias,
        lstm.num_layers,
        lstm.dropout,
        lstm.training,
        lstm.bidirectional,
    )
    # Sequences without a step end as they start.
    h, c = (torch.cat((last[k], start[k][:, running:].to(output.dtype)), dim=1) for k in (0, 1))
    return Packed(torch.cat((output, output.new_zeros(1, output.shape[1]))), h, c)


def run_in_chunks(
    lstm: Layers, x: Float[Tensor, "slot feature"], start: State | None, packing: Packing
) -> Packed:
    """Run layer by layer, direction by direction and chunk by chunk, for CPUs.

    `start`: h and c of each sequence, zeros if None.
    """
    # The first step of many short sequences, as `reset` makes them, is worth a way of its own.
    first_alone = start is None and packing.chunks[0].steps == 1 and len(packing.chunks) > 1
    start = _zeros(lstm, x, packing) if start is None else start
    flags = [
        (packing.on_device(at), gates)
        for at, gates in ((packing.padding(), HOLD_STATE), (packing.wipes(), WIPE_STATE))
        if at is not None
    ]
    mirror = packing.on_device(packing.mirror()) if lstm.bidirectional else None
    output = x
    last_h: list[Tensor] = []
    last_c: list[Tensor] = []
    for layer in range(lstm.num_layers):
        if layer > 0:
            output = functional.dropout(output, lstm.dropout, lstm.training)
        steps = _flagged(output, flags)
        outputs = []
        for way in (None,) if mirror is None else (None, mirror):
            row = len(last_h)
            weights = _weights(lstm, row, flags)
            read = steps if way is None else steps.index_select(0, way)
            first = (start[0][row : row + 1], start[1][row : row + 1])
            output, h, c = _run_chunks(read, first, weights, packing, first_alone=first_alone)
            outputs.append(output if way is None else output.index_select(0, way))
            last_h.append(h)
            last_c.append(c)
        output = outputs[0] if mirror is None else torch.cat(outputs, dim=1)
    return Packed(output, torch.cat(last_h), torch.cat(last_c))


def _run_chunks(
    x: Float[Tensor, "slot feature"],
    start: State,
    weights: list[Tensor],
    packing: Packing,
    *,
    first_alone: bool,
) -> tuple[Tensor, Tensor, Tensor]:
    """Run one layer in one direction; return outputs in their slots, and the last h and c."""
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
    # The kernel's h has run on into the padding; c was held there: see _weights.
    h = output.index_select(0, packing.on_device(packing.last))[None]
    without_step = start[0][:, len(packing.last) :].to(h.dtype)
    c = torch.cat([part.to(c.dtype) for part in (c, *reversed(ended))], dim=1)
    return output, torch.cat((h, without_step), dim=1), c


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


def _flagged(
    steps: Float[Tensor, "slot feature"], flags: list[Flag]
) -> Float[Tensor, "slot feature+flag"]:
    """Append a feature for each kind of slot that is no step of the data, 1 where it is one."""
    if not flags:
        return steps
    return torch.cat((steps, *(at[:, None].to(steps.dtype) for at, _ in flags)), dim=1)


def _weights(lstm: Layers, row: int, flags: list[Flag]) -> list[Tensor]:
    """Return the weights of one layer and direction, with a column for each flag.

    A flag drives the gates whatever else they see. So c reaches a chunk's end as it stood after
    the sequence's last step, and no gradient leaves a slot that is no step of the data.
    """
    weight_ih, *others = lstm.all_weights[row]
    if not flags:
        return [weight_ih, *others]
    columns = weight_ih.new_tensor([gates for _, gates in flags]).T  # (gate, flag)
    columns = columns.repeat_interleave(lstm.hidden_size, dim=0)
    return [torch.cat((weight_ih, columns), dim=1), *others]
