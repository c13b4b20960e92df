"""What the Train page asks, with defaults from the data, and the experiment that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from typing import Any, Literal

import numpy as np
from jaxtyping import Int8
from pydantic import BaseModel, Field, ValidationError
from pydantic_core import ErrorDetails

from masklab.charts.palette import in_order
from masklab.data.clock import interval
from masklab.data.samples import PREFIX, SAMPLES, TaskHint
from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.runs.spec import STRATEGIES, Experiment, parse_experiment
from masklab.split import TRAINING, VALIDATION
from masklab.training.config import Forecast, ModelConfig, Pattern, Reconstruct, TrainingConfig
from masklab.training.laid_out import lay_out
from masklab.ui.project import Project
from masklab.windows import stretches

DEFAULT_STRATEGIES = ("zero_fill", "mean_fill", "indicator", "carry")
_DAY = 86_400.0
_LONGEST_WINDOW = 100_000


def _as_in(model: type[BaseModel], name: str) -> Any:
    """Return the definition of another model's field: its default, bounds and words."""
    return copy(model.model_fields[name])


class TrainForm(ModelConfig, TrainingConfig):
    """Settings of the Train page: all of network and training, and how the task is set.

    `targets` empty means all channels; `options` holds each strategy's own settings by its kind;
    `bidirectional` follows the task until it is set, as in `Experiment`. A number may lie below its
    lower bound where `train_form` made the form: it is kept as it was typed, and `experiment` says
    what it should be.
    """

    name: str = Field(default="", max_length=120)
    task: Literal["forecast", "reconstruct"] = "forecast"
    window: int = _as_in(Forecast, "window")
    horizon: int = _as_in(Forecast, "horizon")
    targets: tuple[str, ...] = ()
    rate: float = _as_in(Reconstruct, "rate")
    pattern: Pattern = _as_in(Reconstruct, "pattern")
    length: int = _as_in(Reconstruct, "length")
    strategies: tuple[str, ...] = DEFAULT_STRATEGIES
    options: dict[str, dict[str, Any]] = Field(default_factory=dict)
    seeds: int = Field(default=2, ge=1, le=100, title="Seeds")
    """Runs of each strategy that differ in initial weights and batch order alone. One seed shows no
    spread; three or more tell luck from a difference."""
    first_seed: int = Field(default=0, ge=0, le=1_000_000)
    before_others: bool = Field(default=False, title="Start before others")
    """Its runs come before all that wait already; those that train go on."""

    def experiment(self, project: Project) -> Experiment:
        """Return the experiment of these settings; raise `ExperimentError` in a sentence."""
        if project.data is None:
            raise ExperimentError("There is no data yet. Choose some on the Data page.")
        kinds = [kind for kind in in_order(self.strategies) if self._serves(kind)]
        if not kinds:
            raise ExperimentError("No strategy is chosen. Tick at least one.")
        if self.seeds < 1:
            raise ExperimentError(f"Seeds is {self.seeds}; it should be at least 1.")
        return parse_experiment(
            {
                "name": self.name or self._name(project),
                "data": project.data,
                "recipe": project.recipe,
                "split": project.split,
                "task": self._task(),
                "strategies": [{"kind": kind, **self.options.get(kind, {})} for kind in kinds],
                "seeds": list(range(self.first_seed, self.first_seed + self.seeds)),
                "model": self._some(*self._told(ModelConfig)),
                "training": {
                    **self._some(*TrainingConfig.model_fields),
                    # What a form saved by an earlier version says for none is 0.
                    **{name: getattr(self, name) or None for name in ("patience", "shortest")},
                },
            }
        )

    def _serves(self, kind: str) -> bool:
        """Whether a strategy is drawn for this task; one ticked for the other is left out."""
        return self.task in STRATEGIES[kind].tasks

    @property
    def reads_both_ways(self) -> bool:
        """Whether the network will be bidirectional."""
        said = "bidirectional" in self.model_fields_set
        return self.bidirectional if said else self.task == "reconstruct"

    def _told(self, model: type[BaseModel]) -> list[str]:
        return [name for name in model.model_fields if name in self.model_fields_set]

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


