"""Mask recipes: an ordered list of layers, versioned JSON, applied to any series of its channels."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Int8
from pydantic import BaseModel, ConfigDict, Field

from masklab.catalogue import members, union
from masklab.data.series import Panel, TimeSeries, as_panel
from masklab.errors import MaskError
from masklab.masks.mask import Mask
from masklab.masks.rule import Rule, Scene
from masklab.split import TRAINING

Scope = Literal["training", "validation", "both"]
Combine = Literal["hide", "reveal", "and", "xor"]

RULES: dict[str, type[Rule]] = {
    **members("masklab.masks.rules", Rule),
    **members("masklab.masks.generators", Rule),
}
"""Every rule and generator by its kind."""

AnyRule: Any = union(RULES)


class Layer(BaseModel):
    """One step of a recipe: a rule, where it aims, and how its cells join those hidden before.

    `channels` None means all. `scope` names the part of the split whose rows it touches
    ("validation" covers validation and test rows). `combine`: `hide` adds the selected cells to
    the hidden ones, `reveal` takes them away, `and` keeps hidden only what is selected too, `xor`
    flips the selected cells. Native gaps stay hidden whatever a layer says.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str = ""
    rule: AnyRule
    channels: tuple[str, ...] | None = None
    scope: Scope = "both"
    combine: Combine = "hide"
    enabled: bool = True

    @property
    def label(self) -> str:
        """The layer's name, or its rule in a few words."""
        return self.name or self.rule.summary()


class MaskRecipe(BaseModel):
    """An ordered list of layers; `apply` turns it into a `Mask` for a series or panel."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    schema_version: Literal[1] = 1
    layers: tuple[Layer, ...] = Field(default=())

    def apply(
        self, series: TimeSeries | Panel, parts: Int8[np.ndarray, "row"] | None = None
    ) -> Mask:
        """Return the mask of this recipe: native cells less what its layers hide.

        `parts` (training, validation or test for each row, from `Split.parts`) tells which rows a
        layer's scope covers; without it every layer covers all rows. Raises `MaskError` if a layer
        names a channel that the series lacks.
        """
        raise NotImplementedError
