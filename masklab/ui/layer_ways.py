"""Ways out that change a layer of the recipe: off, both parts, without a channel, at random instead."""

from __future__ import annotations

from masklab.errors import MaskError
from masklab.masks.generators.mcar import Mcar
from masklab.masks.layers import Layer, MaskRecipe
from masklab.ui.layer_edits import Change, changed, with_fields
from masklab.ui.project import Project
from masklab.ui.ways_out import Way


def switch_off(recipe: MaskRecipe, number: int) -> Way:
    """Return the way out that switches a layer (by its number, from 1) off."""
    return _way(f"Switch “{_name(recipe, number)}” off", recipe, number, with_fields(enabled=False))


def on_both_parts(recipe: MaskRecipe, number: int) -> Way:
    """Return the way out that lets a layer act on training and validation alike."""
    label = f"Let “{_name(recipe, number)}” act on both parts"
    return _way(label, recipe, number, with_fields(scope="both"))


def without_channel(
    recipe: MaskRecipe, number: int, channel: str, channels: tuple[str, ...]
) -> Way:
    """Return the way out that takes a channel from a layer's aim, or switches it off if it has no other."""
    aim = recipe.layers[number - 1].channels or channels
    left = tuple(name for name in aim if name != channel)
    if not left:
        return switch_off(recipe, number)
    label = f"Leave {channel} out of “{_name(recipe, number)}”"
    return _way(label, recipe, number, with_fields(channels=left))


def at_random(recipe: MaskRecipe, number: int, rate: float) -> Way:
    """Return the way out that lets a layer hide as many cells at random."""
    label = f"Let “{_name(recipe, number)}” hide as many at random"
    rate = min(max(round(rate, 3), 0.001), 0.999)
    return _way(label, recipe, number, with_fields(rule=Mcar(rate=rate), name="", combine="hide"))


def can_change(recipe: MaskRecipe, number: int) -> bool:
    """Whether there is such a layer, and it is not locked."""
    return 0 < number <= len(recipe.layers) and not recipe.layers[number - 1].locked


def _name(recipe: MaskRecipe, number: int) -> str:
    label = recipe.layers[number - 1].label
    return label if len(label) <= 30 else f"{label[:29]}…"


def _way(label: str, recipe: MaskRecipe, number: int, change: Change) -> Way:
    layer = recipe.layers[number - 1]

    def step(project: Project) -> Project:
        return project.with_recipe(changed(project.recipe, _place(project.recipe, layer), change))

    return Way(label, step)


def _place(recipe: MaskRecipe, layer: Layer) -> int:
    """Return where a layer stands by now; raise `MaskError` if it was changed or removed meanwhile."""
    if layer not in recipe.layers:
        raise MaskError(
            f"The layer {layer.label!r} was changed or deleted meanwhile. Look at the warnings anew."
        )
    return recipe.layers.index(layer)
