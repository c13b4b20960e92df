"""What a layer would do while one of its controls is dragged: its count and share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.coverage import layer_counts
from masklab.masks.layers import Layer, MaskRecipe
from masklab.ui.layer_effects import count_words


def would_do(
    layers: tuple[Layer, ...], place: int, panel: Panel, parts: Int8[np.ndarray, "row"]
) -> str:
    """Return in words what the layer at a place does; of one that is off, what it would do."""
    on = layers[place].enabled
    shown = layers[place].model_copy(update={"enabled": True})
    try:
        recipe = MaskRecipe(layers=(*layers[:place], shown))
        count = layer_counts(recipe, panel, parts)[place]
    except MaskError as error:
        return str(error)
    words = count_words(replace(count, enabled=True))
    return words if on else f"Switched on, it {words[0].lower()}{words[1:]}"
