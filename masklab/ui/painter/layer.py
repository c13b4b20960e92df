"""The layer of a recipe that the brush writes into."""

from __future__ import annotations

from collections.abc import Sequence

from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import Stroke

NAME = "Painted"
STROKES_MOST = 20_000


def painted_at(recipe: MaskRecipe) -> int | None:
    """Return the place of the layer that the brush writes into: the last painted one that hides."""
    for place in reversed(range(len(recipe.layers))):
        layer = recipe.layers[place]
        if isinstance(layer.rule, Painted) and layer.combine == "hide":
            return place
    return None


def strokes_of(recipe: MaskRecipe) -> tuple[Stroke, ...]:
    """Return the strokes of the painted layer, in their order; none if there is no such layer."""
    place = painted_at(recipe)
    rule = None if place is None else recipe.layers[place].rule
    return rule.strokes if isinstance(rule, Painted) else ()


def with_strokes(recipe: MaskRecipe, strokes: Sequence[Stroke]) -> MaskRecipe:
    """Return the recipe with these strokes in its painted layer, added last if there was none.

    A painted layer that was switched off is switched on again: who paints wants to see it.
    Raises `MaskError` if there are more strokes than a recipe holds, or the layer is locked.
    """
    if len(strokes) > STROKES_MOST:
        raise MaskError(
            f"A painted layer holds {STROKES_MOST:,} strokes; this would be {len(strokes):,}. "
            "Paint wider strokes, or say it with a rule."
        )
    place, layers = painted_at(recipe), list(recipe.layers)
    if place is not None and layers[place].locked:
        raise MaskError(locked_words(layers[place]))
    rule = Painted(strokes=tuple(strokes))
    if place is None:
        if not strokes:
            return recipe
        layers.append(Layer(name=NAME, rule=rule))
    else:
        layers[place] = layers[place].model_copy(update={"rule": rule, "enabled": True})
    return recipe.model_copy(update={"layers": tuple(layers)})


def locked_words(layer: Layer) -> str:
    """Return what to tell a person who paints on a locked layer."""
    return f"The layer {layer.label!r} is locked. Unlock it in the list of layers, then paint."


def painted_over(recipe: MaskRecipe, stroke: Stroke) -> MaskRecipe:
    """Return the recipe after one more stroke.

    Strokes that the new one covers whole are dropped: the later wins anyway. An eraser where
    nothing is painted changes nothing. Raises `MaskError` as `with_strokes`.
    """
    before = strokes_of(recipe)
    kept = [one for one in before if not _covers(stroke, one)]
    if stroke.erase and not any(_touches(stroke, one) for one in kept if not one.erase):
        return recipe if len(kept) == len(before) else with_strokes(recipe, kept)
    return with_strokes(recipe, [*kept, stroke])


def _covers(new: Stroke, old: Stroke) -> bool:
    return (
        new.start <= old.start
        and old.end <= new.end
        and (new.series is None or new.series == old.series)
        and (new.channels is None or set(old.channels or ("*",)) <= set(new.channels))
    )


def _touches(new: Stroke, old: Stroke) -> bool:
    return (
        new.start <= old.end
        and old.start <= new.end
        and (new.series is None or old.series is None or new.series == old.series)
        and (
            new.channels is None
            or old.channels is None
            or bool(set(new.channels) & set(old.channels))
        )
    )
