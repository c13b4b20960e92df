"""What changed between two recipes: which layers, in words; which cells, with their counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import UInt8
from pydantic import BaseModel

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask


class Change(IntEnum):
    """What became of a cell that the file has, from one mask to another."""

    VISIBLE = 0
    HIDDEN = 1
    NOW_HIDDEN = 2
    NOW_VISIBLE = 3


def cell_changes(panel: Panel, before: Mask, after: Mask) -> UInt8[np.ndarray, "row channel"]:
    """Return for each cell the `Change` from one mask to another; cells the file lacks are VISIBLE.

    Raises `MaskError` if a mask is not of this panel.
    """
    for mask in (before, after):
        if mask.observed.shape != panel.values.shape or mask.channels != panel.channels:
            raise MaskError(
                f"The masks should cover the {panel.rows} rows of {list(panel.channels)}; one has "
                f"{mask.observed.shape[0]} rows of {list(mask.channels)}. Apply both recipes to this data."
            )
    first = panel.native & ~before.observed
    second = panel.native & ~after.observed
    changes = np.zeros(panel.values.shape, dtype=np.uint8, order="F")
    changes[first & second] = Change.HIDDEN
    changes[~first & second] = Change.NOW_HIDDEN
    changes[first & ~second] = Change.NOW_VISIBLE
    return changes


def change_counts(panel: Panel, changes: UInt8[np.ndarray, "row channel"]) -> pd.DataFrame:
    """Return how many cells of each channel changed.

    Columns: `channel`, `cells` (that the file has), `hidden` (in both), `now_hidden`,
    `now_visible`.
    """
    return pd.DataFrame(
        {
            "channel": list(panel.channels),
            "cells": panel.native.sum(axis=0),
            "hidden": (changes == Change.HIDDEN).sum(axis=0),
            "now_hidden": (changes == Change.NOW_HIDDEN).sum(axis=0),
            "now_visible": (changes == Change.NOW_VISIBLE).sum(axis=0),
        }
    )


def matches(before: Sequence[Layer], after: Sequence[Layer]) -> dict[int, int]:
    """Return which layer of `before` each layer of `after` is, by places; new ones are left out.

    Equal layers are one, at the same place first. Of the others, one of the same name and kind of
    rule, else the nearest of that kind, is taken to have been changed.
    """
    found = {
        place: place
        for place, layer in enumerate(after)
        if place < len(before) and before[place] == layer
    }
    tests: tuple[Callable[[Layer, Layer], bool], ...] = (
        lambda old, new: old == new,
        lambda old, new: bool(new.name) and (old.name, old.rule.kind) == (new.name, new.rule.kind),
        lambda old, new: old.rule.kind == new.rule.kind,
    )
    for is_same in tests:
        _match(before, after, found, is_same)
    return found


def _match(
    before: Sequence[Layer],
    after: Sequence[Layer],
    found: dict[int, int],
    is_same: Callable[[Layer, Layer], bool],
) -> None:
    left = [place for place in range(len(before)) if place not in found.values()]
    for place, layer in enumerate(after):
        if place in found:
            continue
        same = [one for one in left if is_same(before[one], layer)]
        if same:
            found[place] = min(same, key=lambda one: abs(one - place))
            left.remove(found[place])


def layer_changes(before: MaskRecipe, after: MaskRecipe) -> tuple[str, ...]:
    """Return a sentence for each layer that was added, removed, changed or moved, in order."""
    found = matches(before.layers, after.layers)
    told = [
        f"Removed {_called(layer)}."
        for place, layer in enumerate(before.layers)
        if place not in found.values()
    ]
    moved = _moved(found)
    for place, layer in enumerate(after.layers):
        if place not in found:
            told.append(f"Added {_called(layer)}.")
            continue
        old = before.layers[found[place]]
        details = _details(old, layer)
        if place in moved:
            details.append(f"moved from place {found[place] + 1} to {place + 1}")
        if details:
            told.append(f"Changed {_called(old)}: {'; '.join(details)}.")
    return tuple(told)


def _moved(found: dict[int, int]) -> set[int]:
    """Return the fewest layers whose moves explain the new order: all but a longest rising run."""
    places = sorted(found)
    runs: list[list[int]] = []
    for place in places:
        before = [run for run in runs if found[run[-1]] < found[place]]
        runs.append([*_longest(before), place])
    return set(places) - set(_longest(runs))


def _longest(runs: list[list[int]]) -> list[int]:
    return max(runs, key=len, default=[])


def _called(layer: Layer) -> str:
    return f"“{layer.label or layer.rule.title}”"


def _details(old: Layer, new: Layer) -> list[str]:
    """Return what of a layer differs, each in a few words."""
    told = []
    if old.rule.kind != new.rule.kind:
        told.append(f"rule from {old.rule.title} to {new.rule.title}")
    else:
        told += _fields(old.rule, new.rule)
    if old.enabled != new.enabled:
        told.append("switched on" if new.enabled else "switched off")
    if old.locked != new.locked:
        told.append("locked" if new.locked else "unlocked")
    if old.name != new.name:
        told.append(f"renamed to “{new.name}”" if new.name else "name taken away")
    return told + _fields(old, new, "rule", "name", "enabled", "locked")


def _fields(old: BaseModel, new: BaseModel, *without: str) -> list[str]:
    told = []
    for name, field in type(new).model_fields.items():
        one, other = getattr(old, name), getattr(new, name)
        if name in without or one == other:
            continue
        said = (field.title or name.replace("_", " ")).lower()
        extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
        unit = "%" if name == "opacity" else str(extra.get("unit", ""))
        none = _NONE.get(name, "none")
        first, second = (shown_value(value, unit, none) for value in (one, other))
        alike = first == second
        told.append(f"{said} changed" if alike else f"{said} from {first} to {second}")
    return told


_NONE = {"channels": "all", "series": "all", "colour": "by place"}
"""What a field without a value means, where it is not nothing."""


def shown_value(value: Any, unit: str = "", none: str = "none") -> str:
    """Return a setting's value in words, with its unit; long ones are shortened."""
    if value is None:
        return none
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit == "%" and isinstance(value, int | float):
        return f"{100 * value:g} %"
    if isinstance(value, int | float):
        return f"{value:.6g}{f' {unit}' if unit else ''}"
    if isinstance(value, tuple | list):
        return _listed(value)
    return _shortened(str(value))


def _listed(values: Sequence[Any]) -> str:
    if not values:
        return "none"
    if any(isinstance(one, BaseModel) for one in values):
        return f"{len(values):,}"
    more = f" and {len(values) - 4:,} more" if len(values) > 4 else ""
    return _shortened(", ".join(shown_value(one) for one in values[:4])) + more


def _shortened(text: str, most: int = 80) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
