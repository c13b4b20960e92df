"""Networks of one kind side by side, begun from different weights; the prediction is their mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

if TYPE_CHECKING:
    from jaxtyping import Float
    from torch import Tensor

    from masklab.nn.network import MaskedNetwork
    from masklab.nn.seams import ScaledStatistics


class Committee(nn.Module):
    """Members learn each for itself from the same batches, and are asked together.

    Averaging what differently begun networks predict (Hansen, Salamon 1990; Lakshminarayanan et al.
    2017) takes away what each learnt by chance. It costs `len(members)` times one of them.
    """

    def __init__(self, count: int, make: Callable[[int], MaskedNetwork]) -> None:
        super().__init__()
        self.members = nn.ModuleList(make(number) for number in range(count))

    @property
    def lstm(self) -> Any:
        """The first member's."""
        return self.members[0].lstm

    def set_statistics(self, statistics: ScaledStatistics) -> None:
        """See `MaskedNetwork.set_statistics`."""
        for one in self.members:
            one.set_statistics(statistics)  # type: ignore[operator]

    def forward(self, *window: Tensor | None) -> Float[Tensor, "batch step target"]:
        """Return the mean prediction; see `MaskedNetwork.forward`."""
        found = torch.stack([one(*window) for one in self.members])
        return found.mean(dim=0)

    def with_auxiliary(
        self, *window: Tensor | None
    ) -> tuple[Float[Tensor, "*estimate batch step target"], Float[Tensor, ""] | None]:
        """Return the mean, or, in training, every member's estimates; see `MaskedNetwork`.

        What the strategy adds to the loss is the members' mean.
        """
        found = [one.with_auxiliary(*window) for one in self.members]  # type: ignore[operator]
        predicted = torch.stack([one for one, _ in found])
        added = [more for _, more in found if more is not None]
        auxiliary = torch.stack(added).mean() if added else None
        return predicted if self.training else predicted.mean(dim=0), auxiliary
