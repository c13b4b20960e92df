"""The sequences that the steps of a mask form: what an LSTM has to run through, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64
    from torch import Tensor


@dataclass(frozen=True)
class Sequences:
    """Steps that are run, in order of batch row and time, and the sequence each belongs to.

    `steps`: flat positions row · time + t. `usable`: False where the step is a masked one that
    wipes the state; None if all are usable. `sequence`: the sequence of each; `lengths`: steps of
    each sequence. `by_row`: each batch row is one sequence, a row without a step too.
    """

    steps: Int64[Tensor, "kept"]
    usable: Bool[Tensor, "kept"] | None
    sequence: Int64[Tensor, "kept"]
    lengths: Int64[Tensor, "sequence"]
    by_row: bool

    def alive(self) -> list[int]:
        """Return how many sequences are longer than 0, 1, 2, ... steps."""
        ended = self.lengths.bincount().cumsum(0)
        alive: list[int] = (len(self.lengths) - ended[:-1]).tolist()
        return alive


def rows(observed: Bool[Tensor, "batch time"]) -> Sequences:
    """Return the usable steps of each batch row as one sequence: `carry`."""
    steps, lengths = observed.flatten().nonzero().squeeze(1), observed.sum(dim=1)
    sequence = torch.repeat_interleave(lengths, output_size=len(steps))
    return Sequences(steps, None, sequence, lengths, by_row=True)


def stretches(observed: Bool[Tensor, "batch time"]) -> Sequences:
    """Return each stretch of usable steps as a sequence: `reset`, best where they are short."""
    steps = observed.flatten().nonzero().squeeze(1)
    starts = observed & ~_shifted(observed, first=False)
    sequence = starts.flatten()[steps].cumsum(0) - 1
    return Sequences(steps, None, sequence, sequence.bincount(), by_row=False)


def rows_with_wipes(observed: Bool[Tensor, "batch time"]) -> Sequences:
    """Return each batch row as one sequence, every gap cut down to one step that wipes the state.

    The other way to `reset`, best where stretches are long.
    """
    kept = rows(observed | _shifted(observed, first=True))
    usable = observed.flatten()[kept.steps]
    return Sequences(kept.steps, usable, kept.sequence, kept.lengths, by_row=True)


def _shifted(observed: Bool[Tensor, "batch time"], *, first: bool) -> Bool[Tensor, "batch time"]:
    """Return the mask of the step before."""
    shifted = torch.full_like(observed, first)
    shifted[:, 1:] = observed[:, :-1]
    return shifted
