"""How outputs and states go from packed slots to batch rows and time steps, and back.

Every index points one past the end where it means zeros.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

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
    observed: Bool[Tensor, "batch time"],
    *,
    zero_at_masked: bool,
    bidirectional: bool,
) -> Float[Tensor, "batch time hidden"]:
    """Return what each step shows: its own output; at a masked step zeros, or that before it.

    Backwards in time, 'before' is after. Zeros where nothing usable came before.
    """
    if zero_at_masked:
        index = torch.full((observed.numel(),), len(output), device=observed.device)
        index[packing.sequences.steps] = packing.slots
        shown = rows_or_zeros(output, index)
    elif bidirectional:
        forwards, backwards = output.chunk(2, dim=1)
        shown = torch.cat(
            (
                rows_or_zeros(forwards, _last_slots(packing, observed)),
                rows_or_zeros(backwards, _next_slots(packing, observed)),
            ),
            dim=1,
        )
    else:
        shown = rows_or_zeros(output, _last_slots(packing, observed))
    return shown.view(*observed.shape, -1)


def _last_slots(packing: Packing, observed: Bool[Tensor, "batch time"]) -> Int64[Tensor, "step"]:
    """Return the slot of each step's last usable step so far in its row."""
    count = observed.flatten().cumsum(0)
    seen = observed.cumsum(dim=1).flatten() > 0
    return packing.slots[(count - 1).clamp(min=0)].where(seen, len(packing.source))


def _next_slots(packing: Packing, observed: Bool[Tensor, "batch time"]) -> Int64[Tensor, "step"]:
    """Return the slot of each step's next usable step in its row, itself included."""
    count = observed.flatten().cumsum(0) - observed.flatten().long()  # usable steps before
    within = observed.cumsum(dim=1) - observed.long()
    ahead = (within < observed.sum(dim=1, keepdim=True)).flatten()
    return packing.slots[count.clamp(max=len(packing.slots) - 1)].where(ahead, len(packing.source))


def starting_states(
    state: Float[Tensor, "layer batch hidden"],
    packing: Packing,
    observed: Bool[Tensor, "batch time"],
    on_masked: str,
    directions: int,
) -> Float[Tensor, "layer sequence hidden"]:
    """Return the state that each sequence starts from, the longest first.

    Under `reset`, a sequence starts from the given state if it touches the border of time at
    which its direction begins; else from zeros.
    """
    if on_masked == "carry":
        return state.index_select(1, packing.order)
    batch, time = observed.shape
    sequences = packing.sequences
    rows = torch.full((directions, len(sequences.lengths)), batch, device=state.device)
    for direction, border in enumerate((0, time - 1)[:directions]):
        touching = sequences.steps % time == border
        rows[direction, sequences.sequence[touching]] = sequences.steps[touching] // time
    rows = rows[:, packing.order].repeat(len(state) // directions, 1)
    return _pick_per_layer(state, rows)


def final_states(
    state: Float[Tensor, "layer sequence hidden"],
    packing: Packing,
    observed: Bool[Tensor, "batch time"],
    on_masked: str,
    directions: int,
) -> Float[Tensor, "layer batch hidden"]:
    """Return the state in which each batch row ends.

    Under `reset`, that of the sequence that touches the border of time at which the direction
    ends; zeros if the step there is masked.
    """
    place = torch.empty_like(packing.order)
    place[packing.order] = torch.arange(len(place), device=place.device)
    if on_masked == "carry":
        return state.index_select(1, place)
    batch, time = observed.shape
    sequences = packing.sequences
    ends = torch.full((directions, batch), len(place), device=state.device)
    for direction, border in enumerate((time - 1, 0)[:directions]):
        touching = sequences.steps % time == border
        ends[direction, sequences.steps[touching] // time] = place[sequences.sequence[touching]]
    return _pick_per_layer(state, ends.repeat(len(state) // directions, 1))


def _pick_per_layer(
    state: Float[Tensor, "layer row hidden"], index: Int64[Tensor, "layer pick"]
) -> Float[Tensor, "layer pick hidden"]:
    picked = [rows_or_zeros(rows, pick) for rows, pick in zip(state, index, strict=True)]
    return torch.stack(picked)
