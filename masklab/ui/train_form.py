"""What the Train page asks, with defaults from the data, and the experiment that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from jaxtyping import Int8
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from masklab.charts.palette import in_order
from masklab.data.clock import interval, segments
from masklab.data.samples import PREFIX, SAMPLES, TaskHint
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.runs.spec import STRATEGIES, Experiment, parse_experiment
from masklab.split import TRAINING, VALIDATION
from masklab.training.config import ModelConfig, TrainingConfig
from masklab.ui.project import Project
from masklab.windows import stretches

DEFAULT_STRATEGIES = ("zero_fill", "mean_fill", "indicator", "carry")
_DAY = 86_400.0
_MODEL, _TRAINING = ModelConfig(), TrainingConfig()


class TrainForm(BaseModel):
    """Settings of the Train page; `seeds` is how many, counted from `first_seed`.

    `targets` empty means all channels; `patience` 0 means never to stop early, `shortest` 0
    to pad nothing; `options` holds each strategy's own settings by its kind. `bidirectional` None
    follows the task, as in `Experiment`. Numbers have no lower bound here: one that is too low is
    kept as it was typed, and `experiment` says what it should be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(default="", max_length=120)
    task: Literal["forecast", "reconstruct"] = "forecast"
    window: int = Field(default=48, le=100_000)
    horizon: int = Field(default=6, le=10_000)
    targets: tuple[str, ...] = ()
    rate: float = Field(default=0.2, ge=0.01, le=0.95)
    pattern: Literal["cells", "blocks"] = "cells"
    length: int = Field(default=6, le=10_000)
    strategies: tuple[str, ...] = DEFAULT_STRATEGIES
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    seeds: int = Field(default=2, le=100)
    first_seed: int = Field(default=0, ge=0, le=1_000_000)
    hidden_size: int = Field(default=_MODEL.hidden_size, le=4096)
    num_layers: int = Field(default=_MODEL.num_layers, le=8)
    dropout: float = Field(default=_MODEL.dropout, ge=0, le=0.9)
    bidirectional: bool | None = None
    head: Literal["last", "mean", "attention"] = _MODEL.head
    epochs: int = Field(default=_TRAINING.epochs, le=100_000)
    patience: int = Field(default=_TRAINING.patience or 0, ge=0, le=100_000)
    batch_size: int = Field(default=_TRAINING.batch_size, le=1_000_000)
    learning_rate: float = Field(default=_TRAINING.learning_rate, ge=1e-6, le=10)
    training_windows: int = Field(default=_TRAINING.training_windows or 2000, le=10_000_000)
    stride: int = Field(default=_TRAINING.stride, le=100_000)
    longest_gap: int = Field(default=_TRAINING.longest_gap, ge=0, le=1_000_000)
    shortest: int = Field(default=_TRAINING.shortest or 0, ge=0, le=100_000)
    loss: Literal["mse", "mae"] = _TRAINING.loss
    loss_on: Literal["scored", "all"] = _TRAINING.loss_on
    schedule: Literal["one_cycle", "cosine", "constant"] = _TRAINING.schedule
    scaling: Literal["standardise", "robust", "minmax", "none"] = _TRAINING.scaling
    scaling_over: Literal["all", "series"] = _TRAINING.scaling_over

    def experiment(self, project: Project) -> Experiment:
        """Return the experiment of these settings; raise `ExperimentError` in a sentence."""
        if project.data is None:
            raise ExperimentError("There is no data yet. Choose some on the Data page.")
        kinds = [kind for kind in in_order(self.strategies) if self._serves(kind)]
        if not kinds:
            raise ExperimentError("No strategy is chosen. Tick at least one.")
        return parse_experiment(
            {
                "name": self.name or self._name(project),
                "data": project.data,
                "recipe": project.recipe,
                "split": project.split,
                "task": self._task(),
                "strategies": [{"kind": kind, **self.options.get(kind, {})} for kind in kinds],
                "seeds": list(range(self.first_seed, self.first_seed + self.seeds)),
                "model": self._model(),
                "training": {
                    **self._some(*_SHARED),
                    "shortest": self.shortest or None,
                    "patience": self.patience or None,
                },
            }
        )

    def _serves(self, kind: str) -> bool:
        """Whether a strategy is drawn for this task; one ticked for the other is left out."""
        return self.task in STRATEGIES[kind].tasks

    def _model(self) -> dict[str, Any]:
        both = {} if self.bidirectional is None else {"bidirectional": self.bidirectional}
        return {**self._some("hidden_size", "num_layers", "dropout", "head"), **both}

    def _task(self) -> dict[str, Any]:
        shared = {"kind": self.task, "window": self.window, "targets": self.targets or None}
        if self.task == "forecast":
            return {**shared, "horizon": self.horizon}
        return {**shared, **self._some("rate", "pattern", "length")}

    def _name(self, project: Project) -> str:
        task = f"{self.horizon} steps ahead" if self.task == "forecast" else "reconstruct"
        return f"{project.name or 'data'}, {task}"[:200]

    def _some(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}


