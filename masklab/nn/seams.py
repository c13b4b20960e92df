"""What a network asks of strategies, tasks and sizes, so that `nn` needs none of their packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor


class LSTMInput(Protocol):
    """What a strategy makes of a window."""

    @property
    def values(self) -> Tensor:
        """Features, (batch, time, feature)."""

    @property
    def steps(self) -> Tensor | None:
        """The timestep mask, (batch, time) bool; None if every step is usable."""

    @property
    def elapsed(self) -> Tensor | None:
        """Time since what a recurrence in clock time counts from, (batch, time, channel)."""

    @property
    def base(self) -> Tensor | None:
        """What a reconstruction starts from, (batch, time, channel); None for zero."""


class InputStrategy(Protocol):
    """A strategy; `masklab.strategies` has the members."""

    @property
    def recurrence(self) -> Literal["plain", "carry", "reset", "decay", "rits", "time_aware"]:
        """What the LSTM does from step to step."""

    @property
    def both_ways(self) -> bool:
        """Whether it reads from both ends whatever the sizes say."""

    def features_per_channel(self) -> int:
        """Return how many input features stand for one channel."""

    def refinements(self) -> int:
        """Return how many further networks correct a reconstruction's first estimate."""

    def auxiliary_weight(self) -> float:
        """Return the weight of the recurrence's own loss in training."""

    def lstm_input(  # noqa: PLR0913, PLR0917 (a window, its masks and clock, three statistics)
        self,
        values: Tensor,
        observed: Tensor,
        native: Tensor,
        mean: Tensor,
        zero: Tensor,
        scale: Tensor,
        clock: Tensor | None = None,
    ) -> LSTMInput:
        """Return the LSTM's input for a window, its two masks and its clock."""


class NetworkTask(Protocol):
    """A task; `masklab.training.config` has the members."""

    @property
    def kind(self) -> str:
        """The task's name."""


@runtime_checkable
class HasHorizon(Protocol):
    """A task that looks ahead."""

    @property
    def horizon(self) -> int:
        """Steps to forecast."""


class NetworkSize(Protocol):
    """Sizes of the LSTM; `masklab.training.config.ModelConfig` has them."""

    @property
    def hidden_size(self) -> int:
        """Width of h and c."""

    @property
    def num_layers(self) -> int:
        """LSTMs on top of each other."""

    @property
    def dropout(self) -> float:
        """Share of features dropped between layers in training."""

    @property
    def members(self) -> int:
        """Networks side by side."""

    @property
    def calendar(self) -> tuple[str, ...]:
        """Cycles of the calendar that are read beside the features, two inputs each."""

    @property
    def bidirectional(self) -> bool:
        """Whether a second LSTM reads from the end."""

    @property
    def head(self) -> Literal["last", "mean", "attention"]:
        """What a forecast reads from the outputs of a window."""


class ScaledStatistics(Protocol):
    """Constants that strategies fill with, each (group, channel) or (channel), in scaled units."""

    @property
    def mean(self) -> Tensor:
        """Mean of the observed training cells."""

    @property
    def zero(self) -> Tensor:
        """Where a raw zero lies."""

    @property
    def scale(self) -> Tensor:
        """How much of the original units one scaled unit is."""
