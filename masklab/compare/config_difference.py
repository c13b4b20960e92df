"""What differs between the settings of two runs: only that, both sides, by name and by title."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from masklab.masks.appearance import APPEARANCE
from masklab.masks.difference import matches, shown_value
from masklab.masks.layers import Layer, MaskRecipe
from masklab.runs.identity import effective
from masklab.runs.spec import Experiment
from masklab.strategies.strategy import Strategy

NOTHING = "—"
"""What stands on the side that has no such setting."""

_MOST = 80
_GROUPS = {
    "data": "Data", "reading": "Reading", "recipe": "Mask", "split": "Split", "task": "Task",
    "strategy": "Strategy", "model": "Network", "training": "Training",
}  # fmt: skip
_NONE = {
    "targets": "all channels", "channels": "all", "series": "all", "patience": "never",
    "training_windows": "all", "validation_windows": "all", "shortest": "pads none",
    "halving": "lets all go on",
}  # fmt: skip
"""What a setting without a value means, where it is not nothing."""


@dataclass(frozen=True)
class RunSettings:
    """All that a run was trained with."""

    experiment: Experiment
    strategy: Strategy
    seed: int


@dataclass(frozen=True)
class Difference:
    """A setting that differs: its dotted name, its title with the group's, and both values in words.

    `counts` is False where it changes no number: a name, a look, a setting that nothing reads.
    """

    name: str
    title: str
    first: str
    second: str
    counts: bool = True


def config_difference(first: RunSettings, second: RunSettings) -> list[Difference]:
    """Return the settings that differ, in the order of the specification; none for one run twice.

    Where two layers of a recipe are one that was changed, its settings are compared one by one. The
    path of the data counts only through its content.
    """
    one, other = first.experiment, second.experiment
    found = [
        *_field("name", "Experiment", one.name, other.name),
        *_data(one, other),
        *_models(one.data.filled(), other.data.filled(), "data.reading"),
        *_layers(one.recipe, other.recipe),
        *_models(one.split, other.split, "split"),
        *_models(one.task, other.task, "task"),
        *_strategies(first.strategy, second.strategy),
        *_field("seed", "Seed", first.seed, second.seed),
        *_models(one.model, other.model, "model"),
        *_models(one.training, other.training, "training"),
    ]
    idle = _idle(one, other)
    return [_marked(difference, idle) for difference in found]


def _data(one: Experiment, other: Experiment) -> Iterator[Difference]:
    if one.data.sha256 == other.data.sha256:
        return
    first, second = (
        data.path.replace("\\", "/").rpartition("/")[2] for data in (one.data, other.data)
    )
    if first != second:
        yield Difference("data.path", "Data: file", first, second)
    first, second = (str(data.sha256)[:12] for data in (one.data, other.data))
    yield Difference("data.sha256", "Data: content (sha256)", first, second)


def _strategies(first: Strategy, second: Strategy) -> Iterator[Difference]:
    if first.kind != second.kind:
        one, other = (f"{one.title} ({one.label})" for one in (first, second))
        yield Difference("strategy.kind", "Strategy", one, other)
        return
    yield from _models(first, second, "strategy")


def _layers(first: MaskRecipe, second: MaskRecipe) -> Iterator[Difference]:
    found = matches(first.layers, second.layers)
    for place, layer in enumerate(first.layers):
        if place not in found.values():
            name = f"recipe.layers.{place + 1}"
            yield Difference(name, "Mask: layer", _called(layer), NOTHING, layer.enabled)
    for place, layer in enumerate(second.layers):
        name, number = f"recipe.layers.{place + 1}", place + 1
        if place not in found:
            yield Difference(name, "Mask: layer", NOTHING, _called(layer), layer.enabled)
            continue
        old = first.layers[found[place]]
        titled = f"Mask, layer {number}"
        told = [
            *_field(f"{name}.place", f"{titled}: place", found[place] + 1, number),
            *_models(old.rule, layer.rule, f"{name}.rule", title=titled),
            *_models(old, layer, name, {"rule"}, title=titled),
        ]
        is_off = not old.enabled and not layer.enabled
        yield from map(_uncounted, told) if is_off else told


def _called(layer: Layer) -> str:
    state = "" if layer.enabled else ", switched off"
    return _short(f"{layer.label or layer.rule.title}{state}")


def _models(
    first: BaseModel,
    second: BaseModel,
    path: str,
    without: Container[str] = (),
    title: str = "",
) -> Iterator[Difference]:
    """Yield the fields that differ; of two kinds of thing, those of either."""
    fields = dict(type(first).model_fields) | dict(type(second).model_fields)
    group = title or _GROUPS[path.rpartition(".")[2]]
    for name, field in fields.items():
        if name in without:
            continue
        one, other = (
            getattr(side, name) if name in type(side).model_fields else _LACKS
            for side in (first, second)
        )
        yield from _field(f"{path}.{name}", f"{group}: {_title(name, field)}", one, other, field)


class _Lacks:
    """Stands for a setting that one side doesn't have."""


_LACKS = _Lacks()


def _field(
    name: str, title: str, first: Any, second: Any, field: FieldInfo | None = None
) -> Iterator[Difference]:
    if first == second:
        return
    one, other = (_words(value, name.rpartition(".")[2], field) for value in (first, second))
    if one == other:  # long ones that were shortened
        other = f"{other}, other ones"
    yield Difference(name, title, one, other)


def _words(value: Any, name: str, field: FieldInfo | None) -> str:
    if isinstance(value, _Lacks):
        return NOTHING
    extra = field.json_schema_extra if field and isinstance(field.json_schema_extra, dict) else {}
    choices = extra.get("words")
    if isinstance(choices, dict) and value in choices:
        return str(choices[value])
    if isinstance(value, dict):
        told = [f"{key}: {shown_value(one)}" for key, one in value.items()]
        return _short(", ".join(told)) or "none"
    return shown_value(value, str(extra.get("unit", "")), _NONE.get(name, "none"))


def _title(name: str, field: FieldInfo) -> str:
    title = field.title or name.replace("_", " ")
    return title[:1].lower() + title[1:]


def _short(text: str) -> str:
    return text if len(text) <= _MOST else f"{text[: _MOST - 1]}…"


def _idle(one: Experiment, other: Experiment) -> set[str]:
    """Return the dotted names of settings that differ, and no longer do once what is idle is reset."""
    told = [_flat(json.loads(each.model_dump_json())) for each in (one, other)]
    real = [_flat(json.loads(effective(each).model_dump_json())) for each in (one, other)]
    names = set(told[0]) | set(told[1])
    lacks = object()
    return {name for name in names if real[0].get(name, lacks) == real[1].get(name, lacks)}


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, dict) or not value:
        return {path: value}
    found: dict[str, Any] = {}
    for name, one in value.items():
        found |= _flat(one, f"{path}.{name}" if path else name)
    return found


def _marked(difference: Difference, idle: set[str]) -> Difference:
    name = difference.name
    if name.startswith("recipe.layers."):
        return _uncounted(difference) if name.rpartition(".")[2] in APPEARANCE else difference
    return _uncounted(difference) if name in idle else difference


def _uncounted(difference: Difference) -> Difference:
    return replace(difference, counts=False)
