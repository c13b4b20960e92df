"""How a layer looks in the list and on the picture: nothing here changes what the mask hides."""

from __future__ import annotations

from typing import Literal

LayerColour = Literal["orange", "purple", "green", "vermilion", "sky", "blue", "grey"]
"""The colours of a layer, in the order in which layers without one get theirs by place."""

APPEARANCE = ("name", "colour", "opacity", "locked")
"""The fields of a layer that are for the eye and the hand; no number depends on them."""
