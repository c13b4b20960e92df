"""Where each step goes when masked steps are left out.

Sequences run in lanes, which are sorted, the longest first, and laid out by time: slot after slot,
the k-th steps of all lanes, then the next. So an LSTM runs over any mask with its fused kernel, on
fewer steps: what stands to the right of a lane's end can't reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from masklab.nn.chunks import CALL_COST, Chunk, cost_of, cut_into_chunks
from masklab.nn.lanes import Lanes
from masklab.nn.sequences import Sequences, rows, rows_with_wipes, stretches
from masklab.nn.unpacking import rows_or_zeros

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64
    from torch import Tensor

FEWEST = 32
"""Sequences for each thread that let two of them share a lane: lanes of fewer than 16 cost more.

Measured on a CPU at 32, 64 and 128 hidden units, as is the next.
"""

SEAMS_COST = CALL_COST
"""What the seams of shared lanes cost beside their steps, in the unit of `CALL_COST`."""

PRECISE = (torch.float32, torch.float64)
"""What c is revealed in, where sequences share a lane."""


@dataclass(frozen=True)
class Packing:
    """The packed layout: a slot for each lane and step of the chunks, and one for zeros at the end.

    It is planned on the host, in NumPy, whose small calls cost a third of torch's: on small windows
    they would cost more than the steps that are left out.

    `source`: the flat step that stands in each slot; one past the last step, for zeros, in slots
    without one. `slots`: the slot of each step that is run. `last`: that of each sequence's last
    step, the zeros' if it has none. `order`: the lanes, the longest first; `place`: its inverse.
    `reveals` and `wipes`: slots of these steps of seams, those of one seam at one position.
    `last_c`: where the last c of each sequence is among those of the lanes, the longest first, and
    the revealed ones after them.
    """

    observed: Bool[np.ndarray, "batch time"]
    device: torch.device
    sequences: Sequences
    chunks: list[Chunk]
    source: Int64[np.ndarray, "slot"]
    slots: Int64[np.ndarray, "kept"]
    last: Int64[np.ndarray, "sequence"]
    order: Int64[np.ndarray, "lane"]
    place: Int64[np.ndarray, "lane"]
    reveals: Int64[np.ndarray, "seam"]
    wipes: Int64[np.ndarray, "wipe"]
    last_c: Int64[np.ndarray, "sequence"]

    @classmethod
    def of(
        cls,
        mask: Bool[Tensor, "batch time"],
        on_masked: str,
        hidden_size: int,
        *,
        end_to_end: bool = False,
    ) -> Packing:
        """Lay out the steps to run in chunks that suit the hidden size; one step must be usable.

        `end_to_end`: sequences, which then start from zeros, may share lanes.
        """
        observed = mask.detach().cpu().contiguous().numpy()
        sequences, lanes, chunks = _plan(observed, on_masked, hidden_size, end_to_end=end_to_end)
        lengths, sequence, usable = sequences.lengths, sequences.sequence, sequences.usable
        order = (-lanes.lengths).argsort(kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))

        widths = [chunk.rows for chunk in chunks for _ in range(chunk.steps)]
        ends = np.array([0, *accumulate(widths)])
        zeros = ends[-1]
        step = np.arange(len(sequence)) + (lanes.begin - (lengths.cumsum() - lengths))[sequence]
        slots = ends[step] + place[lanes.lane][sequence]
        source = np.full(zeros + 1, observed.size)
        source[slots] = (
            sequences.steps if usable is None else np.where(usable, sequences.steps, observed.size)
        )

        lane, after, runs = lanes.lane, lanes.begin + lengths, lengths > 0
        last = np.full(len(lengths), zeros)
        last[runs] = ends[after[runs] - 1] + place[lane[runs]]
        at_end = after == lanes.lengths[lane]
        seams = np.flatnonzero(runs & ~at_end)
        reveals, wipes = (ends[after[seams] + step] + place[lane[seams]] for step in (1, 2))
        if usable is not None:
            wipes = np.concatenate((slots[~usable], wipes))
        last_c = np.where(at_end, place[lane], len(order) + len(seams))
        last_c[seams] = len(order) + np.arange(len(seams))
        return cls(
            observed, mask.device, sequences, chunks, source, slots, last, order, place, reveals,
            wipes, last_c,
        )  # fmt: skip

    def on_device(self, array: np.ndarray[Any, Any]) -> Tensor:
        """Return an array of the plan as a tensor where the data lies."""
        return torch.from_numpy(array).to(self.device)

    @property
    def zeros(self) -> int:
        """The slot that holds zeros."""
        return len(self.source) - 1

    @property
    def shares_lanes(self) -> bool:
        """Whether some lane runs several sequences, one after the other."""
        return len(self.order) < len(self.last)

    def padding(self) -> Int64[np.ndarray, "padding"]:
        """Return the slots that hold no step, nor reveal or wipe a state."""
        padding = np.ones(self.zeros, dtype=bool)
        for slots in (self.slots, self.reveals, self.wipes):
            padding[slots] = False
        return np.flatnonzero(padding)

    def mirror(self) -> Int64[np.ndarray, "slot"]:
        """Return the slots in which each sequence runs backwards; its own inverse."""
        lengths, sequence = self.sequences.lengths, self.sequences.sequence
        first = lengths.cumsum() - lengths
        mirror = np.arange(len(self.source))
        mirror[self.slots] = self.slots[
            (2 * first + lengths - 1)[sequence] - np.arange(len(sequence))
        ]
        return mirror


def _plan(
    observed: Bool[np.ndarray, "batch time"],
    on_masked: str,
    hidden_size: int,
    *,
    end_to_end: bool,
) -> tuple[Sequences, Lanes, list[Chunk]]:
    """Return the cheapest of the ways to run a mask: its sequences, their lanes, and chunks."""
    ways = (rows,) if on_masked == "carry" else (stretches, rows_with_wipes)
    plans = []
    for way in ways:
        sequences = way(observed)
        lanes = Lanes.one_each(sequences.lengths)
        choices = [lanes]
        if end_to_end and sequences.by_row and len(observed) >= FEWEST * torch.get_num_threads():
            choices.append(lanes.paired())
        plans += [(sequences, one, cut_into_chunks(one.alive(), hidden_size)) for one in choices]

    def cost(plan: tuple[Sequences, Lanes, list[Chunk]]) -> int:
        sequences, lanes, chunks = plan
        shared = len(lanes.lengths) < len(sequences.lengths)
        return cost_of(chunks, hidden_size) + SEAMS_COST * shared

    return min(plans, key=cost)


def pack(
    x: Float[Tensor, "batch time feature"],
    observed: Bool[Tensor, "batch time"],
    on_masked: str,
    hidden_size: int,
    *,
    from_zeros: bool,
) -> tuple[Packing, Float[Tensor, "slot feature"]]:
    """Return the layout that suits the device, and the steps laid out in it.

    `from_zeros`: whether all rows start from zeros, as they must to share lanes.
    """
    flat = x.flatten(0, 1)
    precise = x.dtype in PRECISE and not torch.is_autocast_enabled(x.device.type)
    end_to_end = from_zeros and precise and x.device.type == "cpu"
    packing = Packing.of(observed, on_masked, hidden_size, end_to_end=end_to_end)
    steps = rows_or_zeros(flat, packing.on_device(packing.source))
    if packing.shares_lanes and not steps.detach().sum().isfinite():
        # No gate keeps NaN from the next sequence of a lane.
        packing = Packing.of(observed, on_masked, hidden_size)
        steps = rows_or_zeros(flat, packing.on_device(packing.source))
    return packing, steps
