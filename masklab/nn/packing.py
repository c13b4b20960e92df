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

if TYPE_CHECKING:
    from collections.abc import Callable

    from jaxtyping import Bool, Int64
    from torch import Tensor

    from masklab.nn.chunks import Chunk


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
    """The packed layout: a slot for each row and step of the chunks, and one for zeros at the end.

    `source`: the flat step that stands in each slot; one past the last step, for zeros, in slots
    without one. `slots`: slot of each usable step; `mirrored`: the same with every sequence
    running backwards. `order`: the sequences, the longest first; `place`: its inverse. `last`: slot
    of the last step of each sequence that has a step, the longest first.
    """

    observed: Bool[Tensor, "batch time"]
    on_masked: str
    sequences: Sequences
    chunks: list[Chunk]
    source: Int64[Tensor, "slot"]
    slots: Int64[Tensor, "usable"]
    mirrored: Int64[Tensor, "usable"]
    order: Int64[Tensor, "sequence"]
    place: Int64[Tensor, "sequence"]
    last: Int64[Tensor, "running"]

    @classmethod
    def of(
        cls,
        observed: Bool[Tensor, "batch time"],
        on_masked: str,
        cut: Callable[[list[int]], list[Chunk]],
    ) -> Packing:
        """Lay out the usable steps, of which there must be one at least.

        `cut` makes chunks of the number of sequences longer than 0, 1, 2, ... steps.
        """
        sequences = Sequences.of(observed, on_masked)
        lengths, sequence = sequences.lengths, sequences.sequence
        longest_first, order = lengths.sort(descending=True, stable=True)
        count = torch.arange(max(len(sequence), len(order)), device=observed.device)
        place = torch.empty_like(order)
        place[order] = count[: len(order)]

        alive = (len(order) - lengths.bincount().cumsum(0)[:-1]).tolist()
        chunks = cut(alive)
        widths = [chunk.rows for chunk in chunks for _ in range(chunk.steps)]
        ends = torch.tensor([0, *widths], device=observed.device).cumsum(0)  # of the k-th steps
        first = lengths.cumsum(0) - lengths
        rank = count[: len(sequence)] - first[sequence]
        slots = ends[rank] + place[sequence]
        mirrored = ends[lengths[sequence] - 1 - rank] + place[sequence]

        source = torch.full((sum(widths) + 1,), observed.numel(), device=observed.device)
        source[slots] = sequences.steps
        last = ends[longest_first[: alive[0]] - 1] + count[: alive[0]]
        return cls(
            observed, on_masked, sequences, chunks, source, slots, mirrored, order, place, last
        )

    @property
    def zeros(self) -> int:
        """The slot that holds zeros."""
        return len(self.source) - 1

    def padding(self) -> Bool[Tensor, "slot"] | None:
        """Return which slots hold no step; None if only that of the zeros doesn't."""
        if self.zeros == len(self.slots):
            return None
        padding = torch.ones_like(self.source, dtype=torch.bool)
        padding[self.slots] = False
        return padding

    def mirror(self) -> Int64[Tensor, "slot"]:
        """Return the slots in which each sequence runs backwards; its own inverse."""
        mirror = torch.arange(len(self.source), device=self.source.device)
        mirror[self.slots] = self.mirrored
        return mirror
