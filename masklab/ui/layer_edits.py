"""What the list of layers does to a recipe: add, change, move, copy and remove, as pure functions.

A locked layer is neither changed nor moved nor removed: `MaskError` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from pydantic import ValidationError

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.recipe_file import explained, fitted
from masklab.masks.rule import Rule
from masklab.masks.rules.missing_sentinel import Sentinel

Change = Callable[[Layer], Layer]
"""Makes another layer of the newest state of a layer."""


def added(recipe: MaskRecipe, kind: str, panel: Panel) -> MaskRecipe:
    """Return the recipe with a new layer at its end, set to what its rule suggests for what is left.

    Codes for "missing" get a layer for each group of channels that must be told apart.
    """
    layers = [
        Layer(rule=rule, channels=None if channels == panel.channels else channels)
        for rule, channels in _suggested(kind, _left(recipe, panel))
    ]
    return _with(recipe, (*recipe.layers, *layers))


def _suggested(kind: str, panel: Panel) -> list[tuple[Rule, tuple[str, ...]]]:
    # -1 may be a code in one channel and a temperature in the next.
    if RULES[kind] is Sentinel and (found := Sentinel.suggested_by_channel(panel)):
        return list(found)
    rule = RULES[kind].suggested(panel)
    return [(rule, rule.aimed(panel))]


def _left(recipe: MaskRecipe, panel: Panel) -> Panel:
    """Return the panel without what the recipe hides: a code that is hidden suggests no limit."""
    if not any(layer.enabled for layer in recipe.layers):
        return panel
    observed = fitted(recipe, panel).apply(panel).observed
    return replace(panel, values=np.where(observed, panel.values, np.nan))


def changed(recipe: MaskRecipe, place: int, change: Change) -> MaskRecipe:
    """Return the recipe with a layer changed; a locked one can only be unlocked."""
    layer = recipe.layers[place]
    new = change(layer)
    if layer.locked and new.model_copy(update={"locked": True}) != layer:
        raise _locked(layer, "changed")
    return _with(recipe, (*recipe.layers[:place], new, *recipe.layers[place + 1 :]))


def with_fields(**fields: Any) -> Change:
    """Return the change that sets fields of a layer; it raises `MaskError` where they don't fit."""

    def change(layer: Layer) -> Layer:
        try:
            return Layer.model_validate({**dict(layer), **fields})
        except ValidationError as error:
            raise MaskError(explained(error)) from error

    return change


def moved(recipe: MaskRecipe, place: int, to: int) -> MaskRecipe:
    """Return the recipe with a layer at another place, as far as the list goes."""
    layers = list(recipe.layers)
    to = min(max(to, 0), len(layers) - 1)
    if to != place and layers[place].locked:
        raise _locked(layers[place], "moved")
    layers.insert(to, layers.pop(place))
    return _with(recipe, tuple(layers))


def duplicated(recipe: MaskRecipe, place: int) -> MaskRecipe:
    """Return the recipe with a copy of a layer right after it; the copy is not locked."""
    layer = recipe.layers[place]
    copy = layer.model_copy(update={"name": f"{layer.label[:190]}, copy", "locked": False})
    return _with(recipe, (*recipe.layers[: place + 1], copy, *recipe.layers[place + 1 :]))


def removed(recipe: MaskRecipe, place: int) -> MaskRecipe:
    """Return the recipe without the layer at a place."""
    if recipe.layers[place].locked:
        raise _locked(recipe.layers[place], "deleted")
    return _with(recipe, (*recipe.layers[:place], *recipe.layers[place + 1 :]))


def _locked(layer: Layer, done: str) -> MaskError:
    return MaskError(
        f"The layer {layer.label!r} is locked, so it can't be {done}. "
        "Unlock it first, with the lock in its row."
    )


def _with(recipe: MaskRecipe, layers: tuple[Layer, ...]) -> MaskRecipe:
    try:
        return MaskRecipe(layers=layers)
    except ValidationError as error:
        raise MaskError(explained(error)) from error
