"""What a user chooses about task, network and training: frozen, validated, without torch."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

_FROZEN = ConfigDict(
    frozen=True, extra="forbid", allow_inf_nan=False, use_attribute_docstrings=True
)
# What the Train page needs to draw a field stands with the field: its docstring is the help, `unit`,
# `step` and `words` (of a choice's values) are read by `ui.forms`. A setting without a title is for
# files alone.
_STEPS = {"unit": "steps"}

Pattern = Literal["cells", "blocks"]
"""How a reconstruction hides: single cells, or stretches of several steps."""
Cycle = Literal["day", "week", "year"]
"""A cycle of the calendar: where a step stands in it can be read."""


class Forecast(BaseModel):
    """`window` steps in, the next `horizon` steps of the target channels out; both in steps."""

    model_config = _FROZEN
    kind: Literal["forecast"] = "forecast"
    window: int = Field(default=48, ge=1, le=100_000, title="Window", json_schema_extra={**_STEPS})
    """How many steps the LSTM reads."""
    horizon: int = Field(default=6, ge=1, le=10_000, title="Horizon", json_schema_extra={**_STEPS})
    """How many steps after the window are predicted."""
    targets: tuple[str, ...] | None = Field(default=None, min_length=1, title="Target channels")
    """Channels that are predicted and scored; None means all. All are read, whatever is chosen."""


class Reconstruct(BaseModel):
    """Hide more of what is observed inside a window of `window` steps, and predict it."""

    model_config = _FROZEN
    kind: Literal["reconstruct"] = "reconstruct"
    window: int = Field(default=48, ge=2, le=100_000, title="Window", json_schema_extra={**_STEPS})
    """How many steps the LSTM reads."""
    targets: tuple[str, ...] | None = Field(default=None, min_length=1, title="Target channels")
    """Channels that are predicted and scored; None means all. All are read, whatever is chosen."""
    rate: float = Field(
        default=0.2, gt=0, lt=1, title="Share hidden afresh", json_schema_extra={"step": 0.05}
    )
    """Share of the observed target cells that is hidden on top and predicted: drawn anew every batch
    in training, always the same in validation."""
    pattern: Pattern = Field(
        default="cells",
        title="Hide",
        json_schema_extra={"words": {"cells": "single cells", "blocks": "stretches"}},
    )
    """Single cells, or stretches of `length` steps."""
    length: int = Field(default=6, ge=1, title="Stretch", json_schema_extra={**_STEPS})
    """Steps of a stretch that is hidden."""
    scored: Literal["fresh", "masked"] = "fresh"
    """Which cells validation and test score: those hidden afresh, or those that the file has and the
    mask hides. With `masked` nothing is hidden on top of the mask there: what imputation benchmarks do."""
    rate_to: float | None = Field(default=None, gt=0, lt=1)
    """In training each window's share hidden afresh is drawn between `rate` and this; None: always `rate`."""
    training_pattern: Literal["stretches", "rectangles"] | None = None
    """How training hides where that differs from `pattern`. In two of three windows `stretches` hides
    in some channels one stretch of random length, `rectangles` several stretches that neighbouring
    channels share; in the others both hide single cells. None: as `pattern` says."""

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.pattern == "blocks" and self.length > self.window:
            raise ValueError(
                f"stretches of {self.length} steps don't fit into a window of {self.window}. "
                "Shorten them, or lengthen the window."
            )
        if self.rate_to is not None and self.rate_to < self.rate:
            raise ValueError(
                f"rate_to ({self.rate_to:g}) is below rate ({self.rate:g}). Raise it, or leave it out."
            )
        return self


Task = Annotated[Forecast | Reconstruct, Field(discriminator="kind")]


class ModelConfig(BaseModel):
    """The network: a masked LSTM and a head, on the whole window (forecast) or on each step."""

    model_config = _FROZEN
    # 48 learns every sample's daily shape; 64 is hardly better and a third slower.
    hidden_size: int = Field(default=48, ge=1, le=4096, title="Hidden size")
    """Units of the LSTM's state."""
    num_layers: int = Field(default=1, ge=1, le=8, title="Layers")
    """LSTMs on top of each other."""
    dropout: float = Field(
        default=0.0, ge=0, lt=1, title="Dropout", json_schema_extra={"step": 0.1}
    )
    """Share of features dropped between layers in training; with one layer there is nothing
    between."""
    bidirectional: bool = Field(default=False, title="Bidirectional")
    """A second LSTM reads each window backwards: the default to reconstruct, since a hidden cell lies
    between its neighbours."""
    head: Literal["last", "mean", "attention"] = Field(
        default="last",
        title="Head",
        json_schema_extra={
            "words": {
                "last": "last usable step",
                "mean": "mean over usable steps",
                "attention": "learnt attention over usable steps",
            }
        },
    )
    """What a forecast reads: the last usable step, the mean over usable steps, or their mean by
    learnt attention. A strategy that skips no steps uses every step but padding. A reconstruction reads each."""
    members: int = Field(default=1, ge=1, le=32)
    """Networks that learn side by side from the same batches, begun from different weights; the mean of
    what they predict is the prediction. Costs that many times as much."""
    calendar: tuple[Cycle, ...] = ()
    """Cycles to read beside the channels, whatever is masked: time of day, day of the week, day of the
    year, each as sine and cosine. Of less than two years, a year's place is that of one week alone: the
    network learns those weeks by heart. Needs times in the data, and a strategy that estimates nothing itself."""


