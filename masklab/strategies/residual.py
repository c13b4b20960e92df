"""`residual`: draw the line across each gap, and learn what the line gets wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.strategies._gaps import at_steps, clock_or_steps, last_steps, next_steps
from masklab.strategies.interpolate import interpolated
from masklab.strategies.strategy import Features, Statistics, Strategy

if TYPE_CHECKING:
    from jaxtyping import Bool, Float
    from torch import Tensor


class Residual(Strategy):
    """Feed [line; m; exp(-δ_back); exp(-δ_forward)], both ways; predict x minus the line."""

    kind: Literal["residual"] = "residual"
    passes: int = Field(
        default=1,
        ge=1,
        le=3,
        title="Passes",
        description="Networks in a row: a second one reads the first one's estimate and corrects it.",
    )
    centred: bool = Field(
        default=False,
        title="Centred",
        description="Feed each channel's line less the mean of what is observed of it in the window: the "
        "network learns shapes instead of levels, which other months may not have.",
    )
    title: ClassVar[str] = "Correct the line"
    source: ClassVar[str] = "MaskLab's own, on linear interpolation in clock time"
    causal: ClassVar[bool] = False
    tasks: ClassVar[tuple[str, ...]] = ("reconstruct",)
    explanation: ClassVar[str] = (
        "The network gets the straight line across each gap, the mask, and how near the observed "
        "cells on either side are, and predicts the difference from the line. It starts from what "
        "is hard to beat instead of learning it anew. Reads from both ends and looks ahead: for "
        "reconstruction only."
    )
    both_ways: ClassVar[bool] = True

    def refinements(self) -> int:
        """Return how many networks correct the first one's estimate."""
        return self.passes - 1

    def stand_in(self) -> str:
        """Return it in a few words."""
        return "the line between observed neighbours"

    def features_per_channel(self) -> int:
        """Return 4: the line, the flag, the nearness of both neighbours."""
        return 4

    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return the line with mask and nearness, and the line as what the prediction starts from.

        δ_back and δ_forward are the times to the nearest observed cells at or before and at or
        after each step: exp(-δ) is 1 at an observed cell, and 0 where there is no such cell. `centred`
        takes the window's observed mean of a channel off its line, x̄ where nothing is observed, as
        reversible instance normalisation does (Kim et al. 2022); the base stays where it was.
        """
        import torch  # noqa: PLC0415, menus and forms read strategies without torch

        clock = clock_or_steps(clock, values)
        line = interpolated(values, observed, clock, nothing=statistics.mean)
        before, after = last_steps(observed), next_steps(observed)
        now = clock[:, :, None]
        back = (at_steps(clock, before) - now).exp().where(before >= 0, 0.0)
        forward = (now - at_steps(clock, after)).exp().where(after < observed.shape[1], 0.0)
        shape = line - _means(values, observed, statistics.mean) if self.centred else line
        fed = torch.cat((shape, observed.to(line.dtype), back, forward), dim=-1)
        return Features(fed, base=line)


def _means(
    values: Float[Tensor, "batch time channel"],
    observed: Bool[Tensor, "batch time channel"],
    nothing: Float[Tensor, "#batch 1 channel"],
) -> Float[Tensor, "batch 1 channel"]:
    """Return each channel's mean over the observed cells of its window, `nothing` where there are none."""
    count = observed.sum(dim=1, keepdim=True)
    total = values.where(observed, 0.0).sum(dim=1, keepdim=True)
    return (total / count.clamp(min=1)).where(count > 0, nothing)
