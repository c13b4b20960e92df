"""How much a mask hides: per channel and part, per layer, and in runs of which lengths."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8, Int64

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import Layer, MaskRecipe, Step
from masklab.masks.mask import Mask, any_channel, runs
from masklab.masks.stretches import stretches
from masklab.split import PART_NAMES


def coverage(
    panel: Panel, mask: Mask, parts: Int8[np.ndarray, "row"] | None = None
) -> pd.DataFrame:
    """Return what is hidden of each channel in each part that has rows ("all" without parts).

    Columns: `channel`, `part`, `cells`, `native_missing` (the file lacks them), `hidden` (the file
    has them, the mask hides them), `observed`, `share` (cells not observed, native gaps included,
    0 to 1), `longest_run` (steps not observed in a row; within one series and part).
    """
    _check_mask(panel, mask)
    found = []
    for index, channel in enumerate(panel.channels):
        native, observed = panel.native[:, index], mask.observed[:, index]
        for part, rows in _parts_with_rows(panel, parts):
            cells = int(rows.sum())
            missing, left = cells - int((native & rows).sum()), int((observed & rows).sum())
            longest = np.diff(runs(~observed & rows, panel.offsets), axis=1).max(initial=0)
            found.append(
                {
                    "channel": channel,
                    "part": part,
                    "cells": cells,
                    "native_missing": missing,
                    "hidden": cells - missing - left,
                    "observed": left,
                    "share": 1 - left / cells,
                    "longest_run": int(longest),
                }
            )
    return pd.DataFrame(found)


def run_lengths(
    panel: Panel,
    mask: Mask,
    channel: str | None = None,
    parts: Int8[np.ndarray, "row"] | None = None,
) -> Int64[np.ndarray, "run"]:
    """Return the length in steps of each run of cells not observed, of one channel or of all.

    A run ends at the border of a series and, if parts are given, of a part.
    """
    _check_mask(panel, mask)
    columns = range(len(panel.channels)) if channel is None else [panel.channel_index(channel)]
    lengths = [
        np.diff(runs(~mask.observed[:, index] & rows, panel.offsets), axis=1)[:, 0]
        for index in columns
        for _, rows in _parts_with_rows(panel, parts)
    ]
    return np.concatenate(lengths)


def selected_lengths(panel: Panel, step: Step) -> Int64[np.ndarray, "run"]:
    """Return the length of each stretch that a layer selects, over all channels, series by series.

    Lengths count the cells that the file has; one that it lacks neither counts nor ends a stretch.
    """
    columns = np.flatnonzero(step.domain.any(axis=0)).tolist()
    lengths = [
        stretches(step.selected[:, one], panel.native[:, one], panel.offsets).lengths
        for one in columns
    ]
    return np.concatenate(lengths) if lengths else np.zeros(0, dtype=np.int64)


def run_histogram(lengths: Int64[np.ndarray, "run"]) -> pd.DataFrame:
    """Return how many runs, and how many cells in them, have a length from 2^k to 2^(k+1) - 1.

    Columns: `first`, `last` (steps, both included), `runs`, `cells`. Empty if there is no run.
    """
    classes = np.floor(np.log2(lengths)).astype(np.int64) if len(lengths) else lengths
    bins = np.arange(int(classes.max()) + 1 if len(classes) else 0)
    return pd.DataFrame(
        {
            "first": 2**bins,
            "last": 2 ** (bins + 1) - 1,
            "runs": [int((classes == one).sum()) for one in bins],
            "cells": [int(lengths[classes == one].sum()) for one in bins],
        }
    )


@dataclass(frozen=True)
class LayerCount:
    """What one layer does where it stands in its recipe; counts are cells unless said otherwise.

    `cells`: those it is aimed at. `pool`: those it can change (a random rule's rate is of them).
    `selected`: those its rule selects. Both count `unit`: "cells", or "steps" (with at least one
    such cell) for a rule that draws whole steps. `newly_hidden`, `newly_revealed`: native cells that change
    by it. A layer that is off counts nothing; one that doesn't fit the data has a `problem`.
    """

    number: int
    label: str
    enabled: bool
    cells: int = 0
    pool: int = 0
    selected: int = 0
    unit: str = "cells"
    newly_hidden: int = 0
    newly_revealed: int = 0
    problem: str = ""

    @property
    def changed(self) -> int:
        """Native cells that the layer hides or reveals."""
        return self.newly_hidden + self.newly_revealed

    @property
    def share(self) -> float:
        """Share of the cells aimed at that the layer hides or reveals, 0 to 1."""
        return self.changed / self.cells if self.cells else 0.0

    @property
    def realised(self) -> float:
        """Share of the pool that is selected, 0 to 1: a random rule's realised rate."""
        return self.selected / self.pool if self.pool else 0.0


def layer_counts(
    recipe: MaskRecipe, panel: Panel, parts: Int8[np.ndarray, "row"] | None = None
) -> tuple[LayerCount, ...]:
    """Return what each layer does, in order.

    Layers that don't fit the panel are left out of the mask and carry the reason, so that a page
    can show the others.
    """
    problems = [" ".join(layer.misfits(panel)) for layer in recipe.layers]
    usable = tuple(
        layer.model_copy(update={"enabled": layer.enabled and not problem})
        for layer, problem in zip(recipe.layers, problems, strict=True)
    )
    counts = {
        step.number: _count(step)
        for step in recipe.model_copy(update={"layers": usable}).steps(panel, parts)
    }
    return tuple(
        counts.get(number) or _uncounted(number, layer, problem)
        for number, (layer, problem) in enumerate(
            zip(recipe.layers, problems, strict=True), start=1
        )
    )


def _count(step: Step) -> LayerCount:
    before, after = step.before, step.after
    pool, selected, unit = step.pool, step.selected, "cells"
    if step.layer.rule.whole_steps:
        pool, selected, unit = any_channel(pool), any_channel(selected), "steps"
    return LayerCount(
        number=step.number,
        label=step.layer.label,
        enabled=True,
        cells=int(np.count_nonzero(step.domain)),
        pool=int(np.count_nonzero(pool)),
        selected=int(np.count_nonzero(selected)),
        unit=unit,
        newly_hidden=int(np.count_nonzero(before & ~after)),
        newly_revealed=int(np.count_nonzero(after & ~before)),
    )


def _uncounted(number: int, layer: Layer, problem: str) -> LayerCount:
    return LayerCount(number, layer.label, enabled=layer.enabled, problem=problem)


def _parts_with_rows(
    panel: Panel, parts: Int8[np.ndarray, "row"] | None
) -> list[tuple[str, Bool[np.ndarray, "row"]]]:
    if parts is None:
        return [("all", np.ones(panel.rows, dtype=bool))]
    chosen = [(name, np.asarray(parts == part)) for part, name in enumerate(PART_NAMES)]
    return [(name, rows) for name, rows in chosen if rows.any()]


def _check_mask(panel: Panel, mask: Mask) -> None:
    if mask.observed.shape != panel.values.shape or mask.channels != panel.channels:
        raise MaskError(
            f"The mask covers {mask.observed.shape[0]} rows of {list(mask.channels)}; the data has "
            f"{panel.rows} rows of {list(panel.channels)}. Apply the recipe to this data first."
        )
