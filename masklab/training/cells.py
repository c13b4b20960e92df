"""Which target cells count: each strategy's own, those common to all of them, all, those hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Bool

from masklab.data.series import Panel
from masklab.errors import ExperimentError
from masklab.strategies.strategy import Strategy
from masklab.training.config import Forecast, Reconstruct

Cells = Bool[np.ndarray, "row target"]


def target_columns(task: Forecast | Reconstruct, panel: Panel) -> tuple[int, ...]:
    """Return the columns to predict; raise `ExperimentError` for an unknown or repeated target."""
    names = panel.channels if task.targets is None else task.targets
    unknown = [name for name in names if name not in panel.channels]
    if unknown:
        raise ExperimentError(
            f"The target {unknown[0]!r} is not a channel of the data; its channels are "
            f"{', '.join(panel.channels)}. Choose among them."
        )
    if len(set(names)) < len(names):
        raise ExperimentError(f"A target is named twice: {', '.join(names)}. Remove one.")
    return tuple(panel.channels.index(name) for name in names)


def scores_masked(task: Forecast | Reconstruct) -> bool:
    """Whether validation and test score what the mask hides, with nothing hidden on top of it."""
    return isinstance(task, Reconstruct) and task.scored == "masked"


def of_targets(cells: Bool[np.ndarray, "row channel"], targets: tuple[int, ...]) -> Cells:
    """Return the targets' columns, row by row; the array itself if they are all of its columns."""
    if targets == tuple(range(cells.shape[1])):
        return cells
    return cells.take(targets, axis=1)


def own_cells(
    task: Forecast | Reconstruct,
    strategies: Sequence[Strategy],
    native: Cells,
    observed: Cells,
) -> Mapping[str, Cells]:
    """Return the target cells that each strategy, by label, counts itself.

    A strategy that reads the mask counts native and observed cells; one that doesn't counts every
    native cell of a forecast. In a reconstruction only what is hidden afresh counts, and that is
    drawn for all strategies alike among the native and observed cells.
    """
    usable = native & observed
    return {
        one.label: usable if one.reads_mask or isinstance(task, Reconstruct) else native
        for one in strategies
    }


def hidden_cells(known: Cells, observed: Cells, fresh: Cells | None) -> Cells:
    """Return the target cells that the file has and the user's mask hides.

    `fresh`: what a reconstruction hides on top. Those cells are not observed either, but are what
    own and common scores count, and so are left out.
    """
    hidden: Cells = known & ~observed
    return hidden if fresh is None else hidden & ~fresh


def common_cells(own: Mapping[str, Cells]) -> Cells:
    """Return the cells that every strategy counts: what comparisons are scored on."""
    distinct = {id(cells): cells for cells in own.values()}
    common, *others = distinct.values()
    for cells in others:
        common = common & cells
    return common
