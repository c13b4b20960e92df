"""In which precision a network's forward pass computes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import torch

from masklab.errors import TrainingError


def is_mixed(device: torch.device, precision: Literal["float32", "mixed", "auto"]) -> bool:
    """Return whether a run computes in mixed precision on this device.

    `auto` does where that is likely to help: on CUDA with bfloat16 in hardware. Raises
    `TrainingError` if `mixed` was asked for on a device that does not serve it.
    """
    in_hardware = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
    if precision != "mixed" or in_hardware or device.type == "cpu":
        return precision == "mixed" or (precision == "auto" and in_hardware)
    raise TrainingError(
        f"training.precision is 'mixed', but the run is on {device.type}, which has no bfloat16 "
        "here. Choose float32 or auto, or another training.device."
    )


@contextmanager
def computing(device: torch.device, *, mixed: bool) -> Iterator[None]:
    """Compute inside in float32, or in bfloat16 where autocast holds that safe.

    The weights stay float32. What the caller autocasts is of no account inside.
    """
    try:
        with torch.autocast(device.type, torch.bfloat16, enabled=mixed):
            yield
    finally:
        # Within a caller's autocast, casts of the weights would outlive the optimiser's step.
        torch.clear_autocast_cache()
