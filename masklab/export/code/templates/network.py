"""The network."""

import hashlib
import math

import numpy as np
import torch
from torch import Tensor, nn

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.data import FOLDER
from masklab.export.code.templates.features import filled
from masklab.export.code.templates.head import Attention, last_output, mean_output
from masklab.export.code.templates.plain import Recurrence
from masklab.export.code.templates.settings import (
    CHANNELS,
    HIDDEN_SIZE,
    HORIZON,
    OWN_WEIGHT,
    SEED,
    TARGETS,
    WIDTH,
)

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

    # if: one_answer
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

    # end
    # if: estimates
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

    # end


def draw_weights(network: nn.Module) -> None:
    """Draw every parameter uniformly in ±1/√width, from a stream of its own name and the seed.

    So networks of one seed start alike whatever their strategy; input columns beyond the channels,
    flags for example, have a stream of their own.
    """
    for name, parameter in network.named_parameters():
        bound = 1 / math.sqrt(HIDDEN_SIZE if name.startswith("lstm.") else WIDTH)
        parts = [(parameter, name)]
        if name.startswith("lstm.weight_ih_l0"):
            beyond = (parameter[:, CHANNELS:], f"{name}:beyond channels")
            parts = [(parameter[:, :CHANNELS], name), beyond]
        for part, stream in parts:
            digest = hashlib.blake2b(f"{SEED}:{stream}".encode(), digest_size=8).digest()
            generator = torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)
            with torch.no_grad():
                part.copy_((2 * torch.rand(part.shape, generator=generator) - 1) * bound)


def load_weights(network: nn.Module) -> None:
    """Take the weights that the run kept, from weights.npz."""
    with np.load(FOLDER / "weights.npz") as kept:
        network.load_state_dict({name: torch.from_numpy(kept[name]) for name in kept.files})
