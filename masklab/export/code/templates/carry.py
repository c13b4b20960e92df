"""Skip masked steps."""

from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features, usable_steps
from masklab.export.code.templates.sequences import carried, nothing, rows_of, run_sequences
from masklab.export.code.templates.settings import (
    BIDIRECTIONAL,
    DROPOUT,
    FEATURES,
    HIDDEN_SIZE,
    NUM_LAYERS,
    WIDTH,
)


# %% The recurrence: masked steps are skipped, and the state waits
class Recurrence(nn.LSTM):
    """(h, c) at a masked step are those of the step before: Keras calls this Masking.

    Multiplying the input by the mask is not that: biases and memory would still move the state.
    """

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
        """Return the output of each step (batch, time, width)."""
        x, steps = features(window), usable_steps(window)
        if steps.all():
            output: Tensor = super().forward(x)[0]
            return output
        if not steps.any():
            return nothing(self, steps, WIDTH)
        output = run_sequences(self.run, x[steps], rows_of(steps))
        return carried(output, steps, BIDIRECTIONAL)

    def run(self, packed: PackedSequence) -> PackedSequence:
        """Return the outputs of packed sequences."""
        output: PackedSequence = super().forward(packed)[0]
        return output
