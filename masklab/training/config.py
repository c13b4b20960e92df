"""What a user chooses about task, network and training: frozen, validated, without torch."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FROZEN = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Forecast(BaseModel):
    """`window` steps in, the next `horizon` steps of the target channels out; both in steps."""

    model_config = _FROZEN
    kind: Literal["forecast"] = "forecast"
    window: int = Field(default=48, ge=1, le=100_000)
    horizon: int = Field(default=6, ge=1, le=10_000)
    targets: tuple[str, ...] | None = Field(default=None, min_length=1)
    """Target channels; None means all."""


class Reconstruct(BaseModel):
    """Hide more of what is observed inside a window of `window` steps, and predict it.

    `rate`: share of the observed target cells freshly hidden, redrawn every batch in training,
    frozen in validation. `pattern`: single cells, or stretches of `length` steps.
    """

    model_config = _FROZEN
    kind: Literal["reconstruct"] = "reconstruct"
    window: int = Field(default=48, ge=2, le=100_000)
    targets: tuple[str, ...] | None = Field(default=None, min_length=1)
    rate: float = Field(default=0.2, gt=0, lt=1)
    pattern: Literal["cells", "blocks"] = "cells"
    length: int = Field(default=6, ge=1)

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.pattern == "blocks" and self.length > self.window:
            raise ValueError(
                f"stretches of {self.length} steps don't fit into a window of {self.window}. "
                "Shorten them, or lengthen the window."
            )
        return self


Task = Annotated[Forecast | Reconstruct, Field(discriminator="kind")]


class ModelConfig(BaseModel):
    """The network: a masked LSTM and a head, on the whole window (forecast) or on each step."""

    model_config = _FROZEN
    # 48 learns every sample's daily shape; 64 is hardly better and a third slower.
    hidden_size: int = Field(default=48, ge=1, le=4096)
    num_layers: int = Field(default=1, ge=1, le=8)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    bidirectional: bool = False
    """A second LSTM reads backwards. An `Experiment` that does not say so turns it on to reconstruct."""
    head: Literal["last", "mean", "attention"] = "last"
    """What a forecast reads: the last usable step, the mean over usable steps, or their mean by
    learnt attention. A strategy that skips no steps uses every step. A reconstruction reads each."""


class TrainingConfig(BaseModel):
    """The optimisation. `patience`: epochs without a better validation score before it stops."""

    model_config = _FROZEN
    epochs: int = Field(default=20, ge=1, le=100_000)
    batch_size: int = Field(default=64, ge=1, le=1_000_000)
    learning_rate: float = Field(default=5e-3, gt=0, le=10)
    weight_decay: float = Field(default=1e-4, ge=0)
    schedule: Literal["one_cycle", "cosine", "constant"] = "one_cycle"
    clip_norm: float = Field(default=1.0, gt=0)
    loss: Literal["mse", "mae"] = "mse"
    loss_on: Literal["scored", "all"] = "scored"
    """Target cells that the training loss counts. `all` is there to show what goes wrong: where the
    mask hides a target, or the file lacks it, the network learns the raw zero that multiplying by
    a mask leaves there. Scores count scored cells all the same."""
    # One-cycle scores badly at its peak and best at its end: fewer epochs would stop it at the peak.
    patience: int | None = Field(default=10, ge=1)
    training_windows: int | None = Field(default=2000, ge=1)
    """At most so many training windows an epoch, drawn anew each epoch; None takes all."""
    validation_windows: int | None = Field(default=1000, ge=1)
    """At most so many validation windows, evenly spread, the same every epoch; None takes all."""
    stride: int = Field(default=1, ge=1)
    """Steps between the starts of neighbouring windows."""
    longest_gap: int = Field(default=0, ge=0, le=1_000_000)
    """Gaps of the clock of at most so many missing steps are filled with masked steps, so that
    windows may cross them; 0 crosses none."""
    shortest: int | None = Field(default=None, ge=1)
    """A stretch too short for a window gives one padded window if it has so many input steps (and
    the horizon of a forecast); None leaves short stretches out."""
    scaling: Literal["standardise", "robust", "minmax", "none"] = "standardise"
    scaling_over: Literal["all", "series"] = "all"
    """Statistics over all series, or of each series by itself."""
    device: Literal["auto", "cpu", "cuda", "mps"] = "cpu"
