"""Where each step goes when masked steps are left out.

Sequences are sorted, the longest first, and laid out by time: slot after slot, the k-th steps of
all sequences, then the next. So an LSTM runs over any mask with its fused kernel, on fewer steps:
what stands to the right of a sequence's end can't reach it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from masklab.nn.chunks import Chunk, cost_of, cut_into_chunks, one_step_chunks
from masklab.nn.sequences import Sequences, rows, rows_with_wipes, stretches

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64
    from torch import Tensor


@dataclass(frozen=True)
class Packing:
    """The packed layout: a slot for each row and step of the chunks, and one for zeros at the end.

    It is planned on the host, in NumPy, whose small calls cost a third of torch's: on small windows
    they would cost more than the steps that are left out.

    `source`: the flat step that stands in each slot; one past the last step, for zeros, in slots
    without one. `rank`: number of each step that is run in its sequence, from 0; `slots`: its slot.
    `ends`: slots before the k-th steps. `order`: the sequences, the longest first; `place`: its
    inverse. `last`: slot of the last step of each sequence that has a step, the longest first.
    """

    observed: Bool[np.ndarray, "batch time"]
    device: torch.device
    sequences: Sequences
    chunks: list[Chunk]
    source: Int64[np.ndarray, "slot"]
    rank: Int64[np.ndarray, "kept"]
    slots: Int64[np.ndarray, "kept"]
    ends: Int64[np.ndarray, "rank"]
    order: Int64[np.ndarray, "sequence"]
    place: Int64[np.ndarray, "sequence"]
    last: Int64[np.ndarray, "running"]

    @classmethod
    def of(
        cls, mask: Bool[Tensor, "batch time"], on_masked: str, hidden_size: int | None
    ) -> Packing:
        """Lay out the steps to run in chunks that suit the hidden size; one step must be usable.

        `hidden_size` None: without padding or wiping, as in a `PackedSequence`.
        """
        observed = mask.detach().cpu().contiguous().numpy()
        sequences, chunks = _plan(observed, on_masked, hidden_size)
        lengths, sequence = sequences.lengths, sequences.sequence
        order = (-lengths).argsort(kind="stable")
        place = np.empty_like(order)
        place[order] = np.arange(len(order))

        widths = [chunk.rows for chunk in chunks for _ in range(chunk.steps)]
        ends = np.array([0, *accumulate(widths)])
        rank = np.arange(len(sequence)) - (lengths.cumsum() - lengths)[sequence]
        slots = ends[rank] + place[sequence]

        source = np.full(ends[-1] + 1, observed.size)
        usable = sequences.usable
        source[slots] = (
            sequences.steps if usable is None else np.where(usable, sequences.steps, observed.size)
        )
        running = chunks[0].rows
        last = ends[lengths[order[:running]] - 1] + np.arange(running)
        return cls(
            observed, mask.device, sequences, chunks, source, rank, slots, ends, order, place, last
        )

    def on_device(self, array: np.ndarray[Any, Any]) -> Tensor:
        """Return an array of the plan as a tensor where the data lies."""
        return torch.from_numpy(array).to(self.device)

    @property
    def zeros(self) -> int:
        """The slot that holds zeros."""
        return len(self.source) - 1

    def padding(self) -> Bool[np.ndarray, "slot"] | None:
        """Return which slots hold no step; None if only that of the zeros doesn't."""
        if self.zeros == len(self.slots):
            return None
        padding = np.ones(len(self.source), dtype=bool)
        padding[self.slots] = False
        return padding

    def wipes(self) -> Bool[np.ndarray, "slot"] | None:
        """Return which slots wipe the state; None if none does."""
        if self.sequences.usable is None:
            return None
        wipes = np.zeros(len(self.source), dtype=bool)
        wipes[self.slots] = ~self.sequences.usable
        return wipes

    def mirror(self) -> Int64[np.ndarray, "slot"]:
        """Return the slots in which each sequence runs backwards; its own inverse."""
        lengths, sequence = self.sequences.lengths, self.sequences.sequence
        mirror = np.arange(len(self.source))
        rank = lengths[sequence] - 1 - self.rank
        mirror[self.slots] = self.ends[rank] + self.place[sequence]
        return mirror


def _plan(
    observed: Bool[np.ndarray, "batch time"], on_masked: str, hidden_size: int | None
) -> tuple[Sequences, list[Chunk]]:
    """Return the sequences to run, the cheaper ones where there are two ways, and their chunks."""
    if hidden_size is None:
        sequences = rows(observed) if on_masked == "carry" else stretches(observed)
        return sequences, one_step_chunks(sequences.alive())
    ways = (rows,) if on_masked == "carry" else (stretches, rows_with_wipes)
    found = [way(observed) for way in ways]
    plans = [(one, cut_into_chunks(one.alive(), hidden_size)) for one in found]
    return min(plans, key=lambda plan: cost_of(plan[1], hidden_size))
