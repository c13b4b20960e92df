"""The network around a recurrence that estimates."""

from torch import Tensor, nn

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.head import Attention, last_output, mean_output
from masklab.export.code.templates.rits import Recurrence
from masklab.export.code.templates.settings import HORIZON, OWN_WEIGHT, TARGETS, WIDTH


# %% The network
class Network(nn.Module):
    """The recurrence, and a linear layer on what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = Recurrence()
        # if: forecast
        self.head = nn.Linear(WIDTH, HORIZON * len(TARGETS))
        # end
        # if: head_attention
        self.attention = Attention()
        # end

    def forward(self, window: Window) -> tuple[Tensor, Tensor]:
        """Return the scaled prediction (batch, step, target), and what joins the training loss."""
        reading = self.lstm(window)
        # if: reconstruct
        predicted = reading.estimate[:, :, TARGETS]
        # end
        # if: forecast
        # if: head_last
        whole = last_output(reading.output, window)
        # end
        # if: head_mean
        whole = mean_output(reading.output, window)
        # end
        # if: head_attention
        whole = self.attention(reading.output, window)
        # end
        predicted = self.head(whole).view(-1, HORIZON, len(TARGETS))
        # end
        return predicted, OWN_WEIGHT * reading.error
