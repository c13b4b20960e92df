"""The project: everything on screen that must survive a reload, frozen, saved as JSON."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from masklab.data.series import Panel
from masklab.errors import SeriesError
from masklab.masks.layers import MaskRecipe
from masklab.masks.recipe_file import fits, fitted
from masklab.runs.settled import complete
from masklab.runs.spec import DataSource
from masklab.split import Split

STEPS_KEPT = 60
"""Steps of undo, the present recipe included."""
BYTES_KEPT = 1_500_000
"""Undo gives up its oldest steps when all recipes together would weigh more than this as JSON."""


class Project(BaseModel):
    """Data, split, mask with its history, the Train page's settings, the experiment on screen.

    `history[cursor]` is the recipe in use; what stands after it can be redone. `painted` says for
    each canvas, by its name, which operation was the last to go into the history. `form` holds what
    a user changed on the Train page, by field; what is not in it has its default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    name: str = ""
    data: DataSource | None = None
    split: Split = Split()
    history: tuple[MaskRecipe, ...] = Field(default=(MaskRecipe(),), min_length=1)
    cursor: int = Field(default=0, ge=0)
    painted: dict[str, int] = Field(default_factory=dict)
    form: dict[str, Any] = Field(default_factory=dict)
    experiment_id: str | None = None

    @field_validator("data", mode="after")
    @classmethod
    def _read_as_on_screen(cls, data: DataSource | None) -> DataSource | None:
        # What a sample would be read with is no default here: the page shows what was chosen.
        reading = None if data is None else complete(data.reading)
        return data if data is None else data.model_copy(update={"reading": reading})

    @model_validator(mode="after")
    def _check_cursor(self) -> Self:
        if self.cursor >= len(self.history):
            raise ValueError(
                f"cursor {self.cursor} lies after the {len(self.history)} recipes kept"
            )
        return self

    @property
    def recipe(self) -> MaskRecipe:
        """The recipe in use."""
        return self.history[self.cursor]

    @property
    def can_undo(self) -> bool:
        """Whether an earlier recipe is kept."""
        return self.cursor > 0

    @property
    def can_redo(self) -> bool:
        """Whether a recipe was undone and not replaced since."""
        return self.cursor + 1 < len(self.history)

    def with_recipe(self, recipe: MaskRecipe) -> Project:
        """Put a recipe in use as a new step of history; the same recipe again adds none."""
        if recipe == self.recipe:
            return self
        history = _bounded((*self.history[: self.cursor + 1], recipe))
        return self.model_copy(update={"history": history, "cursor": len(history) - 1})

    def moved(self, steps: int) -> Project:
        """Go `steps` forward (redo) or back (undo, negative), as far as history reaches."""
        cursor = min(max(self.cursor + steps, 0), len(self.history) - 1)
        return self.model_copy(update={"cursor": cursor})

    def with_data(self, source: DataSource, name: str, panel: Panel) -> tuple[Project, list[str]]:
        """Take other data: keep the layers, split and settings that fit it, and name the rest.

        The second result holds a sentence for each thing that was left out.
        """
        notes = [f"{problem} That part was left out." for problem in fits(self.recipe, panel)]
        split = self.split
        if not _split_fits(split, panel):
            split = Split()
            notes.append("The split named series that this data lacks; it is by time again.")
        changes = {"name": name, "data": source, "split": split, "form": _untied(self.form)}
        changed = Project.model_validate({**dict(self), **changes, "experiment_id": None})
        return changed.with_recipe(fitted(self.recipe, panel)), notes


def _bounded(history: tuple[MaskRecipe, ...]) -> tuple[MaskRecipe, ...]:
    weight, kept = 0, 0
    for recipe in reversed(history[-STEPS_KEPT:]):
        weight += len(recipe.model_dump_json())
        if kept >= 2 and weight > BYTES_KEPT:
            break
        kept += 1
    return history[-kept:]


def _split_fits(split: Split, panel: Panel) -> bool:
    try:
        for name in (*split.validation_series, *split.test_series):
            panel.rows_of(name)
    except SeriesError:
        return False
    return True


def _untied(form: dict[str, Any]) -> dict[str, Any]:
    """Keep strategies, seeds and network; lengths and targets belong to the data they were set for."""
    tied = {"window", "horizon", "targets", "stride", "length"}
    return {name: value for name, value in form.items() if name not in tied}
