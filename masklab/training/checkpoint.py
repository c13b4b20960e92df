"""Where a run stands between two epochs, as a file from which it goes on bit for bit."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import safetensors
import safetensors.torch

from masklab.errors import TrainingError

if TYPE_CHECKING:
    from torch import Tensor

_KEY = "masklab"


@dataclass(frozen=True)
class Position:
    """How far a run has come: whole epochs, its best one, steps of the optimiser.

    The order of batches and all that is drawn follow from seed and epoch, so that the epoch is the
    position in the data too. `best_score` is None before the first epoch with a finite score.
    """

    strategy: str
    seed: int
    epoch: int
    best_epoch: int
    best_score: float | None
    steps: int
    planned: int


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run's position and its tensors: weights, best weights, optimiser, random states."""

    position: Position
    tensors: Mapping[str, Tensor]

    def part(self, name: str) -> dict[str, Tensor]:
        """Return the tensors of a part, such as "network", under their own names."""
        start = f"{name}/"
        return {
            key.removeprefix(start): tensor
            for key, tensor in self.tensors.items()
            if key.startswith(start)
        }


def joined(**parts: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return the tensors of several parts under one roof, copied, so that training may go on."""
    return {
        f"{part}/{name}": tensor.detach().cpu().clone()
        for part, tensors in parts.items()
        for name, tensor in tensors.items()
    }


def write(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint as safetensors and bring it to the disk; raise `OSError` if that fails."""
    told = {_KEY: json.dumps(asdict(checkpoint.position), allow_nan=False)}
    write_tensors(checkpoint.tensors, path, told)


def write_tensors(
    tensors: Mapping[str, Tensor], path: Path, told: dict[str, str] | None = None
) -> None:
    """Write tensors, such as the weights of a network, as safetensors; raise `OSError` on failure."""
    whole = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    try:
        safetensors.torch.save_file(whole, path, metadata=told)
    except safetensors.SafetensorError as error:
        raise _as_os_error(error, path) from error
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _as_os_error(error: safetensors.SafetensorError, path: Path) -> OSError:
    """Return what the disk said, which safetensors hands on as text ("... (os error 28)")."""
    number = str(error).rpartition("os error ")[2].rstrip(")\"' ")
    code = int(number) if number.isdigit() else 5
    return OSError(code, os.strerror(code), str(path))


def read(path: Path) -> Checkpoint:
    """Return the checkpoint of a file; raise `TrainingError` if it is cut, damaged or none."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            told = json.loads((file.metadata() or {})[_KEY])
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no dict
        position = Position(**told)
    except (OSError, safetensors.SafetensorError, KeyError, ValueError, TypeError) as error:
        raise TrainingError(
            f"The checkpoint {path.name} is damaged or none ({type(error).__name__}). "
            "The run can start from an earlier one, or anew."
        ) from error
    return Checkpoint(position, tensors)
