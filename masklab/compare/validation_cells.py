"""The validation cells that all runs of an experiment are scored on: where each stands, and its truth.

Worked out from saved predictions and the kept mask; no network, no torch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.data.series import Panel
from masklab.errors import StoreError
from masklab.runs import artifacts, facts, kept_mask
from masklab.runs.kept_mask import KeptMask
from masklab.runs.panels import panel_of
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.scaling import Scaler, fit, fit_each
from masklab.split import TRAINING
from masklab.training import predictions
from masklab.training.config import Forecast
from masklab.training.naive_step import naive_step
from masklab.training.predictions import Kept

if TYPE_CHECKING:
    from masklab.runs.spec import Experiment

Cell = Int64[np.ndarray, "cell"]


@dataclass(frozen=True, eq=False)
class ValidationCells:
    """The common validation cells, in the order of window, step and target.

    `start`: first row of each window, a row of `mask` as `row` is. `window`, `step`, `target`: of
    each cell; targets as in `mask.targets`. `length`: input steps; `horizon`: 0 in a reconstruction.
    """

    panel: Panel
    mask: KeptMask
    length: int
    horizon: int
    start: Int64[np.ndarray, "window"]
    window: Cell
    step: Cell
    target: Cell
    scaler: Scaler

    @cached_property
    def row(self) -> Cell:
        """Row of `mask` of each cell."""
        row: Cell = self.start[self.window] + (self.length if self.horizon else 0) + self.step
        return row

    @cached_property
    def column(self) -> Cell:
        """Channel of each cell, as a column of the panel."""
        columns = np.array([self.panel.channel_index(one) for one in self.mask.targets])
        column: Cell = columns[self.target]
        return column

    @cached_property
    def source(self) -> Cell:
        """Row of the panel of each cell."""
        source: Cell = self.mask.source[self.row]
        return source

    @cached_property
    def truth(self) -> Float64[np.ndarray, "cell"]:
        """True values in original units."""
        truth: Float64[np.ndarray, "cell"] = self.panel.values[self.source, self.column]
        return truth

    @cached_property
    def scale(self) -> Float64[np.ndarray, "cell"]:
        """Original units per scaled unit."""
        group = self.scaler.group(self.source)
        scale: Float64[np.ndarray, "cell"] = self.scaler.scale[group, self.column]
        return scale

    @cached_property
    def shift(self) -> Float64[np.ndarray, "cell"]:
        """Where the scaled zero lies in original units."""
        shift: Float64[np.ndarray, "cell"] = self.scaler.shift[
            self.scaler.group(self.source), self.column
        ]
        return shift

    @cached_property
    def weight(self) -> Float64[np.ndarray, "cell"]:
        """What a scaled error is multiplied by for MASE; NaN where it is not defined."""
        columns = tuple(self.panel.channel_index(one) for one in self.mask.targets)
        training = training_cells(self.mask, self.panel)
        series = self.panel.series_of_row
        naive = naive_step(self.panel, training, self.scaler, columns, series)
        weight: Float64[np.ndarray, "cell"] = naive.weight[series[self.source], self.target]
        return weight

    @cached_property
    def asked(self) -> Bool[np.ndarray, "row channel"]:
        """Cells of validation and test that a reconstruction hides on top, to ask for them."""
        asked = np.zeros(self.mask.observed.shape, dtype=bool)
        if not self.horizon:
            columns = [self.panel.channel_index(one) for one in self.mask.targets]
            asked[:, columns] = self.mask.common & (self.mask.parts != TRAINING)[:, None]
        return asked

    def __len__(self) -> int:
        return len(self.window)


def load(
    store: Store, experiment_id: str, runs: Sequence[RunRow]
) -> tuple[ValidationCells, dict[str, Float64[np.ndarray, "cell"]]]:
    """Return the common cells, and by run id what each finished run predicts there, in original units.

    Raises `StoreError` if the experiment's mask, or every run's predictions, are gone or damaged.
    Runs without predictions are left out.
    """
    masks = store.artifacts(experiment_id, kind=facts.MASK)
    kept: dict[str, Kept] = {}
    for run in runs:
        for row in store.artifacts(experiment_id, run.id, artifacts.PREDICTIONS)[:1]:
            if artifacts.is_whole(store.directory, row):
                kept[run.id] = predictions.read(artifacts.path_of(store.directory, row))
    if not masks or not kept:
        raise StoreError(
            "The store holds no mask or no predictions of these runs: they were trained by an older "
            "version, or `masklab store compact` took them away. Train them anew to see where the "
            "error sits."
        )
    experiment = store.experiment(experiment_id)
    mask = kept_mask.read(artifacts.path_of(store.directory, masks[0]))
    panel = panel_of(store.directory, experiment)
    cells = cells_of(experiment, panel, mask, next(iter(kept.values())))
    return cells, {name: one.predicted[one.common] for name, one in kept.items()}


def cells_of(experiment: Experiment, panel: Panel, mask: KeptMask, kept: Kept) -> ValidationCells:
    """Return the common cells of a run's saved predictions; they are every run's."""
    task, config = experiment.task, experiment.training
    horizon = task.horizon if isinstance(task, Forecast) else 0
    places = np.full(panel.rows, -1)
    laid = np.flatnonzero(mask.source >= 0)
    places[mask.source[laid]] = laid
    there = np.argmax(kept.rows >= 0, axis=1)  # a window's first steps may be padding
    first = places[kept.rows[np.arange(len(there)), there]] - there
    window, step, target = (one[kept.common] for one in np.nonzero(kept.scored))
    training = training_cells(mask, panel)
    scaler = (
        fit_each(panel, training, config.scaling)
        if config.scaling_over == "series"
        else fit(panel.values, training, panel.channels, config.scaling)
    )
    return ValidationCells(
        panel=panel, mask=mask, length=task.window, horizon=horizon,
        start=first - (task.window if horizon else 0), window=window, step=step, target=target,
        scaler=scaler,
    )  # fmt: skip


def training_cells(mask: KeptMask, panel: Panel) -> Bool[np.ndarray, "row channel"]:
    """Return the observed training cells of the panel, which scalers are fitted on."""
    found = np.zeros((panel.rows, len(panel.channels)), dtype=bool)
    there = (mask.source >= 0) & (mask.parts == TRAINING)
    found[mask.source[there]] = mask.observed[there]
    return found
