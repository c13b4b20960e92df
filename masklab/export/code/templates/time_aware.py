"""Mind the time that passed."""

# ruff: noqa: RET504 (a script takes some of the lines)

import math

import torch
from torch import Tensor
from torch.nn import functional

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features, usable_steps
from masklab.export.code.templates.gaps import since_observed
from masklab.export.code.templates.own import SUFFIXES, OwnLSTM, cell, turned_round
from masklab.export.code.templates.settings import HIDDEN_SIZE


# %% The recurrence: the short-term memory fades with the time since the last usable step
class Recurrence(OwnLSTM):
    """T-LSTM (Baytas et al. 2017); masked steps are skipped, and repeat the output before them.

    A learnt layer splits off the memory's short-term part, which counts 1 / log(e + d), d being the
    time since the usable step before.
    """

    def __init__(self) -> None:
        super().__init__()
        for suffix in SUFFIXES:
            self.add(f"weight_short{suffix}", HIDDEN_SIZE, HIDDEN_SIZE)
            self.add(f"bias_short{suffix}", HIDDEN_SIZE)

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
        x, steps = features(window), usable_steps(window)
        elapsed = since_observed(window.clock, steps[:, :, None])
        earlier = (steps.cumsum(dim=1) - steps.long()) > 0
        share = 1 / torch.log(math.e + torch.where(earlier[:, :, None], elapsed, 0.0))
        w_d, b_d = (getattr(self, f"{part}_short{suffix}") for part in ("weight", "bias"))
        w_ih, w_hh, bias = self.weights(suffix)
        h = c = x.new_zeros(len(x), HIDDEN_SIZE)
        outputs = []
        for t in range(x.shape[1]):
            short = functional.linear(c, w_d, b_d).tanh()
            sums = functional.linear(x[:, t], w_ih, bias) + functional.linear(h, w_hh)
            h_next, c_next = cell(sums, c - short + share[:, t] * short)
            usable = steps[:, t, None]
            h, c = torch.where(usable, h_next, h), torch.where(usable, c_next, c)
            outputs.append(h)
        return torch.stack(outputs, dim=1)
