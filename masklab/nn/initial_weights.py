"""Initial weights, drawn by name: alike for every strategy of a seed."""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

import torch

if TYPE_CHECKING:
    from torch import Tensor, nn


def draw_weights(network: nn.Module, channels: int, seed: int, widths: tuple[int, int]) -> None:
    """Draw every parameter uniformly in ±1/√width, as PyTorch does, but by its name and the seed.

    `widths`: of what `lstm` carries from step to step, and of what all else reads. Input columns
    beyond the channels have a stream of their own, so that those of the channels are shared.
    """
    for name, parameter in network.named_parameters():
        bound = 1 / math.sqrt(widths[0] if name.startswith("lstm.") else widths[1])
        with torch.no_grad():
            if name.startswith("lstm.weight_ih_l0"):
                _uniform(parameter[:, :channels], bound, seed, name)
                _uniform(parameter[:, channels:], bound, seed, f"{name}:beyond channels")
            else:
                _uniform(parameter, bound, seed, name)


def _uniform(parameter: Tensor, bound: float, seed: int, name: str) -> None:
    digest = hashlib.blake2b(f"{seed}:{name}".encode(), digest_size=8).digest()
    generator = torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)
    draw = torch.rand(parameter.shape, generator=generator, dtype=torch.float32)
    parameter.copy_((2 * draw - 1) * bound)
