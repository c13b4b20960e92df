"""Estimate hidden cells as the network goes."""

# ruff: noqa: RET504 (a script takes some of the lines)

from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import features
from masklab.export.code.templates.gaps import since_observed
from masklab.export.code.templates.own import SUFFIXES, OwnLSTM, cell, fading, turned_round
from masklab.export.code.templates.settings import CHANNELS, HIDDEN_SIZE

# %% The recurrence: it estimates hidden cells before it reads them
# if: both_ways
CONSISTENCY = 0.1  # weight of the two directions' disagreement


# end
class Reading(NamedTuple):
    """What the recurrence makes of windows."""

    output: Tensor  # (batch, time, width)
    estimate: Tensor  # (batch, time, channel)
    error: Tensor  # of the estimates where the truth is observed: joins the training loss


class Recurrence(OwnLSTM):
    """RITS, and in both directions BRITS (Cao et al. 2018).

    Before each step every cell is estimated from h, then from the step's other channels, and both
    are mixed; where a cell is hidden the mixed estimate is read. h fades with the time since the
    channels were last observed.
    """

    def __init__(self) -> None:
        super().__init__()
        for suffix in SUFFIXES:
            for name, rows, columns in (
                ("decay_h", HIDDEN_SIZE, CHANNELS),
                ("history", CHANNELS, HIDDEN_SIZE),
                ("feature", CHANNELS, CHANNELS),
                ("mix", CHANNELS, HIDDEN_SIZE + CHANNELS),
            ):
                self.add(f"weight_{name}{suffix}", rows, columns)
                self.add(f"bias_{name}{suffix}", rows)

    def forward(self, window: Window) -> Reading:  # type: ignore[override]
        """Return outputs, estimates and their error."""
        reading = self.one_way(window, "")
        # if: both_ways
        other = self.one_way(turned_round(window), "_reverse")
        estimate = other.estimate.flip(1)
        apart = (reading.estimate - estimate).abs().mean()
        reading = Reading(
            torch.cat((reading.output, other.output.flip(1)), dim=-1),
            (reading.estimate + estimate) / 2,
            reading.error + other.error + CONSISTENCY * apart,
        )
        # end
        # if: above
        reading = reading._replace(output=self.above(reading.output, window))
        # end
        return reading

    def regression(self, name: str, suffix: str) -> tuple[Tensor, Tensor]:
        """Return weight and bias."""
        return getattr(self, f"weight_{name}{suffix}"), getattr(self, f"bias_{name}{suffix}")

    def one_way(self, window: Window, suffix: str) -> Reading:
        """Return the first layer's reading in one direction."""
        x, mask = features(window).chunk(2, dim=-1)
        elapsed = since_observed(window.clock, window.observed)
        fade = fading(functional.linear(elapsed, *self.regression("decay_h", suffix)))
        read = torch.cat((fade, mask), dim=-1)
        mix = functional.linear(read, *self.regression("mix", suffix)).sigmoid()
        history = self.regression("history", suffix)
        feature, feature_bias = self.regression("feature", suffix)
        others = feature * (1 - torch.eye(CHANNELS))  # no channel explains itself
        w_ih, w_hh, bias = self.weights(suffix)
        h = c = x.new_zeros(len(x), HIDDEN_SIZE)
        outputs, estimates, off = [], [], x.new_zeros(())
        for t in range(x.shape[1]):
            shown, m, b = x[:, t], mask[:, t], mix[:, t]
            from_state = functional.linear(h, *history)
            known = m * shown + (1 - m) * from_state
            from_channels = functional.linear(known, others, feature_bias)
            mixed = b * from_channels + (1 - b) * from_state
            for estimate in (from_state, from_channels, mixed):
                off = off + ((estimate - shown).abs() * m).sum()
            read = torch.cat((m * shown + (1 - m) * mixed, m), dim=-1)
            sums = functional.linear(read, w_ih, bias) + functional.linear(h * fade[:, t], w_hh)
            h, c = cell(sums, c)
            outputs.append(h)
            estimates.append(mixed)
        error = off / mask.sum().clamp(min=1)
        return Reading(
            torch.stack(outputs).transpose(0, 1), torch.stack(estimates).transpose(0, 1), error
        )
