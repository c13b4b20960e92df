"""AdamW by torch's own arithmetic, without what else `torch.optim.AdamW` brings along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor
from torch.optim.adamw import adamw


class AdamW:
    """Adam with decoupled weight decay (Loshchilov, Hutter 2019); bit for bit torch's.

    `torch.optim.AdamW` imports torch's compiler at its first step: 50 MB and a second or more of
    every run, for nothing that is used here. Parameters whose gradient is None are left as they are.
    """

    def __init__(self, parameters: Sequence[Tensor], weight_decay: float) -> None:
        self.parameters, self.weight_decay = list(parameters), weight_decay
        self._means = [torch.zeros_like(one) for one in self.parameters]
        self._squares = [torch.zeros_like(one) for one in self.parameters]
        self._steps = [one.new_zeros((), dtype=torch.float32) for one in self.parameters]
        self._fused = self.parameters[0].device.type in {"cpu", "cuda"}

    def clear(self) -> None:
        """Forget the gradients."""
        for one in self.parameters:
            one.grad = None

    def state(self) -> dict[str, Tensor]:
        """Return what it remembers of earlier steps."""
        return dict(self._remembered())

    @torch.no_grad()
    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Remember what another one did; raise `KeyError` or `RuntimeError` if it doesn't fit."""
        for name, tensor in self._remembered():
            tensor.copy_(state[name])

    def _remembered(self) -> Iterator[tuple[str, Tensor]]:
        kinds = {"mean": self._means, "square": self._squares, "step": self._steps}
        for kind, tensors in kinds.items():
            for at, tensor in enumerate(tensors):
                yield f"{kind}.{at}", tensor

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Move the parameters against their gradients at a learning rate."""
        used = [at for at, one in enumerate(self.parameters) if one.grad is not None]
        parameters, means, squares, steps = (
            [some[at] for at in used]
            for some in (self.parameters, self._means, self._squares, self._steps)
        )
        adamw(
            parameters,
            [one.grad for one in parameters if one.grad is not None],
            means,
            squares,
            [],
            steps,
            fused=self._fused,
            foreach=False,
            amsgrad=False,
            beta1=0.9,
            beta2=0.999,
            lr=rate,
            weight_decay=self.weight_decay,
            eps=1e-8,
            maximize=False,
        )