_SHARED = [name for name in TrainingConfig.model_fields if name in TrainForm.model_fields]
"""Settings of training that the form holds under the same name."""


def train_form(
    changed: Mapping[str, Any],
    panel: Panel,
    parts: Int8[np.ndarray, "row"],
    hint: TaskHint | None = None,
) -> TrainForm:
    """Return the defaults for this data with a user's changes; changes that don't fit are dropped.

    `hint`: what suits a sample, instead of what suits its clock.
    """
    defaults = suggested(panel, parts)
    if hint is not None:
        lengths = {"window": hint.window, "horizon": hint.horizon, "targets": hint.targets}
        defaults = defaults.model_copy(update=lengths)
    fitting: dict[str, Any] = {
        name: value
        for name, value in changed.items()
        if name in TrainForm.model_fields and _valid(name, value)
    }
    if len(panel) == 1:  # kept from another file, it would name the same experiment twice
        fitting.pop("scaling_over", None)
    if "targets" in fitting:
        fitting["targets"] = [one for one in fitting["targets"] if one in panel.channels]
    if "strategies" in fitting:
        fitting["strategies"] = [kind for kind in fitting["strategies"] if kind in STRATEGIES]
    return TrainForm.model_validate({**defaults.model_dump(), **fitting})


def hint_for(project: Project) -> TaskHint | None:
    """Return the settings that come with a sample; None for a file of the user's own."""
    path = project.data.path if project.data else ""
    known = {f"{PREFIX}{one.name}": one.hint for one in SAMPLES}
    return known.get(path)


def suggested(panel: Panel, parts: Int8[np.ndarray, "row"]) -> TrainForm:
    """Return defaults that suit the clock: two days in and a quarter of a day out, say.

    A window and its horizon take at most a third of the longest stretch without a gap, in
    training and in validation.
    """
    window, horizon = _lengths(panel)
    ids = segments(panel)
    room = min(_longest(ids, parts, part) for part in (TRAINING, VALIDATION)) // 3
    window = max(1, min(window, room * 4 // 5))
    horizon = max(1, min(horizon, window // 2, room - window))
    length = max(1, min(6, window // 4))
    return TrainForm(window=max(window, 2), horizon=horizon, length=length)


def _lengths(panel: Panel) -> tuple[int, int]:
    if panel.clock_kind == "step" or panel.rows < 2:
        return 48, 6
    step = float(interval(panel) / np.timedelta64(1, "s"))
    per_day = _DAY / step
    if per_day >= 240:  # minutes: some hours in, one out
        return 72, 12
    if per_day >= 12:  # hours: two days in, a quarter of a day out
        return int(min(96, 2 * round(per_day))), max(1, min(12, round(per_day / 4)))
    if per_day >= 0.9:  # days: four weeks in, one out
        return 28 * max(1, round(per_day)), 7 * max(1, round(per_day))
    return 52, 4  # weeks and longer


def _longest(ids: Any, parts: Int8[np.ndarray, "row"], part: int) -> int:
    found = stretches(ids, parts, part)
    return int((found[:, 1] - found[:, 0]).max(initial=0))


def _valid(name: str, value: Any) -> bool:
    try:
        TrainForm.model_validate({name: value})
    except ValidationError:
        return False
    return True
