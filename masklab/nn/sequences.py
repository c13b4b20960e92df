"""The sequences that the steps of a mask form: what an LSTM has to run through, and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from jaxtyping import Bool, Int64


@dataclass(frozen=True)
class Sequences:
    """Steps that are run, in order of batch row and time, and the sequence each belongs to.

    `steps`: flat positions row · time + t. `usable`: False where the step is a masked one that
    wipes the state; None if all are usable. `sequence`: the sequence of each; `lengths`: steps of
    each sequence. `by_row`: each batch row is one sequence, a row without a step too.
    """

    steps: Int64[np.ndarray, "kept"]
    usable: Bool[np.ndarray, "kept"] | None
    sequence: Int64[np.ndarray, "kept"]
    lengths: Int64[np.ndarray, "sequence"]
    by_row: bool


def rows(observed: Bool[np.ndarray, "batch time"]) -> Sequences:
    """Return the usable steps of each batch row as one sequence: `carry`."""
    lengths = np.count_nonzero(observed, axis=1)
    sequence = np.arange(len(observed)).repeat(lengths)
    return Sequences(np.flatnonzero(observed), None, sequence, lengths, by_row=True)


def stretches(observed: Bool[np.ndarray, "batch time"]) -> Sequences:
    """Return each stretch of usable steps as a sequence: `reset`, best where they are short."""
    steps = np.flatnonzero(observed)
    starts = observed & ~_shifted(observed, first=False)
    sequence = starts.ravel()[steps].cumsum() - 1
    return Sequences(steps, None, sequence, np.bincount(sequence), by_row=False)


def rows_with_wipes(observed: Bool[np.ndarray, "batch time"]) -> Sequences:
    """Return each batch row as one sequence, every gap cut down to one step that wipes the state.

    The other way to `reset`, best where stretches are long.
    """
    kept = rows(observed | _shifted(observed, first=True))
    usable = observed.ravel()[kept.steps]
    return Sequences(kept.steps, usable, kept.sequence, kept.lengths, by_row=True)


def _shifted(
    observed: Bool[np.ndarray, "batch time"], *, first: bool
) -> Bool[np.ndarray, "batch time"]:
    """Return the mask of the step before."""
    shifted = np.full_like(observed, first)
    shifted[:, 1:] = observed[:, :-1]
    return shifted
