"""Where a run computes, and how it leaves the process around it as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import torch
from torch.utils import deterministic

from masklab.errors import TrainingError
from masklab.training.cublas import has_repeatable_workspace, reserve_workspace


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


def check_repeatable(device: torch.device) -> None:
    """Raise `TrainingError` if products on this device can't be made to repeat any more."""
    if device.type != "cuda":
        return
    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        reserve_workspace()
    if not has_repeatable_workspace():
        raise TrainingError(
            "training.deterministic is true, but this process uses CUDA already, without a "
            "repeatable workspace for its products. Set CUBLAS_WORKSPACE_CONFIG=:4096:8 in the "
            "environment before CUDA starts, or training.deterministic to false."
        )


class Isolation:
    """A run's own random state, one thread and gradients on, while it computes and only then.

    `deterministic`: operations repeat bit for bit, or raise; else CUDA may choose the quickest.

    One thread makes sums come out the same on every machine of a kind, and lets several runs share
    the cores; between two epochs the caller finds torch as it left it.
    """

    def __init__(self, device: torch.device, seed: int, *, deterministic: bool = True) -> None:
        if deterministic:
            check_repeatable(device)
        self._deterministic = deterministic
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
                torch.autocast(self._device.type, enabled=False),
                self._arithmetic(),
            ):
                yield
        finally:
            self._states = self._read()
            self._write(outer)
            torch.set_num_threads(threads)

    def states(self) -> dict[str, torch.Tensor]:
        """Return the run's own random states, while nothing computes."""
        return {str(at): state for at, state in enumerate(self._states)}

    def restore(self, states: Mapping[str, torch.Tensor]) -> None:
        """Go on drawing from other states; raise `KeyError` if they are of another device."""
        self._states = [states[str(at)] for at in range(len(self._states))]

    @contextmanager
    def _arithmetic(self) -> Iterator[None]:
        repeats, cuda = self._deterministic, torch.backends.cuda.matmul
        # Unlike use_deterministic_algorithms, this does not import the compiler: a second.
        memory: Any = deterministic
        mode, fills = torch.get_deterministic_debug_mode(), memory.fill_uninitialized_memory
        rounds = self._cuda and not repeats
        allowed = rounds and cuda.allow_tf32
        torch.set_deterministic_debug_mode(2 if repeats else 0)
        memory.fill_uninitialized_memory = False  # nothing here reads it: only time lost
        if rounds:
            cuda.allow_tf32 = True
        try:
            with torch.backends.cudnn.flags(
                enabled=torch.backends.cudnn.enabled,
                benchmark=not repeats,
                deterministic=repeats,
                allow_tf32=not repeats,
            ):
                yield
        finally:
            if rounds:
                cuda.allow_tf32 = allowed
            memory.fill_uninitialized_memory = fills
            torch.set_deterministic_debug_mode(mode)

    def _read(self) -> list[torch.Tensor]:
        cuda = [torch.cuda.get_rng_state(self._device)] if self._cuda else []
        return [torch.get_rng_state(), *cuda]

    def _write(self, states: list[torch.Tensor]) -> None:
        torch.set_rng_state(states[0])
        if self._cuda:
            torch.cuda.set_rng_state(states[1], self._device)
