"""The network: a recurrence and a linear layer."""

from torch import Tensor, nn

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import filled
from masklab.export.code.templates.head import Attention, last_output, mean_output
from masklab.export.code.templates.plain import Recurrence
from masklab.export.code.templates.settings import HORIZON, TARGETS, WIDTH


# %% The network
class Network(nn.Module):
    """The recurrence, and a linear layer on what it gives."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = Recurrence()
        # if: forecast
        self.head = nn.Linear(WIDTH, HORIZON * len(TARGETS))
        # end
        # if: per_step
        self.head = nn.Linear(WIDTH, len(TARGETS))
        # end
        # if: head_attention
        self.attention = Attention()
        # end

    def forward(self, window: Window) -> Tensor:
        """Return the scaled prediction (batch, step, target)."""
        output: Tensor = self.lstm(window)
        # if: per_step
        change: Tensor = self.head(output)
        # if: from_line
        return filled(window)[:, :, TARGETS] + change  # what the line gets wrong is learnt
        # end
        # if: from_nothing
        return change
        # end
        # end
        # if: forecast
        # if: head_last
        whole = last_output(output, window)
        # end
        # if: head_mean
        whole = mean_output(output, window)
        # end
        # if: head_attention
        whole = self.attention(output, window)
        # end
        return self.head(whole).view(-1, HORIZON, len(TARGETS))
        # end
