"""Let inputs and state fade."""

# ruff: noqa: RET504 (a script takes some of the lines)

import torch
from torch import Tensor
from torch.nn import functional

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features
from masklab.export.code.templates.gaps import since_observed
from masklab.export.code.templates.own import SUFFIXES, OwnLSTM, cell, fading, turned_round
from masklab.export.code.templates.settings import CHANNELS, HIDDEN_SIZE


# %% The recurrence: inputs and state fade as time passes
class Recurrence(OwnLSTM):
    """GRU-D's decays (Che et al. 2018) around an LSTM cell.

    A hidden cell starts at its last observed value and fades to the mean; h fades before each step:
    both by exp(-max(0, W d + b)), d being the time since the channel was last observed.
    """

    def __init__(self) -> None:
        super().__init__()
        for suffix in SUFFIXES:
            self.add(f"weight_decay_x{suffix}", CHANNELS)
            self.add(f"bias_decay_x{suffix}", CHANNELS)
            self.add(f"weight_decay_h{suffix}", HIDDEN_SIZE, CHANNELS)
            self.add(f"bias_decay_h{suffix}", HIDDEN_SIZE)

    def forward(self, window: Window) -> Tensor:  # type: ignore[override]
        """Return the output of each step (batch, time, width)."""
        output = self.one_way(window, "")
        # if: both_ways
        backward = self.one_way(turned_round(window), "_reverse").flip(1)
        output = torch.cat((output, backward), dim=-1)
        # end
        # if: above
        output = self.above(output, window)
        # end
        return output

    def one_way(self, window: Window, suffix: str) -> Tensor:
        """Return the first layer's outputs in one direction."""
        w_x, b_x, w_h, b_h = (
            getattr(self, name + suffix)
            for name in ("weight_decay_x", "bias_decay_x", "weight_decay_h", "bias_decay_h")
        )
        elapsed = since_observed(window.clock, window.observed)
        fade_x = fading(w_x * elapsed + b_x)
        fade_h = fading(functional.linear(elapsed, w_h, b_h))
        last, mask = features(window).chunk(2, dim=-1)
        x = torch.where(mask > 0, last, window.mean + fade_x * (last - window.mean))
        x = torch.cat((x, mask), dim=-1)
        w_ih, w_hh, bias = self.weights(suffix)
        h = c = x.new_zeros(len(x), HIDDEN_SIZE)
        outputs = []
        for t in range(x.shape[1]):
            h = h * fade_h[:, t]
            h, c = cell(functional.linear(x[:, t], w_ih, bias) + functional.linear(h, w_hh), c)
            outputs.append(h)
        return torch.stack(outputs).transpose(0, 1)
