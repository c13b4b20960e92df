"""The recipe itself, as JSON."""

from __future__ import annotations

from typing import ClassVar, Literal

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.format import Head, Incoming, Masked, MaskFormat
from masklab.masks.layers import MaskRecipe
from masklab.masks.recipe_file import dump_recipe, fits, fitted, load_recipe


class RecipeJson(MaskFormat):
    """The layers with all their settings, as MaskLab keeps them."""

    title: ClassVar[str] = "Recipe (JSON)"
    explanation: ClassVar[str] = (
        "The layers with their settings, seeds and strokes; applies to other data of the same "
        "channels too."
    )
    ending: ClassVar[str] = ".mask.json"
    mime: ClassVar[str] = "application/json"
    holds: ClassVar[Literal["mask", "recipe"]] = "recipe"

    kind: Literal["recipe_json"] = "recipe_json"

    def write(self, masked: Masked) -> bytes:
        """Return the recipe."""
        return dump_recipe(masked.recipe).encode()

    def claims(self, head: Head) -> bool:
        """Return whether it is a JSON object; Label Studio's are told before."""
        return head.text[:1] == "{"

    def read(self, data: bytes, panel: Panel, name: str) -> Incoming:
        """Return the layers that fit the panel; notes say what was left out."""
        return fitting(self.kind, load_recipe(data), panel)


def fitting(kind: str, recipe: MaskRecipe, panel: Panel) -> Incoming:
    """Return what of a recipe fits a panel; raise `MaskError` if nothing does."""
    problems = fits(recipe, panel)
    kept = fitted(recipe, panel) if problems else recipe
    if recipe.layers and not kept.layers:
        raise MaskError(f"Nothing in it fits this data. {problems[0]}")
    notes = tuple(f"{problem} That part was left out." for problem in problems)
    return Incoming(kind, kept.layers, notes, is_recipe=True)
