"""Reset the state at masked steps."""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features, usable_steps
from masklab.export.code.templates.sequences import nothing, run_sequences
from masklab.export.code.templates.settings import (
    BIDIRECTIONAL,
    DROPOUT,
    FEATURES,
    HIDDEN_SIZE,
    NUM_LAYERS,
    WIDTH,
)


# %% The recurrence: a masked step wipes the state
class Recurrence(nn.LSTM):
    """h = m h' and c = m c': so every stretch of usable steps is a sequence of its own."""

    def __init__(self) -> None:
        super().__init__(
            FEATURES,
            HIDDEN_SIZE,
            NUM_LAYERS,
            batch_first=True,
            dropout=DROPOUT,
            bidirectional=BIDIRECTIONAL,
        )

    def forward(self, window: Window) -> Tensor:  # type: ignore[override]
        """Return the output of each step (batch, time, width), zeros at masked ones."""
        x, steps = features(window), usable_steps(window)
        if steps.all():
            output: Tensor = super().forward(x)[0]
            return output
        if not steps.any():
            return nothing(self, steps, WIDTH)
        begins = steps & ~torch.cat((torch.zeros_like(steps[:, :1]), steps[:, :-1]), dim=1)
        stretch = begins.flatten().cumsum(0).view(steps.shape)[steps] - 1
        output = x.new_zeros(*steps.shape, WIDTH)
        output[steps] = run_sequences(self.run, x[steps], stretch)
        return output

    def run(self, packed: PackedSequence) -> PackedSequence:
        """Return the outputs of packed sequences."""
        output: PackedSequence = super().forward(packed)[0]
        return output
