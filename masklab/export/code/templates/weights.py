"""Initial and kept weights."""

import hashlib
import math

import numpy as np
import torch
from torch import nn

from masklab.export.code.templates.data import FOLDER
from masklab.export.code.templates.settings import CHANNELS, HIDDEN_SIZE, SEED, WIDTH


# %% Weights: drawn, or those that the run kept
def draw_weights(network: nn.Module) -> None:
    """Draw every parameter uniformly in ±1/√width, from a stream of its own name and the seed.

    So networks of one seed start alike whatever their strategy; input columns beyond the channels,
    flags for example, have a stream of their own.
    """
    for name, parameter in network.named_parameters():
        bound = 1 / math.sqrt(HIDDEN_SIZE if name.startswith("lstm.") else WIDTH)
        parts = {name: parameter.data}
        if name.startswith("lstm.weight_ih_l0"):
            parts = {name: parameter.data[:, :CHANNELS]}
            parts[f"{name}:beyond channels"] = parameter.data[:, CHANNELS:]
        for stream, part in parts.items():
            digest = hashlib.blake2b(f"{SEED}:{stream}".encode(), digest_size=8).digest()
            generator = torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)
            part.copy_((2 * torch.rand(part.shape, generator=generator) - 1) * bound)


def load_weights(network: nn.Module) -> None:
    """Take the weights that the run kept, from weights.npz."""
    with np.load(FOLDER / "weights.npz", allow_pickle=False) as kept:
        network.load_state_dict({name: torch.from_numpy(kept[name]) for name in kept.files})
