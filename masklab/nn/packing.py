"""Where each step goes when masked steps are left out.

Sequences are sorted, the longest first, and laid out by time: slot after slot, the k-th steps of
all sequences, then the next. So an LSTM runs over any mask with its fused kernel, on fewer steps:
what stands to the right of a sequence's end can't reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

import torch

from masklab.nn.chunks import Chunk, cost_of, cut_into_chunks, one_step_chunks
from masklab.nn.sequences import Sequences, rows, rows_with_wipes, stretches

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64
    from torch import Tensor


@dataclass(frozen=True)
class Packing:
    """The packed layout: a slot for each row and step of the chunks, and one for zeros at the end.

    `source`: the flat step that stands in each slot; one past the last step, for zeros, in slots
    without one. `rank`: number of each step that is run in its sequence, from 0; `slots`: its slot.
    `ends`: slots before the k-th steps. `order`: the sequences, the longest first; `place`: its
    inverse. `last`: slot of the last step of each sequence that has a step, the longest first.
    """

    observed: Bool[Tensor, "batch time"]
    sequences: Sequences
    chunks: list[Chunk]
    source: Int64[Tensor, "slot"]
    rank: Int64[Tensor, "kept"]
    slots: Int64[Tensor, "kept"]
    ends: Int64[Tensor, "rank"]
    order: Int64[Tensor, "sequence"]
    place: Int64[Tensor, "sequence"]
    last: Int64[Tensor, "running"]

    @classmethod
    def of(
        cls, observed: Bool[Tensor, "batch time"], on_masked: str, hidden_size: int | None
    ) -> Packing:
        """Lay out the steps to run in chunks that suit the hidden size; one step must be usable.

        `hidden_size` None: without padding or wiping, as in a `PackedSequence`.
        """
        sequences, chunks = _plan(observed, on_masked, hidden_size)
        lengths, sequence = sequences.lengths, sequences.sequence
        longest_first, order = lengths.sort(descending=True, stable=True)
        # Picked by index_select and put by scatter_: half a packing's time lies in such small calls.
        count = torch.arange(max(len(sequence), len(order)), device=observed.device)
        place = torch.empty_like(order).scatter_(0, order, count[: len(order)])

        widths = [chunk.rows for chunk in chunks for _ in range(chunk.steps)]
        ends = torch.tensor([0, *accumulate(widths)], device=observed.device)
        rank = count[: len(sequence)] - (lengths.cumsum(0) - lengths).index_select(0, sequence)
        slots = ends.index_select(0, rank) + place.index_select(0, sequence)

        source = torch.full((sum(widths) + 1,), observed.numel(), device=observed.device)
        steps = sequences.steps
        if sequences.usable is not None:
            steps = steps.where(sequences.usable, observed.numel())
        source.scatter_(0, slots, steps)
        running = chunks[0].rows
        last = ends.index_select(0, longest_first[:running] - 1) + count[:running]
        return cls(observed, sequences, chunks, source, rank, slots, ends, order, place, last)

    @property
    def zeros(self) -> int:
        """The slot that holds zeros."""
        return len(self.source) - 1

    def padding(self) -> Bool[Tensor, "slot"] | None:
        """Return which slots hold no step; None if only that of the zeros doesn't."""
        if self.zeros == len(self.slots):
            return None
        if self.sequences.usable is None:
            return self.source == self.observed.numel()
        padding = torch.ones_like(self.source, dtype=torch.bool)
        padding[self.slots] = False
        return padding

    def wipes(self) -> Bool[Tensor, "slot"] | None:
        """Return which slots wipe the state; None if none does."""
        if self.sequences.usable is None:
            return None
        wipes = torch.zeros_like(self.source, dtype=torch.bool)
        wipes[self.slots] = ~self.sequences.usable
        return wipes

    def mirror(self) -> Int64[Tensor, "slot"]:
        """Return the slots in which each sequence runs backwards; its own inverse."""
        lengths, sequence = self.sequences.lengths, self.sequences.sequence
        rank = lengths.index_select(0, sequence) - 1 - self.rank
        mirrored = self.ends.index_select(0, rank) + self.place.index_select(0, sequence)
        mirror = torch.arange(len(self.source), device=self.source.device)
        return mirror.scatter_(0, self.slots, mirrored)


def _plan(
    observed: Bool[Tensor, "batch time"], on_masked: str, hidden_size: int | None
) -> tuple[Sequences, list[Chunk]]:
    """Return the sequences to run, the cheaper ones where there are two ways, and their chunks."""
    if hidden_size is None:
        sequences = rows(observed) if on_masked == "carry" else stretches(observed)
        return sequences, one_step_chunks(sequences.alive())
    ways = (rows,) if on_masked == "carry" else (stretches, rows_with_wipes)
    found = [way(observed) for way in ways]
    plans = [(one, cut_into_chunks(one.alive(), hidden_size)) for one in found]
    return min(plans, key=lambda plan: cost_of(plan[1], hidden_size))
