"""One step of learning: gradient, clipping, AdamW at the scheduled rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from torch import nn

from masklab.training.adamw import AdamW
from masklab.training.config import TrainingConfig
from masklab.training.schedule import learning_rate

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor


class Learner:
    """Changes a network's weights, one loss at a time, over a planned number of steps."""

    def __init__(self, network: nn.Module, config: TrainingConfig, steps: int) -> None:
        self.config, self.steps, self.done = config, steps, 0
        self.rate = config.learning_rate
        self.parameters = list(network.parameters())
        self.optimiser = AdamW(self.parameters, config.weight_decay)

    def learn(self, loss: Float[Tensor, ""]) -> None:
        """Take one step against the loss's gradient."""
        peak = self.config.learning_rate
        self.rate = learning_rate(self.config.schedule, peak, self.done, self.steps)
        self.optimiser.clear()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.parameters, self.config.clip_norm)
        self.optimiser.step(self.rate)
        self.done += 1
