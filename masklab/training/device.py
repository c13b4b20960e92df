"""Where a run computes, and how it leaves the process around it as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from masklab.errors import TrainingError


def resolve_device(device: Literal["auto", "cpu", "cuda", "mps"]) -> torch.device:
    """Return the device; `auto` takes CUDA, then MPS, then the CPU.

    Raises `TrainingError` if the device that was asked for is not there.
    """
    there = {
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
        "cpu": True,
    }
    if device == "auto":
        return torch.device(next(name for name, is_there in there.items() if is_there))
    if not there[device]:
        raise TrainingError(
            f"training.device is {device!r}, but this machine has no such device. "
            "Choose auto or cpu."
        )
    return torch.device(device)


class Isolation:
    """A run's own random state, one thread and gradients on, while it computes and only then.

    One thread makes sums come out the same on every machine of a kind, and lets several runs share
    the cores; between two epochs the caller finds torch as it left it.
    """

    def __init__(self, device: torch.device, seed: int) -> None:
        self._cuda = device.type == "cuda"
        self._device = device
        self._states = [torch.Generator().manual_seed(seed).get_state()]
        if self._cuda:
            self._states.append(torch.Generator(device).manual_seed(seed).get_state())

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Compute inside; on leaving, the caller's torch is as it was."""
        threads, outer = torch.get_num_threads(), self._read()
        torch.set_num_threads(1)
        self._write(self._states)
        try:
            with (
                torch.inference_mode(False),
                torch.enable_grad(),
                torch.backends.cudnn.flags(benchmark=False, deterministic=True),
            ):
                yield
        finally:
            self._states = self._read()
            self._write(outer)
            torch.set_num_threads(threads)

    def _read(self) -> list[torch.Tensor]:
        cuda = [torch.cuda.get_rng_state(self._device)] if self._cuda else []
        return [torch.get_rng_state(), *cuda]

    def _write(self, states: list[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        if self._cuda:
            torch.cuda.set_rng_state(states[1], self._device)
