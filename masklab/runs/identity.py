"""What names an experiment: every setting that changes a number, and no other."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import to_jsonable_python

if TYPE_CHECKING:
    from masklab.runs.spec import Experiment

M = TypeVar("M", bound=BaseModel)

_ALWAYS = {"kind", "schema_version"}


def fingerprint(experiment: Experiment) -> str:
    """Return twelve hex digits of the settings that change a number.

    What is at its default is left out, so that a setting which a later version adds renames no
    experiment. A default that changes therefore needs a new `schema_version`.
    """
    content = _told(effective(experiment))
    del content["data"]["path"]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def effective(experiment: Experiment) -> Experiment:
    """Put every setting that nothing reads back to its default: names, looks, what is off."""
    task, model, split = experiment.task, experiment.model, experiment.split
    idle_model = {"dropout"} if model.num_layers == 1 else set()
    if task.kind == "reconstruct":
        idle_model |= {"head"}
        task = _reset(task, "length") if task.pattern == "cells" else task
    borders, names = {"training", "validation"}, {"validation_series", "test_series"}
    layers = [one.bare() for one in experiment.recipe.layers if one.enabled]
    changes = {
        "task": task,
        "model": _reset(model, *idle_model),
        "split": _reset(split, *(names if split.by == "time" else borders)),
        "recipe": experiment.recipe.model_copy(update={"layers": tuple(layers)}),
        "data": experiment.data.model_copy(
            update={"reading": _reset(experiment.data.reading, "units")}
        ),
    }
    return _reset(experiment, "name").model_copy(update=changes)


def _reset(model: M, *names: str) -> M:
    fields = type(model).model_fields
    return model.model_copy(
        update={name: fields[name].get_default(call_default_factory=True) for name in names}
    )


def _told(value: Any) -> Any:
    """Return a JSON value that holds what differs from the defaults, and what kind each thing is."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        told = {name: _told(getattr(value, name)) for name in fields}
        return {name: one for name, one in told.items() if _counts(name, fields[name], one)}
    if isinstance(value, tuple | list):
        return [_told(one) for one in value]
    return to_jsonable_python(value)


def _counts(name: str, field: FieldInfo, told: Any) -> bool:
    if name in _ALWAYS or field.is_required():
        return True
    return bool(told != _told(field.get_default(call_default_factory=True)))
