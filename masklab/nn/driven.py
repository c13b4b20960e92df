"""Slots that are no step of the data: a feature for each kind drives the gates to what they do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64
    from torch import Tensor

    from masklab.nn.packing import Packing

SHUT, OPEN = -1e4, 1e4
"""What drives a gate to 0 and to 1 in every dtype, float16 included."""

HOLD_STATE = (SHUT, OPEN, 0.0, SHUT)
"""Of the gates i, f, g, o: c' = 1·c + 0·g, and h' = 0·tanh(c'), at padding and before a reveal."""

WIPE_STATE = (SHUT, SHUT, 0.0, 0.0)
"""c' = 0·c + 0·g, and with it h' = 0, before a sequence and at a masked step that resets."""

FADE = -8.0
REVEAL_C = (SHUT, FADE, 0.0, OPEN)
"""c' = σ(FADE)·c + 0·g, h' = 1·tanh(c'): kernels tell every h, but c at the end of a call only.

Faded, c comes out of tanh with all its digits, unless it is in the thousands: |c| grows by at most
1 a step. What it forgets by is known since the step before held the state: h is zero there.
"""


@dataclass(frozen=True)
class Driven:
    """Which slots are driven, a column for each kind there is, and the gates of each kind."""

    slots: Bool[Tensor, "slot kind"]
    gates: tuple[tuple[float, float, float, float], ...]
    reveals: Int64[Tensor, "seam"] | None

    @classmethod
    def of(cls, packing: Packing) -> Driven:
        """Find the kinds of slots that the packing has."""
        kinds = [
            (packing.padding(), HOLD_STATE),
            (packing.wipes, WIPE_STATE),
            (packing.reveals, REVEAL_C),
        ]
        there = [(at, gates) for at, gates in kinds if len(at)]
        slots = np.zeros((len(packing.source), len(there)), dtype=bool)
        for column, (at, _) in enumerate(there):
            slots[at, column] = True
        reveals = packing.on_device(packing.reveals) if len(packing.reveals) else None
        return cls(packing.on_device(slots), tuple(gates for _, gates in there), reveals)

    def beside(self, steps: Float[Tensor, "slot feature"]) -> Float[Tensor, "slot feature+kind"]:
        """Append the columns, to steps that are zero where c is revealed."""
        if not self.gates:
            return steps
        if self.reveals is not None:
            steps = steps.index_fill(0, self.reveals, 0.0)
        return torch.cat((steps, self.slots.to(steps.dtype)), dim=1)

    def weights(self, weights: list[Tensor]) -> list[Tensor]:
        """Return the weights of one layer and direction, with a column for each kind.

        It drives the gates whatever else they see, where c is revealed in place of the bias. So c
        reaches a lane's end as it stood after the last step, and no gradient leaves a slot that is
        no step of the data.
        """
        weight_ih, weight_hh, *biases = weights
        if not self.gates:
            return weights
        columns = weight_ih.new_tensor(self.gates).T  # (gate, kind)
        columns = columns.repeat_interleave(weight_hh.shape[1], dim=0)
        for bias in biases if self.reveals is not None else ():
            columns = columns - bias[:, None]
        return [torch.cat((weight_ih, columns), dim=1), weight_hh, *biases]


def revealed(h: Float[Tensor, "seam hidden"]) -> Float[Tensor, "seam hidden"]:
    """Return c from the h that reveals it."""
    return h.atanh() / torch.tensor(FADE, dtype=h.dtype, device=h.device).sigmoid()
