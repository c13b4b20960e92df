"""Make one vector of a window."""

import torch
from torch import Tensor, nn

from masklab.export.code.templates.batches import Window
from masklab.export.code.templates.features import usable_steps
from masklab.export.code.templates.settings import HIDDEN_SIZE, WIDTH


# %% The head: one vector of each window
# if: head_attention
class Attention(nn.Module):
    """The mean of the outputs, weighted by learnt scores: additive attention without a query."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(WIDTH, WIDTH)
        self.score = nn.Linear(WIDTH, 1, bias=False)

    def forward(self, output: Tensor, window: Window) -> Tensor:
        """Return the weighted mean (batch, width)."""
        # if: skips
        steps = usable_steps(window)
        output = torch.where(steps[:, :, None], output, 0.0)
        # end
        scores = self.score(self.inner(output).tanh()).squeeze(-1)
        # if: skips
        # Where no step is usable all weights are alike: a softmax over nothing but -inf is NaN.
        masked = ~steps & steps.any(dim=1, keepdim=True)
        scores = scores.masked_fill(masked, -torch.inf)
        # end
        weights: Tensor = scores.softmax(dim=1)
        return (weights[:, :, None] * output).sum(dim=1)


# end
# if: head_mean
def mean_output(output: Tensor, window: Window) -> Tensor:
    """Return the mean of the outputs over the steps that were read (batch, width)."""
    # if: reads_all
    return output.mean(dim=1)
    # end
    # if: skips
    steps = usable_steps(window)
    total = torch.where(steps[:, :, None], output, 0.0).sum(dim=1)
    return total / steps.sum(dim=1, keepdim=True).clamp(min=1)
    # end


# end
# if: head_last
def last_output(output: Tensor, window: Window) -> Tensor:
    """Return what the network knows once it has read the window (batch, width).

    # if: both_ways
    The backward direction has read it all at the first step.
    # end
    # if: skips
    The last *usable* step is meant: `output[:, -1]` is whatever stands there, masked or padded.
    # end
    # if: reads_all
    This strategy reads every step, so that it is the last one; of one that skips steps, it would be
    the last usable one.
    # end
    """
    # if: reads_all
    # if: one_way
    return output[:, -1]
    # end
    # if: both_ways
    return torch.cat((output[:, -1, :HIDDEN_SIZE], output[:, 0, HIDDEN_SIZE:]), dim=-1)
    # end
    # end
    # if: skips
    steps = usable_steps(window)
    row, time = torch.arange(len(steps)), torch.arange(steps.shape[1])
    last = torch.where(steps, time, -1).amax(dim=1).clamp(min=0)
    picked = output[row, last]
    # if: both_ways
    first = steps.to(torch.uint8).argmax(dim=1)
    picked = torch.cat((picked[:, :HIDDEN_SIZE], output[row, first, HIDDEN_SIZE:]), dim=-1)
    # end
    return torch.where(steps.any(dim=1)[:, None], picked, 0.0)
    # end


# end
