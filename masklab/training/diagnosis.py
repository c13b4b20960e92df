"""Stop a run whose loss is not finite, and say where it broke and what the likely cause is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from masklab.errors import TrainingError
from masklab.training.config import TrainingConfig
from masklab.training.prepare import Prepared

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

_LARGE = 1e4  # scaled units: no series that was standardised without outliers comes near


def check_finite(
    losses: Float[Tensor, "batch"],
    where: str,
    prepared: Prepared,
    config: TrainingConfig,
    *,
    reads_hidden: bool = False,
) -> None:
    """Raise `TrainingError` if a batch's loss is not finite; `where` names the epoch.

    `reads_hidden`: whether the run's strategy reads hidden cells, so that they may be the cause.
    """
    broken = ~torch.isfinite(losses)
    if not broken.any():
        return
    batch = int(broken.to(torch.uint8).argmax())
    raise TrainingError(
        f"The loss is {float(losses[batch])} in {where}, batch {batch + 1} of {len(losses)}. "
        f"{_cause(prepared, config, reads_hidden=reads_hidden)}"
    )


def _cause(prepared: Prepared, config: TrainingConfig, *, reads_hidden: bool) -> str:
    read = prepared.native if reads_hidden else prepared.observed
    sizes = np.abs(prepared.values).max(axis=0, where=read, initial=0)
    worst = int(sizes.argmax())
    if sizes[worst] > _LARGE:
        return (
            f"Likely cause: channel {prepared.channels[worst]!r} has values up to "
            f"{sizes[worst]:.3g} after scaling ({config.scaling}). Mask its outliers, or choose "
            "training.scaling: standardise."
            + (" This strategy reads masked cells too." if reads_hidden else "")
        )
    return (
        f"Likely cause: the learning rate {config.learning_rate:g} is too high. Lower it, or lower "
        f"clip_norm ({config.clip_norm:g})."
    )
