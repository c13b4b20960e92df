"""Results of the lessons at their defaults, kept as JSON: a lesson's first picture needs no torch.

`python -m masklab.lessons.saving` works them out anew; a test holds them against a fresh run.
"""

from __future__ import annotations

import json
import math
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from masklab.lessons.lesson import Lesson, lessons
from masklab.lessons.result import Bars, Code, Heat, Lines, Picture, Result, Table

FOLDER = Path(__file__).parent / "saved"
_PICTURES: dict[str, type[Any]] = {one.__name__: one for one in (Lines, Heat, Bars, Table, Code)}
_DIGITS = 7


def saved(lesson: Lesson) -> Result | None:
    """Return a lesson's kept result; None if its fields are not the defaults, or none is kept."""
    kind = lesson_kind(lesson)
    path = FOLDER / f"{kind}.json"
    if lesson != type(lesson)() or not path.exists():
        return None
    return _read(json.loads(path.read_text()))


def save(lesson: Lesson) -> Path:
    """Run a lesson and keep its result."""
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{lesson_kind(lesson)}.json"
    path.write_text(json.dumps(_written(lesson.run()), separators=(",", ":"), allow_nan=False))
    return path


def lesson_kind(lesson: Lesson) -> str:
    """Return a lesson's name in the address."""
    return str(type(lesson).model_fields["kind"].default)


def _written(result: Result) -> dict[str, Any]:
    pictures = [{"kind": type(one).__name__, **_fields(one)} for one in result.pictures]
    return {**_fields(result), "pictures": pictures}


def _fields(thing: Any) -> dict[str, Any]:
    return {one.name: _plain(getattr(thing, one.name)) for one in fields(thing)}


def _plain(value: Any) -> Any:
    """Return a value as JSON: arrays as lists, NaN as null, floats to seven digits."""
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, (float, np.floating)):
        return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
    if isinstance(value, np.generic):
        return value.item()
    return value


def _read(kept: dict[str, Any]) -> Result:
    pictures = tuple(_picture(one) for one in kept["pictures"])
    numbers = {name: _number(value) for name, value in kept["numbers"].items()}
    return Result(pictures, kept["says"], kept["holds"], numbers)


def _picture(kept: dict[str, Any]) -> Picture:
    given = {name: value for name, value in kept.items() if name != "kind"}
    kind = _PICTURES[kept["kind"]]
    for name in ("masked", "rows", "columns"):
        if name in given:
            given[name] = tuple(tuple(one) if isinstance(one, list) else one for one in given[name])
    if kind is Lines:
        given["x"] = _array(given["x"])
        given["lines"] = {name: _array(one) for name, one in given["lines"].items()}
    if kind is Heat:
        given["values"] = _array(given["values"])
    if kind is Bars:
        given |= {
            name: {bar: _number(one) for bar, one in given[name].items()}
            for name in ("bars", "spread")
        }
    picture: Picture = kind(**given)
    return picture


def _array(values: list[Any]) -> np.ndarray[Any, Any]:
    return np.array(values, dtype=np.float64)  # null becomes NaN


def _number(value: float | None) -> float:
    return math.nan if value is None else value


if __name__ == "__main__":
    for kind, member in lessons().items():
        if len(sys.argv) == 1 or kind in sys.argv[1:]:
            print(save(member()))  # noqa: T201
