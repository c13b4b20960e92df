"""Mask recipes: an ordered list of layers, versioned JSON, applied to any series of its channels."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import numpy as np
from jaxtyping import Bool, Int8
from pydantic import BaseModel, ConfigDict, FailFast, Field, model_validator

from masklab.catalogue import members, union
from masklab.data.series import Panel, TimeSeries, as_panel
from masklab.errors import MaskError
from masklab.masks.appearance import APPEARANCE, LayerColour
from masklab.masks.mask import Mask
from masklab.masks.rule import Combine, Rule, Scene
from masklab.split import TRAINING

Scope = Literal["training", "validation", "both"]

RULES: dict[str, type[Rule]] = {
    **members("masklab.masks.rules", Rule),
    **members("masklab.masks.generators", Rule),
    **members("masklab.masks.morphology", Rule),
}
"""Every rule, generator and change of shape by its kind."""

if TYPE_CHECKING:
    AnyRule = Rule
else:
    AnyRule = union(RULES)


class Layer(BaseModel):
    """One step of a recipe: a rule, where it aims, and how its cells join those hidden before.

    `channels` and `series` None mean all. `scope` names the part of the split whose rows it touches
    ("validation" covers validation and test rows). `combine`: `hide` adds the selected cells to
    the hidden ones, `reveal` takes them away, `and` keeps hidden only what is selected too, `xor`
    flips the selected cells; without it, the rule's own `combines` holds. Native gaps stay hidden
    whatever a layer says.

    `name`, `colour`, `opacity` and `locked` are for the eye and the hand and change no mask.
    `colour` None means by place. `opacity` is the share of full strength with which its cells are
    drawn. A `locked` layer can't be edited in the app until it is unlocked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = Field(default="", max_length=200)
    rule: AnyRule
    channels: tuple[str, ...] | None = Field(default=None, min_length=1)
    series: tuple[str, ...] | None = Field(default=None, min_length=1)
    scope: Scope = "both"
    combine: Combine = "hide"
    enabled: bool = True
    locked: bool = False
    opacity: float = Field(default=1.0, ge=0.1, le=1)
    colour: LayerColour | None = None

    @model_validator(mode="before")
    @classmethod
    def _combine_as_the_rule_does(cls, given: Any) -> Any:
        if not isinstance(given, dict) or "combine" in given:
            return given
        rule = given.get("rule")
        kind = rule.get("kind") if isinstance(rule, dict) else getattr(rule, "kind", None)
        known = RULES.get(kind) if isinstance(kind, str) else None
        return {**given, "combine": known.combines} if known else given

    @property
    def label(self) -> str:
        """The layer's name, or its rule in a few words."""
        return self.name or self.rule.summary()

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence for each thing in this layer that the panel can't serve."""
        found = [
            _unknown("channels", self.channels, panel.channels),
            _unknown("series", self.series, panel.names),
        ]
        return (*(one for one in found if one), *self.rule.misfits(panel))

    def bare(self) -> Self:
        """Return the layer without name and looks; equal bare layers do the same."""
        defaults = {name: type(self).model_fields[name].default for name in APPEARANCE}
        return self.model_copy(update=defaults)

    def fitted(self, panel: Panel) -> Self | None:
        """Return what of this layer the panel can serve; None if nothing."""
        rule = self.rule.fitted(panel)
        channels = _known(self.channels, panel.channels)
        series = _known(self.series, panel.names)
        if rule is None or channels == () or series == ():
            return None
        return self.model_copy(update={"rule": rule, "channels": channels, "series": series})


def _unknown(what: str, aimed: tuple[str, ...] | None, known: tuple[str, ...]) -> str:
    unknown = [name for name in aimed or () if name not in known]
    if not unknown:
        return ""
    return (
        f"It is aimed at the {what} {_listed(unknown)}, but this data has {_listed(known)}; "
        "choose among those."
    )


def _known(aimed: tuple[str, ...] | None, known: tuple[str, ...]) -> tuple[str, ...] | None:
    return None if aimed is None else tuple(name for name in aimed if name in known)


def _listed(names: Sequence[str], most: int = 12) -> str:
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return f"{list(names[:most])}{more}"


@dataclass(frozen=True, eq=False)
class Step:
    """What one enabled layer did: its number (from 1), domain, pool, selection, before and after.

    Arrays are (row, channel) bool; `before` and `after` are True where observed.
    """

    number: int
    layer: Layer
    domain: Bool[np.ndarray, "row channel"]
    pool: Bool[np.ndarray, "row channel"]
    selected: Bool[np.ndarray, "row channel"]
    before: Bool[np.ndarray, "row channel"]
    after: Bool[np.ndarray, "row channel"]


