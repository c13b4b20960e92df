"""How the layers of a recipe look on the canvas, and into which of them the brush paints."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from masklab.charts.palette import layer_colour
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.origin import MOST
from masklab.masks.rules.painted import Painted
from masklab.ui.painter.layer import NAME, locked_words, painted_at


@dataclass(frozen=True)
class Shade:
    """A layer as it is drawn: its number in `origin.hidden_by`, its name and look."""

    number: int
    name: str
    colour: str
    opacity: float


def shaded(recipe: MaskRecipe) -> dict[str, Any]:
    """Return the looks of the layers that may hide cells, and the brush's with its lock in words."""
    shades = [
        _shade(layer, place)
        for place, layer in enumerate(recipe.layers)
        if layer.enabled and layer.combine in ("hide", "xor")
    ]
    place = painted_at(recipe)
    layer = Layer(name=NAME, rule=Painted()) if place is None else recipe.layers[place]
    brush = _shade(layer, len(recipe.layers) if place is None else place)
    locked = locked_words(layer) if layer.locked else ""
    return {
        "layers": [asdict(one) for one in shades],
        "brush": {**asdict(brush), "locked": locked},
    }


def _shade(layer: Layer, place: int) -> Shade:
    colour = layer_colour(layer.colour, place)
    return Shade(min(place + 1, MOST), layer.label, colour, layer.opacity)
