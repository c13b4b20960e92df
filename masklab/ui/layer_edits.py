"""What the list of layers does to a recipe: add, change, move, copy and remove, as pure functions."""

from __future__ import annotations

from masklab.data.series import Panel
from masklab.masks.layers import RULES, Layer, MaskRecipe
from masklab.masks.rule import Rule
from masklab.masks.rules.missing_sentinel import Sentinel


def added(recipe: MaskRecipe, kind: str, panel: Panel) -> MaskRecipe:
    """Return the recipe with a new layer at its end, set to what its rule suggests for the data.

    Codes for "missing" get a layer for each group of channels that must be told apart.
    """
    layers = [
        Layer(rule=rule, channels=None if channels == panel.channels else channels)
        for rule, channels in _suggested(kind, panel)
    ]
    return _with(recipe, (*recipe.layers, *layers))


def _suggested(kind: str, panel: Panel) -> list[tuple[Rule, tuple[str, ...]]]:
    # -1 may be a code in one channel and a temperature in the next.
    if RULES[kind] is Sentinel and (found := Sentinel.suggested_by_channel(panel)):
        return list(found)
    rule = RULES[kind].suggested(panel)
    return [(rule, panel.channels[:1] if rule.in_units else panel.channels)]


def replaced(recipe: MaskRecipe, place: int, layer: Layer) -> MaskRecipe:
    """Return the recipe with another layer at a place."""
    return _with(recipe, (*recipe.layers[:place], layer, *recipe.layers[place + 1 :]))


def moved(recipe: MaskRecipe, place: int, steps: int) -> MaskRecipe:
    """Return the recipe with a layer moved down (steps > 0) or up, as far as the list goes."""
    layers = list(recipe.layers)
    layer = layers.pop(place)
    layers.insert(min(max(place + steps, 0), len(layers)), layer)
    return _with(recipe, tuple(layers))


def duplicated(recipe: MaskRecipe, place: int) -> MaskRecipe:
    """Return the recipe with a copy of a layer right after it."""
    layer = recipe.layers[place]
    copy = layer.model_copy(update={"name": f"{layer.label[:190]}, copy"})
    return _with(recipe, (*recipe.layers[: place + 1], copy, *recipe.layers[place + 1 :]))


def removed(recipe: MaskRecipe, place: int) -> MaskRecipe:
    """Return the recipe without the layer at a place."""
    return _with(recipe, (*recipe.layers[:place], *recipe.layers[place + 1 :]))


def place_of(recipe: MaskRecipe, place: int, layer: Layer) -> int | None:
    """Return where a layer that was drawn at `place` stands now; None if it is gone.

    Another tab, or an edit made a moment before, may have moved or changed it.
    """
    if place < len(recipe.layers) and recipe.layers[place] == layer:
        return place
    same = [index for index, one in enumerate(recipe.layers) if one == layer]
    if same:
        return min(same, key=lambda index: abs(index - place))
    if place < len(recipe.layers) and recipe.layers[place].rule.kind == layer.rule.kind:
        return place
    return None


def _with(recipe: MaskRecipe, layers: tuple[Layer, ...]) -> MaskRecipe:
    return MaskRecipe(layers=layers)
