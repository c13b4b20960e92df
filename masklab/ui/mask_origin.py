"""Which layer hides each cell of the mask on screen, computed once; a stroke computes its own layer."""

from __future__ import annotations

import hashlib

import numpy as np
import streamlit as st
from jaxtyping import Int8, UInt8

from masklab.data.series import Panel
from masklab.masks.layers import MaskRecipe
from masklab.masks.origin import ends_in_paint, hidden_by, painted_onto

Layers = UInt8[np.ndarray, "row channel"]


def layers_of(
    panel: Panel, parts: Int8[np.ndarray, "row"], split: str, recipe: MaskRecipe
) -> Layers:
    """Return what `hidden_by` does, read-only; `split` is a text that names the parts.

    Raises `MaskError` if a layer can't be applied.
    """
    if not ends_in_paint(recipe):
        return _whole(panel, parts, recipe, _name(panel, split, recipe))
    below = recipe.model_copy(update={"layers": recipe.layers[:-1]})
    under = _whole(panel, parts, below, _name(panel, split, below))
    return _painted(under, recipe, panel, _name(panel, split, recipe))


def _name(panel: Panel, split: str, recipe: MaskRecipe) -> str:
    # A new name or colour is another picture, but no other mask.
    text = f"{panel.content_hash}:{split}:{recipe.bare().model_dump_json()}"
    return hashlib.sha256(text.encode()).hexdigest()


@st.cache_resource(show_spinner=False, max_entries=8)
def _whole(
    _panel: Panel, _parts: Int8[np.ndarray, "row"], _recipe: MaskRecipe, name: str
) -> Layers:
    layers = hidden_by(_recipe, _panel, _parts)
    layers.flags.writeable = False
    return layers


@st.cache_resource(show_spinner=False, max_entries=8)
def _painted(_under: Layers, _recipe: MaskRecipe, _panel: Panel, name: str) -> Layers:
    layers = painted_onto(_under, _recipe, _panel)
    layers.flags.writeable = False
    return layers
