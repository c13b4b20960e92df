"""What LSTMs with a loop of their own share."""

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import usable_steps
from masklab.export.code.templates.sequences import carried, nothing, rows_of, run_sequences
from masklab.export.code.templates.settings import (
    BIDIRECTIONAL,
    DROPOUT,
    FEATURES,
    HIDDEN_SIZE,
    NUM_LAYERS,
    WIDTH,
)

# %% An LSTM with a loop of its own
SUFFIXES = ("", "_reverse")[: 2 if BIDIRECTIONAL else 1]  # of the names of each direction's weights


# if: both_ways
def turned_round(window: Window) -> Window:
    """Return windows as they are seen from their end."""
    return window._replace(
        values=window.values.flip(1),
        observed=window.observed.flip(1),
        clock=(window.clock[:, -1:] - window.clock).flip(1),
    )


# end
# if: fades
def fading(sums: Tensor) -> Tensor:
    """Return exp(-max(0, sums)), between 0 and 1."""
    return (-sums).clamp(max=0).exp()


# end
class OwnLSTM(nn.LSTM):
    """An LSTM by its weights; how its first layer goes from step to step is written out below."""

    def __init__(self) -> None:
        super().__init__(
            FEATURES,
            HIDDEN_SIZE,
            NUM_LAYERS,
            batch_first=True,
            dropout=DROPOUT,
            bidirectional=BIDIRECTIONAL,
        )

    def add(self, name: str, *shape: int) -> None:
        """Add a parameter."""
        self.register_parameter(name, nn.Parameter(torch.zeros(shape)))

    def weights(self, suffix: str) -> tuple[Tensor, Tensor, Tensor]:
        """Return weight_ih, weight_hh and the sum of the biases of the first layer."""
        w_ih, w_hh, b_ih, b_hh = (
            getattr(self, name + suffix)
            for name in ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        )
        return w_ih, w_hh, b_ih + b_hh

    # if: above
    def above(self, output: Tensor, window: Window) -> Tensor:
        """Return what the layers above the first, plain ones, make of its output."""
        x = functional.dropout(output, DROPOUT, self.training)
        # if: skips
        steps = usable_steps(window)
        if not steps.any():
            return nothing(self, steps, WIDTH) + x * 0
        if not steps.all():
            return carried(run_sequences(self.run, x[steps], rows_of(steps)), steps, BIDIRECTIONAL)
        # end
        zeros = x.new_zeros((NUM_LAYERS - 1) * len(SUFFIXES), len(x), HIDDEN_SIZE)
        return torch.lstm(
            x,
            (zeros, zeros),
            self.upper_weights(),
            True,  # there are biases
            NUM_LAYERS - 1,
            DROPOUT,
            self.training,
            BIDIRECTIONAL,
            True,  # the batch comes first
        )[0]

    def upper_weights(self) -> list[Tensor]:
        """Return the weights of the layers above the first."""
        return [one for layer in self.all_weights[len(SUFFIXES) :] for one in layer]

    # end
    # if: runs_above
    def run(self, packed: PackedSequence) -> PackedSequence:
        """Return what the layers above the first make of packed sequences."""
        sequences = int(packed.batch_sizes[0])
        zeros = packed.data.new_zeros((NUM_LAYERS - 1) * len(SUFFIXES), sequences, HIDDEN_SIZE)
        output = torch.lstm(
            packed.data,
            packed.batch_sizes,
            (zeros, zeros),
            self.upper_weights(),
            True,  # there are biases
            NUM_LAYERS - 1,
            DROPOUT,
            self.training,
            BIDIRECTIONAL,
        )[0]
        return packed._replace(data=output)

    # end


def cell(sums: Tensor, c: Tensor) -> tuple[Tensor, Tensor]:
    """Return h and c after an LSTM's step; `sums`: what goes into its gates, in PyTorch's order."""
    i, f, g, o = sums.chunk(4, dim=-1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c
