"""A plain LSTM."""

from torch import Tensor, nn

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features
from masklab.export.code.templates.settings import (
    BIDIRECTIONAL,
    DROPOUT,
    FEATURES,
    HIDDEN_SIZE,
    NUM_LAYERS,
)


# %% The recurrence: a plain LSTM, which reads every step
class Recurrence(nn.LSTM):
    """An LSTM over all steps. A hidden cell is filled, but its step still moves the state."""

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
        output: Tensor = super().forward(features(window))[0]
        return output
