"""What the layers of a recipe do to the data: counts in words, and what to know before training."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import streamlit as st
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.masks.coverage import LayerCount, layer_counts
from masklab.masks.findings import Finding, findings
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.masks.origin import hidden_by
from masklab.masks.recipe_file import fitted
from masklab.ui import words


@dataclass(frozen=True)
class Effects:
    """What each layer does, and the parts and channels of which nothing is left."""

    counts: tuple[LayerCount, ...]
    findings: tuple[Finding, ...]


def effects(panel: Panel, parts: Int8[np.ndarray, "row"], recipe: MaskRecipe) -> Effects:
    """Return what the recipe does to the panel; computed once for each panel, split and mask."""
    split = hashlib.sha256(parts.tobytes()).hexdigest()
    bare = recipe.bare().model_dump_json()  # a new name or colour changes no count
    return _effects(panel, parts, panel.content_hash, split, bare)


@st.cache_resource(show_spinner=False, max_entries=64)
def _effects(
    _panel: Panel, _parts: Int8[np.ndarray, "row"], content: str, split: str, recipe: str
) -> Effects:
    known = MaskRecipe.model_validate_json(recipe)
    fitting = fitted(known, _panel)
    layers = hidden_by(fitting, _panel, _parts)
    mask = Mask(_panel.native & (layers == 0), _panel.channels)
    # Where layers are left out, the others' numbers are not those of the list.
    named = layers if fitting == known else None
    return Effects(layer_counts(known, _panel, _parts), findings(_panel, mask, _parts, named))


def count_words(count: LayerCount) -> str:
    """Return what a layer does, with its denominator: 'Hides 1,203 of 26,115 cells, 4.6 %'."""
    if count.problem:
        return f"Left out: {count.problem}"
    if not count.enabled:
        return "Off"
    if not count.changed:
        return f"Changes none of {count.cells:,} cells"
    told = []
    if count.newly_hidden:
        told.append(f"hides {words.of(count.newly_hidden, count.cells, 'cells')}")
    if count.newly_revealed:
        told.append(f"shows again {words.of(count.newly_revealed, count.cells, 'cells')}")
    text = "; ".join(told)
    return text[0].upper() + text[1:]
