"""What makes runs of several experiments incomparable on one axis, in sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from masklab.runs.identity import effective
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from masklab.training.config import Reconstruct


def differences_that_matter(store: Store, experiment_ids: Sequence[str]) -> list[str]:
    """Return a sentence for each thing that keeps the scores of several experiments apart.

    The gravest first: the data, how it is read, the split, the task, the targets, the windows, the
    scaling, the mask. Empty where all of it agrees. Raises `StoreError` for an unknown experiment.
    """
    ids = list(dict.fromkeys(experiment_ids))
    if len(ids) < 2:
        return []
    found = {one: effective(store.experiment(one)) for one in ids}
    names = _names(store, ids)
    told = [_told(aspect, found, names) for aspect in _ASPECTS]
    return [one for one in told if one]


def have_same_data(first: Experiment, second: Experiment) -> bool:
    """Whether two experiments read the same file in the same way: then rows mean the same."""
    return _data(first) == _data(second) and _reading(first) == _reading(second)


def _names(store: Store, ids: Sequence[str]) -> dict[str, str]:
    """Return each experiment's name, with its id where two are called the same."""
    rows = {row.id: row.name for row in store.experiments()}
    names = {one: rows.get(one, one) for one in ids}
    shared = [name for name in names.values() if list(names.values()).count(name) > 1]
    return {one: f"{name} ({one[:6]})" if name in shared else name for one, name in names.items()}


def _told(
    aspect: tuple[str, Callable[[Experiment], Any], Callable[[Experiment], str], str],
    found: Mapping[str, Experiment],
    names: Mapping[str, str],
) -> str:
    what, value, words, then = aspect
    groups: dict[str, list[str]] = {}
    for identity, experiment in found.items():
        groups.setdefault(json.dumps(value(experiment), sort_keys=True), []).append(identity)
    if len(groups) < 2:
        return ""
    each = []
    for members in groups.values():
        said = words(found[members[0]])
        whose = _quoted([names[one] for one in members])
        each.append(f"{whose} {said}" if said else whose)
    return f"{what}: {'; '.join(each)}. {then}"


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f"“{name}”" for name in names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3:,} more"


def _data(experiment: Experiment) -> str:
    return experiment.data.sha256 or experiment.data.path


def _file(experiment: Experiment) -> str:
    # Only the name: the folders are this machine's own.
    name = experiment.data.path.replace("\\", "/").rpartition("/")[2]
    return f"has {name}" + (
        f" (sha256 {experiment.data.sha256[:8]})" if experiment.data.sha256 else ""
    )


def _reading(experiment: Experiment) -> Any:
    reading = experiment.data.filled().model_dump(mode="json")
    return {name: one for name, one in reading.items() if name != "units"}


def _split(experiment: Experiment) -> Any:
    return experiment.split.model_dump(mode="json")


def _split_words(experiment: Experiment) -> str:
    split = experiment.split
    if split.by == "series":
        return f"validates on the series {_quoted(split.validation_series)}"
    rest = max(0.0, 1 - split.training - split.validation)
    return "has " + " / ".join(
        f"{100 * share:g} %" for share in (split.training, split.validation, round(rest, 9))
    )


def _task(experiment: Experiment) -> Any:
    return {
        name: one
        for name, one in experiment.task.model_dump(mode="json").items()
        if name != "targets"
    }


def _task_words(experiment: Experiment) -> str:
    task = experiment.task
    if not isinstance(task, Reconstruct):
        return f"forecasts {task.horizon:,} from {task.window:,} steps"
    kind = "single cells" if task.pattern == "cells" else f"stretches of {task.length} steps"
    return f"reconstructs {100 * task.rate:g} % of {task.window:,} steps, {kind}"


def _targets(experiment: Experiment) -> Any:
    targets = experiment.task.targets
    return None if targets is None else sorted(targets)


def _target_words(experiment: Experiment) -> str:
    targets = experiment.task.targets
    return "predicts " + ("all channels" if targets is None else _quoted(targets))


def _windows(experiment: Experiment) -> Any:
    training = experiment.training
    # A reconstruction's validation windows never overlap, whatever the stride.
    stride = 1 if isinstance(experiment.task, Reconstruct) else training.stride
    return training.validation_windows, training.longest_gap, training.shortest, stride


def _window_words(experiment: Experiment) -> str:
    most, training = experiment.training.validation_windows, experiment.training
    words = ["takes all windows" if most is None else f"takes at most {most:,} windows"]
    words += [f"every {training.stride} steps"] if training.stride > 1 else []
    words += [f"across gaps up to {training.longest_gap:,} steps"] if training.longest_gap else []
    words += [f"padded from {training.shortest:,} steps"] if training.shortest else []
    return ", ".join(words)


def _scaling(experiment: Experiment) -> Any:
    return experiment.training.scaling, experiment.training.scaling_over


def _scaling_words(experiment: Experiment) -> str:
    over = "each series by itself" if experiment.training.scaling_over == "series" else "all series"
    return f"has {experiment.training.scaling} over {over}"


def _mask(experiment: Experiment) -> Any:
    recipe = experiment.recipe.model_dump(mode="json")
    # Where no strategy reads the mask, a forecast is scored on every cell that the file has.
    scored = any(one.reads_mask for one in experiment.strategies) or isinstance(
        experiment.task, Reconstruct
    )
    return {"recipe": recipe, "scored": scored}


def _mask_words(experiment: Experiment) -> str:
    layers = [layer.label or layer.rule.title for layer in experiment.recipe.layers]
    return f"has {_quoted(layers)}" if layers else "hides nothing"


_ASPECTS: tuple[
    tuple[str, Callable[[Experiment], Any], Callable[[Experiment], str], str], ...
] = (
    ("Other data", _data, _file, "Scores on different data don't compare."),
    (
        "The data is read in other ways", _reading, lambda one: "",
        "The same row may hold another value. Scores compare only if that changed no value.",
    ),
    (
        "Another split", _split, _split_words,
        "They are scored on other rows, and some may have trained on what others are scored on.",
    ),
    ("Another task", _task, _task_words, "Errors of different tasks don't compare."),
    (
        "Other targets", _targets, _target_words,
        "Channels differ in how hard they are to predict.",
    ),
    (
        "Other validation windows", _windows, _window_words,
        "They are scored on other windows. Scored cells shows those that all share.",
    ),
    (
        "Another scaling", _scaling, _scaling_words,
        "Scaled scores don't compare; those in the data's units do.",
    ),
    (
        "Another mask", _mask, _mask_words,
        "Each experiment has its own common cells, and a scale fitted on its own observed training "
        "cells. Scored cells shows those that all share, and scores the runs on them.",
    ),
)  # fmt: skip
"""What may differ, how to tell, in which words, and what follows from it."""
