"""A page with the list of layers alone, for AppTest: the recipe lives in the session."""

import numpy as np
import streamlit as st

from masklab.data.series import Panel
from masklab.masks.layers import MaskRecipe
from masklab.split import Split
from masklab.ui.mask_layers import layers_panel
from masklab.ui.mask_recipe_file import recipe_file, tell_loaded

panel = Panel(
    ("one",),
    np.array([0, 100]),
    np.datetime64("2024-01-01", "us") + np.arange(100) * np.timedelta64(1, "h"),
    np.stack([np.arange(100.0), np.arange(100.0)], axis=1),
    ("temp", "wind*"),
)
recipe = MaskRecipe.model_validate_json(st.session_state.get("recipe", "{}"))
changed = layers_panel(panel, Split().parts(panel), recipe)
if changed is None:
    tell_loaded()
    changed = recipe_file(panel, recipe, "my data")
if changed is not None:
    st.session_state["recipe"] = changed.model_dump_json()
    st.rerun()
