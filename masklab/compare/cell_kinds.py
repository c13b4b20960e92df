"""What each cell of the validation rows is to a selection of runs: scored in all, in some, hidden."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import pandas as pd
from jaxtyping import Bool, UInt8

from masklab.compare.common import Shared
from masklab.split import VALIDATION
from masklab.training.cells import target_columns


class CellKind(IntEnum):
    """What a target cell is; `OTHER`: in no validation window, or the file lacks it, or no target."""

    OTHER = 0
    SHARED = 1
    SOME = 2
    HIDDEN = 3


def cell_kinds(shared: Shared) -> UInt8[np.ndarray, "row channel"]:
    """Return the kind of each cell.

    `SHARED`: every run is scored on it. `SOME`: only the runs of some experiments are. `HIDDEN`: no
    run is, and the mask of an experiment hides it in validation. Raises `MaskError` if a recipe
    doesn't fit the data.
    """
    panel = shared.panel
    kinds = np.zeros(panel.values.shape, dtype=np.uint8, order="F")
    for experiment in shared.experiments.values():
        parts = experiment.split.parts(panel)
        hidden = panel.native & ~experiment.recipe.apply(panel, parts).observed
        columns = np.isin(np.arange(len(panel.channels)), target_columns(experiment.task, panel))
        kinds[hidden & (parts == VALIDATION)[:, None] & columns] = CellKind.HIDDEN
    first = {one.run.experiment_id: one.keys for one in reversed(shared.shown)}
    for keys in first.values():
        kinds[shared.cells_of(keys)] = CellKind.SOME
    kinds[shared.cells] = CellKind.SHARED
    return kinds


def kind_counts(shared: Shared, kinds: UInt8[np.ndarray, "row channel"]) -> pd.DataFrame:
    """Return for each target the cells of each kind.

    Columns: `channel`, `of` (cells of validation that the file has, of all experiments together),
    `shared`, `some`, `hidden`, and `predictions`, those behind the shared cells.
    """
    panel = shared.panel
    columns = [panel.channel_index(name) for name in shared.targets]
    validation = np.zeros(panel.rows, dtype=bool)
    for experiment in shared.experiments.values():
        validation |= experiment.split.parts(panel) == VALIDATION
    predictions = np.bincount(shared.columns(), minlength=len(panel.channels))
    return pd.DataFrame(
        {
            "channel": list(shared.targets),
            "of": _sum(panel.native[:, columns] & validation[:, None]),
            "shared": _sum(kinds[:, columns] == CellKind.SHARED),
            "some": _sum(kinds[:, columns] == CellKind.SOME),
            "hidden": _sum(kinds[:, columns] == CellKind.HIDDEN),
            "predictions": predictions[columns],
        }
    )


def _sum(cells: Bool[np.ndarray, "row channel"]) -> list[int]:
    return [int(one) for one in cells.sum(axis=0)]
