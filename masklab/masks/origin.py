"""Which layer hides each cell: the last one that hid it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int8, UInt8

from masklab.data.series import Panel, TimeSeries, as_panel
from masklab.errors import MaskError
from masklab.masks.layers import MaskRecipe, Step
from masklab.masks.rules.painted import Painted
from masklab.masks.strokes import cells

MOST = 255
"""Layers told apart; those after it count as this one."""


def hidden_by(
    recipe: MaskRecipe, series: TimeSeries | Panel, parts: Int8[np.ndarray, "row"] | None = None
) -> UInt8[np.ndarray, "row channel"]:
    """Return the number (from 1) of the layer that hides each cell; 0 where it is not hidden.

    A cell that several layers hide belongs to the last of them. Cells that the file lacks are 0.
    Raises `MaskError` as `MaskRecipe.apply`, whose hidden cells are those above 0.
    """
    panel = as_panel(series)
    layers = np.zeros(panel.values.shape, dtype=np.uint8, order="F")
    for step in recipe.steps(panel, parts):
        np.copyto(layers, min(step.number, MOST), where=_hidden_here(step, panel))
        if step.layer.combine != "hide":
            np.copyto(layers, 0, where=step.after)
    return layers


def _hidden_here(step: Step, panel: Panel) -> Bool[np.ndarray, "row channel"]:
    hidden: Bool[np.ndarray, "row channel"] = (
        panel.native & step.selected if step.layer.combine == "hide" else step.before & ~step.after
    )
    return hidden


def ends_in_paint(recipe: MaskRecipe) -> bool:
    """Whether the last layer hides what is painted, wherever that is: the layer of the brush."""
    if not recipe.layers:
        return False
    last = recipe.layers[-1]
    aimed = last.channels is not None or last.series is not None or last.scope != "both"
    return isinstance(last.rule, Painted) and last.combine == "hide" and last.enabled and not aimed


def painted_onto(
    below: UInt8[np.ndarray, "row channel"], recipe: MaskRecipe, panel: Panel
) -> UInt8[np.ndarray, "row channel"]:
    """Return `hidden_by` of a recipe that `ends_in_paint`, given that of the layers under the last.

    So a stroke costs the same whatever rules lie under it. Raises `MaskError` as `hidden_by`.
    """
    number, last = len(recipe.layers), recipe.layers[-1]
    for problem in last.misfits(panel):
        raise MaskError(f"Layer {number} ({last.label}): {problem}")
    layers = below.copy(order="F")
    strokes = last.rule.strokes if isinstance(last.rule, Painted) else ()
    painted = cells(strokes, panel)
    for channel in range(len(panel.channels)):
        hidden = painted[:, channel] & panel.native[:, channel]
        np.copyto(layers[:, channel], min(number, MOST), where=hidden)
    return layers
