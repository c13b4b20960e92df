"""Which parts, lines and settings of the templates a run needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from masklab.runs.spec import Experiment
from masklab.strategies.strategy import OWN_RECURRENCES, Strategy
from masklab.training.config import Forecast, Reconstruct

"""Recurrences with a loop of their own."""
_SKIPPING = ("carry", "reset", "time_aware")
_FILLS = {"mean": "with_mean", "zero": "with_zero", "forward": "with_last"}
_PLAIN_FILLS = {
    "ignore": "by_ignoring",
    "forward_fill": "with_last",
    "interpolate": "with_line",
    "residual": "with_line",
    "decay": "with_last",
}


@dataclass(frozen=True)
class Needs:
    """What a run needs of the templates; `layers` and `both_ways` are those that it builds."""

    words: frozenset[str]
    parts: tuple[str, ...]
    layers: int
    both_ways: bool
    fill_value: float


def needs_of(experiment: Experiment, strategy: Strategy) -> Needs:
    """Return what one strategy of an experiment needs."""
    forecast = isinstance(experiment.task, Forecast)
    estimates = strategy.recurrence == "rits"
    both_ways = experiment.model.bidirectional or strategy.both_ways
    layers = 1 if estimates and not forecast else experiment.model.num_layers
    own, skips = strategy.recurrence in OWN_RECURRENCES, strategy.recurrence in _SKIPPING
    filling, value = _filling(strategy)
    words = {_features(strategy), "both_ways" if both_ways else "one_way"}
    words |= set() if "mask_alone" in words else {filling, "fills"}
    words |= {"skips", str(strategy.collapsed_by)} if skips else {"reads_all"}
    words |= _task_words(experiment, strategy)
    words |= {"estimates"} if estimates else {"one_answer"}
    if not forecast and not estimates:
        words |= {"per_step", "from_line" if strategy.kind == "residual" else "from_nothing"}
    if own and layers > 1:
        words |= {"above"} | ({"runs_above"} if skips else set())
    if strategy.recurrence in ("decay", "rits"):
        words.add("fades")
    if strategy.recurrence == "carry" or {"runs_above", "skips"} <= words:
        words.add("carries")
    if getattr(strategy, "logarithm", False):
        words.add("logarithm")
    words |= _gap_words(words, own=own) | _window_words(
        words, own=own, recurrence=strategy.recurrence
    )
    return Needs(frozenset(words), _parts(strategy, words, forecast), layers, both_ways, value)


def _filling(strategy: Strategy) -> tuple[str, float]:
    """Return the word for what stands in hidden cells, and the value that it takes."""
    given: dict[str, Any] = strategy.model_dump()
    value = float(given.get("value", 0.0))
    if given.get("zero") == "scaled":
        return "with_scaled", value
    if "zero" in given:
        return ("with_constant" if value else "with_zero"), value
    if "fill" in given:
        return _FILLS[given["fill"]], value
    return _PLAIN_FILLS.get(strategy.kind, "with_mean"), value


def _features(strategy: Strategy) -> str:
    if strategy.kind == "mask_only":
        return "mask_alone"
    if strategy.kind == "interval":
        return "with_intervals"
    if strategy.kind == "residual":
        return "with_nearness"
    return "with_flags" if strategy.features_per_channel() == 2 else "values_alone"


def _task_words(experiment: Experiment, strategy: Strategy) -> set[str]:
    task, training = experiment.task, experiment.training
    words = {task.kind, training.scaling, f"over_{training.scaling_over}", training.loss}
    words.add(training.schedule)
    if training.loss_on == "all":
        words.add("loss_on_all")
    if isinstance(task, Reconstruct):
        words.add("blocks" if task.pattern == "blocks" and task.length > 1 else "cells")
    else:
        words.add(f"head_{experiment.model.head}")
    leaks_all = isinstance(task, Forecast) and not any(
        one.reads_mask for one in experiment.strategies
    )
    leaks = isinstance(task, Forecast) and not strategy.reads_mask and not leaks_all
    words.add("scored_native" if leaks_all else "scored_observed")
    words.add("counted_native" if leaks else "counted_as_scored")
    return words


def _gap_words(words: set[str], *, own: bool) -> set[str]:
    found = set()
    if own or "with_intervals" in words:
        found |= {"since", "at"}
    if "with_last" in words:
        found.add("forward")
    if "with_line" in words:
        found |= {"line", "after", "at"}
    return found


def _window_words(words: set[str], *, own: bool, recurrence: str) -> set[str]:
    found = set()
    if "by_ignoring" in words:
        found.add("native")
    if own or words & {"with_intervals", "with_line"}:
        found.add("clock")
    if recurrence == "decay" or words & {"by_ignoring", "with_mean", "with_last", "with_line"}:
        found.add("mean")
    if words & {"with_zero", "with_constant"}:
        found.add("zero")
    if "with_constant" in words:
        found.add("scale")
    return found


def _parts(strategy: Strategy, words: set[str], forecast: bool) -> tuple[str, ...]:
    recurrence = strategy.recurrence
    chosen = ["data", "scaling", "windows", "batches"]
    if words & {"since", "forward", "line"}:
        chosen.append("gaps")
    chosen.append("features")
    if recurrence in ("carry", "reset") or "runs_above" in words:
        chosen.append("sequences")
    if recurrence in OWN_RECURRENCES:
        chosen.append("own")
    chosen.append(recurrence)
    if forecast:
        chosen.append("head")
    network = "estimating_network" if "estimates" in words else "network"
    return (*chosen, network, "weights", "training")