def train_form(
    changed: Mapping[str, Any],
    panel: Panel,
    parts: Int8[np.ndarray, "row"],
    hint: TaskHint | None = None,
) -> TrainForm:
    """Return the defaults for this data with a user's changes; changes that don't fit are dropped.

    `hint`: what suits a sample, instead of what suits its clock.
    """
    fitting = {name: value for name, value in changed.items() if _fits(name, value)}
    longest_gap, shortest = fitting.get("longest_gap"), fitting.get("shortest")
    defaults = suggested(panel, parts, longest_gap or 0, shortest or None)
    if hint is not None:
        lengths = {"window": hint.window, "horizon": hint.horizon, "targets": hint.targets}
        defaults = defaults.model_copy(update=lengths)
    if len(panel) == 1:  # kept from another file, it would name the same experiment twice
        fitting.pop("scaling_over", None)
    for name, known in (("targets", panel.channels), ("strategies", STRATEGIES)):
        if name in fitting:
            fitting[name] = tuple(one for one in fitting[name] if one in known)
    return defaults.model_copy(update=fitting)


def hint_for(project: Project) -> TaskHint | None:
    """Return the settings that come with a sample; None for a file of the user's own."""
    path = project.data.path if project.data else ""
    known = {f"{PREFIX}{one.name}": one.hint for one in SAMPLES}
    return known.get(path)


def suggested(
    panel: Panel,
    parts: Int8[np.ndarray, "row"],
    longest_gap: int = 0,
    shortest: int | None = None,
) -> TrainForm:
    """Return defaults that suit the clock: two days in and a quarter of a day out, say.

    A window and its horizon take at most a third of the longest stretch, in training and in
    validation, so that there are several windows. Where short stretches are padded, each gives a
    window of its own: then they take at most the whole of the longest, and the window is no shorter
    than `shortest`, where it can be. A stretch ends at gaps of more than `longest_gap` missing steps.
    """
    window, horizon = _lengths(panel)
    longest = _longest_stretch(panel, parts, longest_gap)
    if shortest is None:
        room = longest // 3
        window = max(1, min(window, room * 4 // 5))
        horizon = max(1, min(horizon, window // 2, room - window))
    else:
        horizon = max(1, min(horizon, longest // 5, longest - shortest))
        window = max(1, min(window, longest - horizon))
        if shortest <= longest - horizon:  # else it is said where it is trained
            window = min(max(window, shortest), _LONGEST_WINDOW)
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


def _longest_stretch(panel: Panel, parts: Int8[np.ndarray, "row"], longest_gap: int) -> int:
    """Return the steps of the longest stretch: of training or validation, whichever has less."""
    config = TrainingConfig(longest_gap=max(0, longest_gap))
    try:
        layout = lay_out(panel, parts, Forecast(), config).layout
    except ExperimentError:  # far too many steps to fill: said where it is trained
        layout = lay_out(panel, parts, Forecast(), TrainingConfig()).layout
    found = [stretches(layout.segments, layout.parts, part) for part in (TRAINING, VALIDATION)]
    return min(int((one[:, 1] - one[:, 0]).max(initial=0)) for one in found)


def _fits(name: str, value: Any) -> bool:
    """Whether a widget can show this value of a field; a number that is too low can be shown."""
    if name not in TrainForm.model_fields:
        return False
    try:
        TrainForm.model_validate({name: value})
    except ValidationError as error:
        return all(_at_an_open_bound(one) for one in error.errors())
    return True


def _at_an_open_bound(error: ErrorDetails) -> bool:
    at_the_top = error["type"] == "less_than" and error["input"] == error["ctx"]["lt"]
    return at_the_top or error["type"] in {"greater_than", "greater_than_equal"}
