"""The base of all strategies: how hidden cells reach, or do not reach, the LSTM."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:  # menus, forms and specifications read strategies without torch
    from jaxtyping import Bool, Float
    from torch import Tensor

Recurrence = Literal["plain", "carry", "reset", "decay", "rits", "time_aware"]
"""What the LSTM does from step to step."""
OWN_RECURRENCES = ("decay", "time_aware", "rits")
"""Those that are no LSTM of features: each channel has its own part in them."""
Collapse = Literal["any", "all"]
"""A step is usable if any, or if all, of its channels are observed."""
Zero = Literal["raw", "scaled"]
"""Whose zero fills a hidden cell: that of the file's units, or that after scaling."""
LARGEST = 1e30
"""The largest size of a value that is filled in."""


@dataclass(frozen=True)
class Statistics:
    """Constants that strategies fill with, in scaled units: shapes that fit (batch, time, channel).

    `mean`: mean of the observed training cells. `zero`: where a raw zero lies after scaling.
    `scale`: how much of the file's units one scaled unit is, so that a raw v lies at
    zero + v / scale. A network keeps a row for each group of series, and hands a strategy each
    window's own.
    """

    mean: Float[Tensor, "*row channel"]
    zero: Float[Tensor, "*row channel"]
    scale: Float[Tensor, "*row channel"]


@dataclass(frozen=True)
class Features:
    """What the LSTM gets: `values` (batch, time, feature), `steps` (batch, time) bool or None.

    `steps` is the timestep mask for those that skip steps, None for the others. `elapsed` is the
    time since what a recurrence in clock time counts from, in median intervals of the data. `base` is what
    a reconstruction starts from: the network then predicts the difference.
    """

    values: Float[Tensor, "batch time feature"]
    steps: Bool[Tensor, "batch time"] | None = None
    elapsed: Float[Tensor, "batch time channel"] | None = None
    base: Float[Tensor, "batch time channel"] | None = None


class Strategy(BaseModel, ABC):
    """A way to use a mask; members carry a literal `kind` and validated options."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    kind: str
    title: ClassVar[str]
    causal: ClassVar[bool] = True
    tasks: ClassVar[tuple[str, ...]] = ("forecast", "reconstruct")
    source: ClassVar[str]
    explanation: ClassVar[str]
    """One paragraph, shown in the app."""
    reads_mask: ClassVar[bool] = True
    """False for the one strategy (`ignore`) that reads hidden cells as if nobody had hidden them."""
    reads_values: ClassVar[bool] = True
    """False for the one strategy (`mask_only`) that is told which cells are observed, and not their values."""
    relative_cost: ClassVar[float] = 1.0
    """Time of a training step relative to `mean_fill`, for estimates (benchmarks/strategies.py)."""
    recurrence: ClassVar[Recurrence] = "plain"
    both_ways: ClassVar[bool] = False
    """True if the LSTM reads from both ends whatever the network's settings say."""

    @abstractmethod
    def stand_in(self) -> str:
        """Return what stands in a hidden cell of a step that is read: "the training mean"."""

    @property
    def collapsed_by(self) -> Collapse | None:
        """What makes a step usable to a strategy that skips steps; None if every step is read."""
        return getattr(self, "collapse", None)

    @abstractmethod
    def features_per_channel(self) -> int:
        """Return how many input features stand for one channel."""

    def auxiliary_weight(self) -> float:
        """Return the weight of the network's own loss in training; 0 where it has none."""
        return 0.0

    def refinements(self) -> int:
        """Return how many further networks of a reconstruction correct what the first one estimates."""
        return 0

    @abstractmethod
    def features(
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        statistics: Statistics,
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return what the LSTM gets for scaled values and their masks.

        `values` is finite where `native` is True and may hold anything, NaN included, elsewhere.
        `observed` is the user's mask, a subset of `native`. `clock` is the time since the window's
        first step, in median intervals of the data, so that a regular clock counts 0, 1, 2; None
        means just that. The first `channel` features are the values themselves, where the strategy
        reads them, so that every strategy's weights for them can start alike.
        """

    def lstm_input(  # noqa: PLR0913, PLR0917 (a window, its masks and clock, three statistics)
        self,
        values: Float[Tensor, "batch time channel"],
        observed: Bool[Tensor, "batch time channel"],
        native: Bool[Tensor, "batch time channel"],
        mean: Float[Tensor, "#batch 1 channel"],
        zero: Float[Tensor, "#batch 1 channel"],
        scale: Float[Tensor, "#batch 1 channel"],
        clock: Float[Tensor, "batch time"] | None = None,
    ) -> Features:
        """Return `features` under the statistics; what a network calls."""
        statistics = Statistics(mean=mean, zero=zero, scale=scale)
        return self.features(values, observed, native, statistics, clock)

    @property
    def label(self) -> str:
        """The kind, with those options that differ from their defaults: `carry(collapse=all)`."""
        changed = self.model_dump(exclude_defaults=True, exclude={"kind"})
        options = ", ".join(f"{name}={value}" for name, value in sorted(changed.items()))
        return f"{self.kind}({options})" if options else self.kind


def usable_steps(
    observed: Bool[Tensor, "batch time channel"], collapse: Collapse
) -> Bool[Tensor, "batch time"]:
    """Return the timestep mask of a cell mask."""
    return observed.any(dim=-1) if collapse == "any" else observed.all(dim=-1)


def with_flags(
    values: Float[Tensor, "batch time channel"], observed: Bool[Tensor, "batch time channel"]
) -> Float[Tensor, "batch time 2*channel"]:
    """Return the values, then the mask as 0 and 1 (1 = observed), along the last axis."""
    import torch  # noqa: PLC0415, menus and forms read strategies without torch

    return torch.cat((values, observed.to(values.dtype)), dim=-1)


def constant_of(zero: Zero, statistics: Statistics, value: float = 0.0) -> Float[Tensor, "..."]:
    """Return where a value in those units lies after scaling, of each channel or of all.

    What lies beyond ±1e30 there counts as that, as it does in the data: float32 ends not far off.
    """
    if zero == "scaled":
        return statistics.zero.new_full((), value)
    if not value:
        return statistics.zero
    return (statistics.zero + value / statistics.scale).clamp(-LARGEST, LARGEST)


def zero_words(zero: Zero, value: float = 0.0) -> str:
    """Return a value and its units in a few words: "0 in the file's units"."""
    return f"{value:g} in {'scaled' if zero == 'scaled' else 'file'} units"
