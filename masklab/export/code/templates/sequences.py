"""Run an LSTM over usable steps alone."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


# %% Running over usable steps alone
def run_sequences(
    run: Callable[[PackedSequence], PackedSequence], x: Tensor, sequence: Tensor
) -> Tensor:
    """Return the outputs (step, width) of usable steps (step, feature), sequence after sequence.

    `sequence` numbers the sequence of each step: 0, 0, 0, 1, 1, 2. Each starts from a zero state,
    and in each direction from its own end. Moved to the left, its steps stand side by side as if
    the masked ones between them had never been.
    """
    lengths = torch.bincount(sequence)
    place = torch.arange(len(sequence)) - (lengths.cumsum(0) - lengths)[sequence]
    moved = x.new_zeros(len(lengths), int(lengths.max()), x.shape[-1])
    moved[sequence, place] = x
    packed = pack_padded_sequence(moved, lengths, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(run(packed), batch_first=True)
    return output[sequence, place]


def nothing(lstm: torch.nn.Module, steps: Tensor, width: int) -> Tensor:
    """Return zeros (batch, time, width) of a batch without a usable step, with zero gradients."""
    zero = sum(one.sum() * 0 for one in lstm.parameters())
    return torch.zeros(*steps.shape, width) + zero


# if: carries
def rows_of(steps: Tensor) -> Tensor:
    """Return the number of the row of each usable step; a row without one has no number."""
    row = steps.nonzero()[:, 0]
    number: Tensor = torch.unique_consecutive(row, return_inverse=True)[1]
    return number


def carried(output: Tensor, steps: Tensor, both_ways: bool) -> Tensor:
    """Return for every step the last output so far (batch, time, width), zeros before the first.

    `output`: of the usable steps, in order. Backwards in time, the last one so far is the next.
    """
    count = steps.flatten().cumsum(0).view(steps.shape)
    so_far = steps.cumsum(dim=1) > 0
    halves = output.chunk(2, dim=-1) if both_ways else (output,)
    shown = [torch.where(so_far[:, :, None], halves[0][(count - 1).clamp(min=0)], 0.0)]
    if both_ways:
        to_come = steps.flip(1).cumsum(dim=1).flip(1) > 0
        following = (count - steps.long()).clamp(max=len(output) - 1)
        shown.append(torch.where(to_come[:, :, None], halves[1][following], 0.0))
    return torch.cat(shown, dim=-1)


# end
