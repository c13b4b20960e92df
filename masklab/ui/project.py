"""The project: everything on screen that must survive a reload, frozen, saved as JSON."""

from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    field_validator,
    model_serializer,
    model_validator,
)

from masklab.data.series import Panel
from masklab.errors import SeriesError
from masklab.masks.layers import MaskRecipe
from masklab.masks.recipe_file import fits, fitted
from masklab.runs.settled import complete
from masklab.runs.spec import DataSource
from masklab.split import Split
from masklab.ui.packing import Pool, added_weight, unpacked_layers, unpacked_recipe

STEPS_KEPT = 100
"""Steps of undo, the present one included."""
BYTES_KEPT = 3_000_000
"""Undo gives up its oldest steps when all would weigh more than this as JSON; two are always kept."""


class Version(BaseModel):
    """A recipe and split kept under a name; `saved` is when, in seconds since 1970 UTC."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: str = Field(min_length=1, max_length=80)
    recipe: MaskRecipe
    split: Split = Split()
    saved: float = 0.0


class Project(BaseModel):
    """Data, mask and split with their history, the Train page's settings, the experiment on screen.

    `history[cursor]` is the recipe in use and `splits[cursor]` the split, which `split` names too;
    what stands after them can be redone. `versions` are kept by name, the newest last;
    `removed` are versions that were deleted and can be brought back. `painted` says for
    each canvas, by its name, which operation was the last to go into the history. `form` holds what
    a user changed on the Train page, by field; what is not in it has its default.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    schema_version: Literal[1] = 1
    name: str = ""
    data: DataSource | None = None
    split: Split = Split()
    history: tuple[MaskRecipe, ...] = Field(default=(MaskRecipe(),), min_length=1)
    splits: tuple[Split, ...] = ()
    cursor: int = Field(default=0, ge=0)
    versions: tuple[Version, ...] = ()
    removed: tuple[Version, ...] = ()
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
        splits = self.splits
        if len(splits) != len(self.history):  # saved before splits had a history
            splits = (self.split,) * len(self.history)
        changed = (*splits[: self.cursor], self.split, *splits[self.cursor + 1 :])
        object.__setattr__(self, "splits", changed)
        return self

    @model_validator(mode="before")
    @classmethod
    def _unpack(cls, content: Any) -> Any:
        if not isinstance(content, dict) or "layers" not in content:
            return content
        try:
            layers = unpacked_layers(content["layers"])
            splits = [Split.model_validate(one) for one in content["split_pool"]]
            unpacked = {
                "history": tuple(unpacked_recipe(one, layers) for one in content["history"]),
                "splits": tuple(splits[one] for one in content["splits"]),
            } | {
                name: [
                    {**one, "recipe": unpacked_recipe(one["recipe"], layers)}
                    for one in content[name]
                ]
                for name in ("versions", "removed")
            }
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise ValueError(f"the recipes can't be unpacked ({error!r})") from error
        return {**content, **unpacked}

    @model_serializer(mode="plain")
    def _pack(self) -> dict[str, Any]:
        pool = Pool()
        splits = list(dict.fromkeys(self.splits))
        packed = {name: getattr(self, name) for name in type(self).model_fields}
        packed |= {
            "history": [pool.recipe(one) for one in self.history],
            "splits": [splits.index(one) for one in self.splits],
            "split_pool": splits,
        }
        for name in ("versions", "removed"):
            packed[name] = [
                {**dict(one), "recipe": pool.recipe(one.recipe)} for one in getattr(self, name)
            ]
        return {**packed, "layers": pool.entries}

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

    def with_recipe(self, recipe: MaskRecipe) -> Self:
        """Put a recipe in use as a new step of history; the same recipe again adds none."""
        return self.with_step(recipe, self.split)

    def with_split(self, split: Split) -> Self:
        """Put a split in use as a new step of history; the same split again adds none."""
        return self.with_step(self.recipe, split)

    def with_step(self, recipe: MaskRecipe, split: Split) -> Self:
        """Put a recipe and a split in use as one step of history."""
        if recipe == self.recipe and split == self.split:
            return self
        past = self.cursor + 1
        history = (*self.history[:past], recipe)
        kept = _kept(history)
        changes = {
            "history": history[-kept:],
            "splits": (*self.splits[:past], split)[-kept:],
            "cursor": kept - 1,
            "split": split,
        }
        return self.model_copy(update=changes)

    def moved(self, steps: int) -> Self:
        """Go `steps` forward (redo) or back (undo, negative), as far as history reaches."""
        cursor = min(max(self.cursor + steps, 0), len(self.history) - 1)
        return self.model_copy(update={"cursor": cursor, "split": self.splits[cursor]})

    def with_data(self, source: DataSource, name: str, panel: Panel) -> tuple[Project, list[str]]:
        """Take other data: keep the layers, split and settings that fit it, and name the rest.

        The second result holds a sentence for each thing that was left out.
        """
        notes = [f"{problem} That part was left out." for problem in fits(self.recipe, panel)]
        split = self.split
        if not _split_fits(split, panel):
            split = Split()
            notes.append("The split named series that this data lacks; it is by time again.")
        changes = {"name": name, "data": source, "form": _untied(self.form)}
        changed = Project.model_validate({**dict(self), **changes, "experiment_id": None})
        return changed.with_step(fitted(self.recipe, panel), split), notes


def _kept(history: tuple[MaskRecipe, ...]) -> int:
    """Return how many of the newest steps are kept."""
    weight, kept = 0, 0
    for step in range(len(history) - 1, -1, -1):
        after = history[step + 1] if step + 1 < len(history) else None
        weight += added_weight(after, history[step])
        if kept >= STEPS_KEPT or (kept >= 2 and weight > BYTES_KEPT):
            break
        kept += 1
    return kept


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
