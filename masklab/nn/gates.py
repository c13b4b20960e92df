"""The pointwise part of an LSTM cell, for recurrences whose gradient is written by hand.

Time comes first throughout. Gates lie side by side as PyTorch has them: i, f, g, o. Instead of
g = tanh(a) a trace holds s = σ(2a), g = 2s - 1: one σ then serves all gates, and tanh is five
times as slow on a CPU. `doubled` makes the weights that give 2a.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import torch

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


def doubled(weights: Float[Tensor, "gate ..."]) -> Float[Tensor, "gate ..."]:
    """Return weights or biases with the rows of g doubled; gradients need the same."""
    scaled = weights.clone()
    scaled.chunk(4)[2].mul_(2)
    return scaled


class Trace(NamedTuple):
    """What a forward pass leaves for its gradient; `h` and `c` start with their zeros."""

    gates: Float[Tensor, "time batch gate"]
    c: Float[Tensor, "time+1 batch hidden"]
    tanh_c: Float[Tensor, "time batch hidden"]
    h: Float[Tensor, "time+1 batch hidden"]

    @classmethod
    def empty(cls, like: Float[Tensor, "time batch hidden"]) -> Trace:
        """Return room for a pass over as many steps and rows, from zeros."""
        time, batch, hidden = like.shape
        h, c = (like.new_empty(time + 1, batch, hidden) for _ in range(2))
        h[0], c[0] = 0, 0
        return cls(like.new_empty(time, batch, 4 * hidden), c, torch.empty_like(like), h)


class Forward:
    """Goes through the steps of a pass, one cell at a time."""

    def __init__(self, trace: Trace) -> None:
        gates = (part.unbind() for part in trace.gates.chunk(4, dim=-1))
        h, c = trace.h.unbind(), trace.c.unbind()
        # Made once: to index in a loop is what costs.
        places = (trace.gates.unbind(), *gates, c[:-1], c[1:], trace.tanh_c.unbind(), h[1:])
        self._places = list(zip(*places, strict=True))
        self._ones = torch.ones_like(trace.h[0])
        self._minus_ones = -self._ones

    def through_cell(self, step: int) -> None:
        """Turn the sums in a step's gates into gates, and write its c, tanh(c) and h."""
        gates, i, f, s, o, c_before, c, tanh_c, h = self._places[step]
        gates.sigmoid_()
        torch.mul(f, c_before, out=c)
        c.addcmul_(i, s, value=2).sub_(i)  # i·g = 2·i·s - i
        torch.add(c, c, out=tanh_c)
        torch.lerp(self._minus_ones, self._ones, tanh_c.sigmoid_(), out=tanh_c)
        torch.mul(o, tanh_c, out=h)


class Backward:
    """Goes back through the steps of a pass, the last first, one cell at a time."""

    def __init__(self, trace: Trace) -> None:
        self.gates = _slopes(trace)
        """Gradient of the gates' sums under doubled weights, once all steps are done."""
        time, batch, width = trace.gates.shape
        by_c = self.gates.view(time, batch, 4, width // 4)[:, :, :3]
        f, o = (trace.gates.chunk(4, dim=-1)[at] for at in (1, 3))
        c_by_h = torch.addcmul(o, trace.h[1:], trace.tanh_c, value=-1)  # o - o·tanh²(c)
        by_h = self.gates.chunk(4, dim=-1)[3]
        parts = (self.gates, by_c, by_h, c_by_h, f)
        self._places: list[tuple[Tensor, ...]] = list(
            zip(*(part.unbind() for part in parts), strict=True)
        )
        self._c = torch.zeros_like(trace.h[0])
        self._c_of_gates = self._c[:, None]

    def through_cell(self, step: int, h: Float[Tensor, "batch hidden"]) -> Tensor:
        """Return the gradient of a step's sums (batch, gate), given that of its h."""
        gates, by_c, by_h, c_by_h, f = self._places[step]
        self._c.addcmul_(h, c_by_h)
        by_c.mul_(self._c_of_gates)
        by_h.mul_(h)
        self._c.mul_(f)
        return gates


def _slopes(trace: Trace) -> Float[Tensor, "time batch gate"]:
    """Return how c follows the sums of i, f and g, and h that of o: all that needs no loop."""
    slopes = torch.addcmul(trace.gates, trace.gates, trace.gates, value=-1)  # σ' = σ - σ²
    i, f, g, o = slopes.chunk(4, dim=-1)
    i.mul_(trace.gates.chunk(4, dim=-1)[2].mul(2).sub_(1))
    f.mul_(trace.c[:-1])
    g.mul_(trace.gates.chunk(4, dim=-1)[0]).mul_(2)
    o.mul_(trace.tanh_c)
    return slopes
