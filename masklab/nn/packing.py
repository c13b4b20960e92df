"""Where each usable step goes when masked steps are left out, and how outputs come back.

Usable steps form sequences: under `carry` those of a batch row are one sequence, under `reset`
each stretch is one. Sequences are sorted, the longest first, and laid out by time: slot after
slot, the k-th steps of all sequences, then the next. So an LSTM runs over any mask as fast as over
none, on fewer steps, with its fused kernel: what stands to the right of a sequence's end can't
reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from masklab.nn.chunks import Chunk, cut_into_chunks

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64
    from torch import Tensor


@dataclass(frozen=True)
class Sequences:
    """The sequences that the usable steps form, in order of batch row and time.

    `steps`: flat positions row · time + t of the usable steps; `sequence`: the sequence of each;
    `lengths`: steps of each sequence.
    """

    steps: Int64[Tensor, "usable"]
    sequence: Int64[Tensor, "usable"]
    lengths: Int64[Tensor, "sequence"]

    @classmethod
    def of(cls, observed: Bool[Tensor, "batch time"], on_masked: str) -> Sequences:
        """Return the sequences of a timestep mask under `carry` or `reset`."""
        steps = observed.flatten().nonzero().squeeze(1)
        if on_masked == "carry":
            return cls(steps, steps // observed.shape[1], observed.sum(dim=1))
        starts = observed.clone()
        starts[:, 1:] &= ~observed[:, :-1]
        sequence = starts.flatten()[steps].cumsum(0) - 1
        return cls(steps, sequence, sequence.bincount())


@dataclass(frozen=True)
class Packing:
    """Slots of the packed layout. Indices one past the end mean 'zeros'.

    `source`: flat step of each slot. `slots`: slot of each usable step. `mirrored`: slot of each
    usable step when its sequence runs backwards. `order`: sequences by falling length. `last`: slot
    of the last step of each sequence that has one, in that order.
    """

    sequences: Sequences
    chunks: list[Chunk]
    source: Int64[Tensor, "slot"]
    slots: Int64[Tensor, "usable"]
    mirrored: Int64[Tensor, "usable"]
    order: Int64[Tensor, "sequence"]
    last: Int64[Tensor, "running"]

    @classmethod
    def of(cls, observed: Bool[Tensor, "batch time"], on_masked: str, *, padded: bool) -> Packing:
        """Lay out the usable steps, of which there must be one at least.

        `padded`: few chunks, filled up with steps that nobody reads; else one chunk for each step,
        as in a `PackedSequence`.
        """
        sequences = Sequences.of(observed, on_masked)
        lengths, sequence = sequences.lengths, sequences.sequence
        longest_first = lengths.sort(descending=True, stable=True)
        order = longest_first.indices
        place = torch.empty_like(order)
        place[order] = torch.arange(len(order), device=order.device)
        alive = (len(lengths) - lengths.bincount().cumsum(0)[:-1]).tolist()
        chunks = cut_into_chunks(alive) if padded else [Chunk(1, rows) for rows in alive]
        widths = torch.tensor(
            [chunk.rows for chunk in chunks for _ in range(chunk.steps)], device=observed.device
        )
        begin = widths.cumsum(0) - widths  # the first slot of the k-th steps
        first = lengths.cumsum(0) - lengths
        rank = torch.arange(len(sequence), device=order.device) - first[sequence]
        slots = begin[rank] + place[sequence]
        mirrored = begin[lengths[sequence] - 1 - rank] + place[sequence]
        total = sum(steps * rows for steps, rows in chunks)
        source = torch.full((total,), observed.numel(), device=observed.device)
        source[slots] = sequences.steps
        running = longest_first.values[: alive[0]]
        last = begin[running - 1] + torch.arange(alive[0], device=observed.device)
        return cls(sequences, chunks, source, slots, mirrored, order, last)

    def padding(self) -> Bool[Tensor, "slot"] | None:
        """Return which slots hold no step; None if all do."""
        if len(self.source) == len(self.slots):
            return None
        padding = torch.ones_like(self.source, dtype=torch.bool)
        padding[self.slots] = False
        return padding

    def mirror(self) -> Int64[Tensor, "slot"]:
        """Return the slots in which each sequence runs backwards; its own inverse."""
        mirror = torch.arange(len(self.source), device=self.source.device)
        mirror[self.slots] = self.mirrored
        return mirror
