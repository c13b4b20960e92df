"""A project's recipes as JSON: each layer once, however many steps of history and versions share it.

Of a painted layer, only those strokes are written that the layer before it does not begin with.
So sixty steps of painting weigh little more than the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted

STROKE_BYTES = 120
"""About what a stroke weighs as JSON."""


class Pool:
    """Layers in the order in which they were first met; recipes are lists of their places."""

    def __init__(self) -> None:
        self._layers: list[Layer] = []
        self._places: dict[int, int] = {}
        self._painted: int | None = None
        self.entries: list[dict[str, Any]] = []

    def recipe(self, recipe: MaskRecipe) -> list[int]:
        """Return the places of a recipe's layers; new ones join the pool."""
        return [self._place(layer) for layer in recipe.layers]

    def _place(self, layer: Layer) -> int:
        if id(layer) not in self._places:
            self._places[id(layer)] = len(self._layers)
            self._layers.append(layer)
            self.entries.append(self._entry(layer))
        return self._places[id(layer)]

    def _entry(self, layer: Layer) -> dict[str, Any]:
        if not isinstance(layer.rule, Painted):
            return {"layer": layer}
        place, before = len(self._layers) - 1, self._painted
        self._painted = place
        kept = 0 if before is None else shared(self._strokes(before), layer.rule.strokes)
        if not kept:
            return {"layer": layer}
        rest = layer.rule.model_copy(update={"strokes": layer.rule.strokes[kept:]})
        return {"layer": layer.model_copy(update={"rule": rest}), "after": before, "kept": kept}

    def _strokes(self, place: int) -> Sequence[Any]:
        rule = self._layers[place].rule
        return rule.strokes if isinstance(rule, Painted) else ()


def shared(before: Sequence[Any], after: Sequence[Any]) -> int:
    """Return with how many strokes both begin alike."""
    most = min(len(before), len(after))
    if before[:most] == after[:most]:
        return most
    pairs = zip(before, after, strict=False)
    return next(place for place, (one, other) in enumerate(pairs) if one != other)


def unpacked_layers(entries: Iterable[Mapping[str, Any]]) -> list[Layer]:
    """Return the layers of a pool; raise `ValueError` if an entry leads nowhere."""
    layers: list[Layer] = []
    for entry in entries:
        layer = Layer.model_validate(entry["layer"])
        if "after" in entry:
            layer = _joined(layer, layers[int(entry["after"])], int(entry["kept"]))
        layers.append(layer)
    return layers


def _joined(layer: Layer, before: Layer, kept: int) -> Layer:
    if not isinstance(layer.rule, Painted) or not isinstance(before.rule, Painted):
        raise ValueError("a layer continues another that was not painted")
    strokes = (*before.rule.strokes[:kept], *layer.rule.strokes)
    return layer.model_copy(update={"rule": layer.rule.model_copy(update={"strokes": strokes})})


def unpacked_recipe(places: Any, layers: Sequence[Layer]) -> Any:
    """Return the recipe of some places of a pool; anything else as it is."""
    if not isinstance(places, list):
        return places
    try:
        return MaskRecipe(layers=tuple(layers[place] for place in places))
    except (IndexError, TypeError) as error:
        raise ValueError("a recipe names a layer that is not there") from error


def added_weight(before: MaskRecipe | None, after: MaskRecipe) -> int:
    """Return about how many bytes a recipe adds to a history that holds the one before it."""
    known = {id(layer): layer for layer in (before.layers if before else ())}
    painted = [one.rule.strokes for one in known.values() if isinstance(one.rule, Painted)]
    weight = 20
    for layer in after.layers:
        if id(layer) in known:
            continue
        if isinstance(layer.rule, Painted):
            kept = max((shared(one, layer.rule.strokes) for one in painted), default=0)
            weight += 300 + STROKE_BYTES * (len(layer.rule.strokes) - kept)
        else:
            weight += len(layer.model_dump_json())
    return weight