class TrainingConfig(BaseModel):
    """The optimisation, and the data it takes."""

    model_config = _FROZEN
    epochs: int = Field(default=20, ge=1, le=100_000, title="Epochs at most")
    """Passes over the training windows; a run may stop earlier, see patience."""
    batch_size: int = Field(default=64, ge=1, le=1_000_000, title="Batch size")
    """Windows behind one step of the optimiser."""
    learning_rate: float = Field(
        default=5e-3, gt=0, le=10, title="Learning rate", json_schema_extra={"step": 1e-3}
    )
    """How far one step of the optimiser goes; the schedule's peak."""
    weight_decay: float = Field(default=1e-4, ge=0)
    """Share of its size that each weight loses a step, times the learning rate."""
    schedule: Literal["one_cycle", "cosine", "constant"] = Field(
        default="one_cycle",
        title="Schedule",
        json_schema_extra={
            "words": {"one_cycle": "one cycle", "cosine": "cosine", "constant": "constant"}
        },
    )
    """How the learning rate moves."""
    clip_norm: float = Field(default=1.0, gt=0)
    """A longer gradient is cut to this length."""
    loss: Literal["mse", "mae"] = Field(
        default="mse",
        title="Loss",
        json_schema_extra={"words": {"mse": "squared error", "mae": "absolute error"}},
    )
    """What training makes small."""
    loss_on: Literal["scored", "all"] = Field(
        default="scored",
        title="Loss counts",
        json_schema_extra={
            "words": {"scored": "scored cells", "all": "all cells, to show what goes wrong"}
        },
    )
    """Target cells that the training loss counts. `all` is there to show what goes wrong: where the
    mask hides a target, or the file lacks it, the network learns the raw zero that multiplying by
    a mask leaves there. Scores count scored cells all the same."""
    # One-cycle scores badly at its peak and best at its end: fewer epochs would stop it at the peak.
    patience: int | None = Field(default=10, ge=1, title="Patience")
    """Stop a run after so many epochs without a better validation score, and keep its best weights.
    None never stops early."""
    halving: int | None = Field(default=None, ge=2, le=10, title="Stop hopeless runs: keep one in")
    """Successive halving (Jamieson & Talwalkar 2016), n being this number: after an n-th of the epochs
    (with many strategies, an n-th of that before) the strategies of each seed wait for each other, and
    one in n goes on. The others count as stopped: they are not compared. None lets every run go on to
    its end."""
    training_windows: int | None = Field(default=2000, ge=1, title="Windows drawn")
    """At most so many training windows an epoch, drawn anew each epoch; None takes all."""
    validation_windows: int | None = Field(default=1000, ge=1)
    """At most so many validation windows, evenly spread, the same every epoch; None takes all."""
    stride: int = Field(default=1, ge=1, title="Stride")
    """Steps between the starts of neighbouring windows."""
    longest_gap: int = Field(default=0, ge=0, le=1_000_000, title="Cross gaps up to")
    """Gaps of the clock of at most so many missing steps are filled with masked steps, so that
    windows may cross them; 0 crosses none."""
    shortest: int | None = Field(default=None, ge=1, title="Pad from")
    """A stretch too short for a window gives one padded window if it has so many input steps (and
    the horizon of a forecast); None leaves short stretches out."""
    scaling: Literal["standardise", "robust", "minmax", "none"] = Field(
        default="standardise",
        title="Scaling",
        json_schema_extra={
            "words": {
                "standardise": "standardise (mean 0, deviation 1)",
                "robust": "robust (median, quartiles)",
                "minmax": "lowest to highest",
                "none": "none",
            }
        },
    )
    """Fitted on observed training cells alone."""
    scaling_over: Literal["all", "series"] = Field(
        default="all",
        title="Scale over",
        json_schema_extra={"words": {"all": "all series", "series": "each series by itself"}},
    )
    """Each series by itself: series of different sizes weigh alike in training. A series without an
    observed training cell is scaled as over all."""
    device: Literal["auto", "cpu", "cuda", "mps"] = Field(
        default="cpu",
        title="Device",
        json_schema_extra={
            "words": {
                "auto": "a GPU if there is one, else the CPU",
                "cpu": "CPU",
                "cuda": "NVIDIA GPU (CUDA)",
                "mps": "Apple GPU (MPS)",
            }
        },
    )
    """Where a run computes; auto takes CUDA, then MPS, then the CPU. A run fails, and says so, where
    the device it asks for is not there."""
    precision: Literal["float32", "mixed", "auto"] = Field(
        default="float32",
        title="Precision",
        json_schema_extra={
            "words": {
                "float32": "float32",
                "mixed": "mixed with bfloat16",
                "auto": "mixed on a GPU that has bfloat16",
            }
        },
    )
    """Meant for a GPU. Mixed: the forward pass in bfloat16 where `torch.autocast` holds it safe (on
    CUDA, cuDNN's LSTM takes float16 instead); weights, loss, error sums and optimiser in float32, as
    are the recurrences of `decay`, `time_aware`, `rits` and `brits`. Seen on a CPU with AVX-512
    BF16: an epoch took 0.7 of float32's time at hidden size 48, 0.5 at 256. A CPU without it may be
    slower; on CUDA nothing was measured."""
    deterministic: bool = Field(default=True, title="Repeatable on a GPU")
    """The same specification gives the same bits on the same machine. Off matters on CUDA alone: it
    lets cuDNN choose its kernels by time and products round to TF32. The CPU repeats either way."""