class MaskRecipe(BaseModel):
    """An ordered list of layers; `apply` turns it into a `Mask` for a series or panel."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    layers: Annotated[tuple[Layer, ...], FailFast()] = Field(default=(), max_length=500)

    def bare(self) -> Self:
        """Return the recipe without its layers' names and looks: recipes alike so mask alike."""
        return self.model_copy(update={"layers": tuple(one.bare() for one in self.layers)})

    def apply(
        self, series: TimeSeries | Panel, parts: Int8[np.ndarray, "row"] | None = None
    ) -> Mask:
        """Return the mask of this recipe: native cells less what its layers hide.

        `parts` (training, validation or test for each row, from `Split.parts`) tells which rows a
        layer's scope covers; without it every layer covers all rows. Raises `MaskError` if a layer
        names a channel that the series lacks, or its rule can't be applied.
        """
        panel = as_panel(series)
        observed = panel.native
        for step in self.steps(panel, parts):
            observed = step.after
        return Mask(observed, panel.channels)

    def steps(
        self, series: TimeSeries | Panel, parts: Int8[np.ndarray, "row"] | None = None
    ) -> Iterator[Step]:
        """Yield what each enabled layer does, in order; raise as `apply` does."""
        panel = as_panel(series)
        _check_parts(panel, parts)
        hidden = np.zeros_like(panel.native)
        for number, layer in enumerate(self.layers, start=1):
            if not layer.enabled:
                continue
            try:
                step, hidden = _take(number, layer, panel, parts, hidden)
            except MaskError as error:
                raise MaskError(f"Layer {number} ({layer.label}): {error}") from error
            yield step


Cells = Bool[np.ndarray, "row channel"]


def _take(
    number: int,
    layer: Layer,
    panel: Panel,
    parts: Int8[np.ndarray, "row"] | None,
    hidden: Cells,
) -> tuple[Step, Cells]:
    """Return what the layer does, and the cells that are hidden after it."""
    for problem in layer.misfits(panel):
        raise MaskError(problem)
    observed = panel.native & ~hidden
    domain = _domain(layer, panel, parts)
    pool = _pool(layer.combine, panel.native, hidden) & domain
    scene = Scene(panel, observed, domain, pool)
    selected = layer.rule.select(scene) & domain
    after_hidden = _combine(layer.combine, hidden, selected, domain)
    after = panel.native & ~after_hidden
    return Step(
        number, layer, domain, layer.rule.pool_of(scene), selected, observed, after
    ), after_hidden


def _domain(layer: Layer, panel: Panel, parts: Int8[np.ndarray, "row"] | None) -> Cells:
    rows = _rows_of(layer.series, panel)
    if parts is not None and layer.scope != "both":
        rows &= (parts == TRAINING) == (layer.scope == "training")
    domain = np.zeros(panel.values.shape, dtype=bool, order="F")
    for index, name in enumerate(panel.channels):
        if layer.channels is None or name in layer.channels:
            domain[:, index] = rows
    return domain


def _rows_of(series: tuple[str, ...] | None, panel: Panel) -> Bool[np.ndarray, "row"]:
    if series is None:
        return np.ones(panel.rows, dtype=bool)
    rows = np.zeros(panel.rows, dtype=bool)
    for name in series:
        rows[panel.rows_of(name)] = True
    return rows


def _pool(combine: Combine, native: Cells, hidden: Cells) -> Cells:
    if combine == "xor":
        return native
    pool: Cells = native & (~hidden if combine == "hide" else hidden)
    return pool


def _combine(combine: Combine, hidden: Cells, selected: Cells, domain: Cells) -> Cells:
    after: Cells
    match combine:
        case "hide":
            after = hidden | selected
        case "reveal":
            after = hidden & ~selected
        case "and":
            after = hidden & (selected | ~domain)
        case "xor":
            after = hidden ^ selected
    return after


def _check_parts(panel: Panel, parts: Int8[np.ndarray, "row"] | None) -> None:
    if parts is not None and np.shape(parts) != (panel.rows,):
        raise MaskError(
            f"The split should say a part for each of the {panel.rows} rows; it instead has shape "
            f"{np.shape(parts)}. Make it from the same data."
        )
