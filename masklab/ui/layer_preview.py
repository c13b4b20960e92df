"""What a layer would do while one of its controls is dragged: its count, and the mask in the picture."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.coverage import layer_counts
from masklab.masks.layers import Layer, MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.recipe_file import fitted
from masklab.ui.layer_effects import count_words


def would_do(
    layers: tuple[Layer, ...], place: int, panel: Panel, parts: Int8[np.ndarray, "row"]
) -> tuple[str, Mask | None]:
    """Return in words what the layer at a place does, and the mask of all layers.

    A layer that is off is told as if it were on; the mask is None if the layers can't be applied.
    """
    on = layers[place].enabled
    if not on:
        changed = layers[place].model_copy(update={"enabled": True})
        layers = (*layers[:place], changed, *layers[place + 1 :])
    try:
        recipe = MaskRecipe(layers=layers)
        count = layer_counts(
            recipe.model_copy(update={"layers": layers[: place + 1]}), panel, parts
        )
        mask = fitted(recipe, panel).apply(panel, parts) if on else None
    except MaskError as error:
        return str(error), None
    words = count_words(replace(count[place], enabled=True))
    return (words if on else f"Switched on, it {words[0].lower()}{words[1:]}"), mask
