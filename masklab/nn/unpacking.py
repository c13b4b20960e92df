"""How outputs and states go between packed slots and sequences, and batch rows and steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from masklab.nn.showing import show

if TYPE_CHECKING:
    from jaxtyping import Bool, Float, Int64
    from torch import Tensor

    from masklab.nn.packing import Packing


def rows_or_zeros(
    source: Float[Tensor, "row feature"], index: Int64[Tensor, "pick"]
) -> Float[Tensor, "pick feature"]:
    """Return the indexed rows; zeros for an index one past the end."""
    zeros = source.new_zeros(1, source.shape[1])
    return torch.cat((source, zeros)).index_select(0, index)


def outputs_by_step(
    output: Float[Tensor, "slot hidden"],
    packing: Packing,
    *,
    zero_at_masked: bool,
    bidirectional: bool,
) -> Float[Tensor, "batch time hidden"]:
    """Return what each step shows: its own output; at a masked step zeros, or that before it.

    Backwards in time, 'before' is after. Zeros where nothing usable came before.
    """
    observed, source = packing.observed, packing.source
    if zero_at_masked:
        shown = show(output, _own_slots(packing), source, None)
    elif bidirectional:
        forwards, backwards = output.chunk(2, dim=1)
        before = show(forwards, _last_slots(packing), source, _run_starts(observed, 0))
        after = show(backwards, _next_slots(packing), source, _run_starts(observed, 1))
        shown = torch.cat((before, after), dim=1)
    else:
        shown = show(output, _last_slots(packing), source, _run_starts(observed, 0))
    return shown.view(*packing.observed.shape, -1)


def starting_states(
    state: Float[Tensor, "layer batch hidden"], packing: Packing, directions: int
) -> Float[Tensor, "layer sequence hidden"]:
    """Return the state that each sequence starts from, the longest first.

    A stretch starts from the given state if it touches the border of time at which its direction
    begins; else from zeros.
    """
    if packing.sequences.by_row:
        return state.index_select(1, packing.on_device(packing.order))
    batch, time = packing.observed.shape
    steps, sequence = packing.sequences.steps, packing.sequences.sequence
    rows = np.full((directions, len(packing.order)), batch)
    for direction, border in enumerate((0, time - 1)[:directions]):
        touching = steps % time == border
        rows[direction, sequence[touching]] = steps[touching] // time
    return _pick_per_layer(state, packing.on_device(rows[:, packing.order]))


def ending_sequences(packing: Packing, directions: int) -> Int64[np.ndarray, "direction batch"]:
    """Return the sequence in which each batch row ends, one past the last where none does.

    Of stretches, that which touches the border of time at which the direction ends.
    """
    batch, time = packing.observed.shape
    if packing.sequences.by_row:
        return np.arange(batch)[None].repeat(directions, axis=0)
    steps, sequence = packing.sequences.steps, packing.sequences.sequence
    ending = np.full((directions, batch), len(packing.sequences.lengths))
    for direction, border in enumerate((time - 1, 0)[:directions]):
        touching = steps % time == border
        ending[direction, steps[touching] // time] = sequence[touching]
    return ending


def _pick_per_layer(
    state: Float[Tensor, "layer row hidden"], index: Int64[Tensor, "direction pick"]
) -> Float[Tensor, "layer pick hidden"]:
    return torch.stack(
        [rows_or_zeros(rows, index[row % len(index)]) for row, rows in enumerate(state)]
    )


def _own_slots(packing: Packing) -> Int64[np.ndarray, "step"]:
    """Return the slot of each usable step, that of the zeros for masked ones."""
    slots, usable = packing.slots, packing.sequences.usable
    own = np.full(packing.observed.size, packing.zeros)
    own[packing.sequences.steps] = (
        slots if usable is None else np.where(usable, slots, packing.zeros)
    )
    return own


def _last_slots(packing: Packing) -> Int64[np.ndarray, "step"]:
    """Return the slot of each step's last usable step so far in its row, for `carry`."""
    seen = packing.observed.cumsum()  # in rows before too
    last: Int64[np.ndarray, "step"] = packing.slots[seen - 1]
    last[(packing.observed.cumsum(axis=1) == 0).ravel()] = packing.zeros
    return last


def _next_slots(packing: Packing) -> Int64[np.ndarray, "step"]:
    """Return the slot of each step's next usable step in its row, itself included, for `carry`."""
    observed = packing.observed
    before = observed.cumsum() - observed.ravel()  # in rows before too
    after: Int64[np.ndarray, "step"] = np.append(packing.slots, packing.zeros)[before]
    left = observed.cumsum(axis=1) - observed < packing.sequences.lengths[:, None]
    after[~left.ravel()] = packing.zeros
    return after


def _run_starts(observed: Bool[np.ndarray, "batch time"], behind: int) -> Bool[np.ndarray, "step"]:
    """Return where runs begin: at a row's first step, and at or `behind` each usable step."""
    starts = np.ones_like(observed)
    starts[:, 1:] = observed[:, 1 - behind : observed.shape[1] - behind]
    return starts.ravel()
