"""Save the mask recipe as a file, and load one, saying what did not fit the data."""

from __future__ import annotations

import re
from dataclasses import dataclass

import streamlit as st

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import MaskRecipe
from masklab.masks.recipe_file import MAX_BYTES, dump_recipe, fits, fitted, load_recipe
from masklab.ui import words
from masklab.ui.markdown import plain

_KEY = "masklab.recipe_file"
_LOADED, _TURN = f"{_KEY}.loaded", f"{_KEY}.turn"


@dataclass(frozen=True)
class Loaded:
    """What became of an uploaded file: the recipe to use (None once used), or a problem."""

    name: str
    recipe: MaskRecipe | None = None
    layers: int = 0
    notes: tuple[str, ...] = ()
    problem: str = ""


def recipe_file(panel: Panel, recipe: MaskRecipe, name: str = "mask") -> MaskRecipe | None:
    """Draw saving and loading; return the recipe that was just loaded, else None.

    Only what fits the data is loaded; `tell_loaded` names the rest until the next file comes.
    """
    loaded: Loaded | None = st.session_state.get(_LOADED)
    if loaded and loaded.recipe is not None:
        st.session_state[_LOADED] = Loaded(loaded.name, None, loaded.layers, loaded.notes)
        return loaded.recipe
    st.download_button(
        "Save the recipe", dump_recipe(recipe), file_name=f"{_file_name(name)}.mask.json",
        mime="application/json", icon=":material/download:", on_click="ignore",
        disabled=not recipe.layers, key=f"{_KEY}.save", width="stretch",
        help="The layers as a JSON file. It can be loaded again, here or for other data of the "
        "same channels." if recipe.layers else "There is no layer to save yet.",
    )  # fmt: skip
    key = f"{_KEY}.upload.{st.session_state.get(_TURN, 0)}"
    st.file_uploader(
        "Load a recipe", type="json", key=key, on_change=_load, args=(key, panel),
        max_upload_size=MAX_BYTES // 1_000_000,
        help="Takes the place of the layers in use; undo brings them back.",
    )  # fmt: skip
    return None


def tell_loaded() -> None:
    """Say what became of the file that was loaded last: outside any box that could be shut."""
    loaded: Loaded | None = st.session_state.get(_LOADED)
    if loaded:
        _tell(loaded)


def load_for(content: bytes, name: str, panel: Panel) -> Loaded:
    """Return what the file holds for this data, or its problem in a sentence."""
    try:
        recipe = load_recipe(content)
    except MaskError as error:
        return Loaded(name, problem=str(error))
    kept, notes = fitted(recipe, panel), tuple(fits(recipe, panel))
    if recipe.layers and not kept.layers:
        return Loaded(name, problem=f"Nothing in it fits this data. {notes[0]}")
    return Loaded(name, kept, len(kept.layers), notes)


def _load(key: str, panel: Panel) -> None:
    file = st.session_state[key]
    if file is None:
        return
    st.session_state[_LOADED] = load_for(file.getvalue(), file.name, panel)
    # A new uploader takes the place of this one: a file is loaded once, not at every run.
    st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1


def _tell(loaded: Loaded) -> None:
    if loaded.problem:
        st.error(f"{plain(loaded.name)}: {plain(loaded.problem)} The layers in use are unchanged.")
        return
    st.success(f"Loaded {words.counted(loaded.layers, 'layer')} from {plain(loaded.name)}.")
    if loaded.notes:
        st.warning(
            "What does not fit this data was left out:\n\n"
            + "\n".join(f"- {plain(note)}" for note in loaded.notes)
        )


def _file_name(name: str) -> str:
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")[:60] or "mask"
