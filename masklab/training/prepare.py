"""Prepare an experiment's data once for all of its runs: scaled values, windows, scored cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int64

from masklab.data.clock import interval
from masklab.data.series import Panel
from masklab.errors import ExperimentError, WindowError
from masklab.masks.mask import any_channel
from masklab.scaling import Scaler, fit, fit_each
from masklab.split import PART_NAMES, TEST, TRAINING, VALIDATION
from masklab.training.calendar import calendar
from masklab.training.cells import (
    Cells,
    common_cells,
    hidden_cells,
    of_targets,
    own_cells,
    scores_masked,
    target_columns,
)
from masklab.training.config import Forecast, Reconstruct, TrainingConfig
from masklab.training.fresh import freeze
from masklab.training.laid_out import lay_out
from masklab.training.naive_step import NaiveStep, naive_step
from masklab.training.notes import check_windows, laid_in_notes, loss_notes, window_notes
from masklab.training.plan import Plan
from masklab.training.season import season
from masklab.windows import Dropped, Layout, Shape, Windows, find_windows

_LARGEST = 1e30
"""In scaled units; float32 ends not far beyond."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """All that the runs of one experiment share; none of it depends on a strategy or a seed.

    `values`: scaled, 0 where the file lacks the cell. `native`: cells the file has. `observed`:
    those that the mask leaves. `targets`: columns that are predicted. `windows`: by part, first
    rows of the windows that every run uses. `common`: target cells of every run's score. `own`: the
    same by strategy label, for that strategy's own score and training loss. In a reconstruction
    both hold, in validation and test rows, the cells of `fresh`, which are hidden on top, for every
    run alike, and so are not `observed`; in training rows those that may be drawn.
    `clock`: µs; `interval`: its median step. `season`: steps of a day, week or year, if one fits
    into the window. `naive`: what MASE divides by. `notes`: sentences for the user.

    Rows are the panel's, and where `training.longest_gap` or `training.shortest` ask for it masked
    steps laid in between: neither native nor observed nor scored. `source`: the panel's row of
    each, -1 for such a step; None if there are none. `padding`: which of them only fill up a short
    stretch's window; None if none do. `calendar`: inputs of each row that no mask hides, None where
    the model reads none. Where the task scores masked cells, `common` and `own` hold those in
    validation and test, and nothing is fresh there.
    """

    task: Forecast | Reconstruct
    channels: tuple[str, ...]
    targets: tuple[int, ...]
    values: Float32[np.ndarray, "row channel"]
    native: Bool[np.ndarray, "row channel"]
    observed: Bool[np.ndarray, "row channel"]
    clock: Int64[np.ndarray, "row"]
    parts: Int8[np.ndarray, "row"]
    scaler: Scaler
    naive: NaiveStep
    windows: Mapping[int, Windows]
    common: Bool[np.ndarray, "row target"]
    own: Mapping[str, Bool[np.ndarray, "row target"]]
    interval: int = 1_000_000
    season: int | None = None
    source: Int64[np.ndarray, "row"] | None = None
    padding: Bool[np.ndarray, "row"] | None = None
    calendar: Float32[np.ndarray, "row cycle"] | None = None
    notes: tuple[str, ...] = ()

    @property
    def known(self) -> Bool[np.ndarray, "row target"]:
        """Target cells that the file has, whatever any mask does to them."""
        return of_targets(self.native, self.targets)

    @property
    def hidden(self) -> Bool[np.ndarray, "row target"]:
        """Target cells that the file has and the user's mask hides, not those hidden afresh."""
        return hidden_cells(self.known, of_targets(self.observed, self.targets), self._fresh)

    def starts(self, part: int = VALIDATION) -> Int64[np.ndarray, "window"]:
        """Return the first rows of the windows of a part."""
        return self.windows[part].starts

    @property
    def horizon(self) -> int:
        """Steps to forecast; 0 for a reconstruction."""
        return self.task.horizon if isinstance(self.task, Forecast) else 0

    @property
    def fresh(self) -> Bool[np.ndarray, "row channel"] | None:
        """Cells of validation and test that a reconstruction hides on top; None in a forecast."""
        if self._fresh is None:
            return None
        fresh = np.zeros(self.observed.shape, dtype=bool)
        fresh[:, list(self.targets)] = self._fresh
        return fresh

    @property
    def _fresh(self) -> Cells | None:
        if not isinstance(self.task, Reconstruct) or scores_masked(self.task):
            return None
        fresh: Cells = self.common & (self.parts != TRAINING)[:, None]
        return fresh

    @property
    def mean(self) -> Float32[np.ndarray, "group channel"]:
        """Mean of the observed training cells of each group of series, in scaled units."""
        return self.scaler.scaled_mean.astype(np.float32)

    @property
    def zero(self) -> Float32[np.ndarray, "group channel"]:
        """Where a raw zero lies after scaling, for each group of series."""
        return self.scaler.scaled_zero.astype(np.float32)

    @property
    def scale(self) -> Float32[np.ndarray, "group channel"]:
        """How much of the file's units one scaled unit is, for each group of series."""
        return self.scaler.scale.astype(np.float32)


def prepare(plan: Plan, panel: Panel) -> Prepared:
    """Return what all runs of an experiment share.

    Raises `ExperimentError` if the mask leaves nothing to read or score, `WindowError` if no window
    fits, `MaskError` if the recipe doesn't fit the panel.
    """
    task, config = plan.task, plan.training
    given = plan.split.parts(panel)
    usable = plan.recipe.apply(panel, given).observed
    targets = target_columns(task, panel)
    laid = lay_out(panel, given, task, config)
    parts = laid.layout.parts
    # Row by row, as batches are gathered; the panel and its mask lie channel by channel.
    native, observed = (np.ascontiguousarray(laid.of(one)) for one in (panel.native, usable))
    own = own_cells(
        task, plan.strategies, of_targets(native, targets), of_targets(observed, targets)
    )
    common = common_cells(own)
    masked = scores_masked(task)
    if masked:
        hidden = hidden_cells(of_targets(native, targets), of_targets(observed, targets), None)
        common = np.where((parts == TRAINING)[:, None], common, hidden)
        own = dict.fromkeys(own, common)
    _check_cells(
        observed, common, parts, tuple(panel.channels[one] for one in targets), masked=masked
    )
    training = usable & (given == TRAINING)[:, None]
    scaler = _fitted(panel, training, config)
    naive = naive_step(panel, training, scaler, targets, laid.layout.series)
    values = laid.of(_scaled(panel, scaler, usable))
    # Of a million rows of eight channels, 8 MB each, while windows are looked for.
    del usable, training
    windows = {
        part: _windows(laid.layout, part, plan, observed, common)
        for part in (TRAINING, VALIDATION, TEST)
    }
    used = {part: _spread(found, part, config) for part, found in windows.items()}
    if isinstance(task, Reconstruct) and not masked:
        observed, common, used = freeze(task, used, observed, common, targets, parts)
        own = dict.fromkeys(own, common)
    check_windows(used)
    return Prepared(
        task=task,
        channels=panel.channels,
        targets=targets,
        values=values,
        native=native,
        observed=observed,
        clock=laid.clock,
        parts=parts,
        scaler=scaler.over(laid.layout.series),
        naive=naive,
        windows=used,
        common=common,
        own=own,
        interval=int(interval(panel).astype(np.int64)),
        season=season(panel, task.window),
        source=laid.source,
        padding=laid.padding,
        calendar=calendar(panel, laid.clock, plan.model.calendar) if plan.model.calendar else None,
        notes=(
            *scaler.notes,
            *naive.notes,
            *window_notes(windows, used),
            *laid_in_notes(laid, task, used),
            *loss_notes(config),
        ),
    )


def _check_cells(
    observed: Bool[np.ndarray, "row channel"],
    common: Cells,
    parts: Int8[np.ndarray, "row"],
    targets: tuple[str, ...],
    *,
    masked: bool,
) -> None:
    """Raise if a part has nothing to read, or no target cell to score."""
    for part in (TRAINING, VALIDATION):
        rows = parts == part
        name = PART_NAMES[part]
        if not observed[rows].any():
            raise ExperimentError(
                f"The mask hides every cell of {name}, or the file lacks them. "
                "Weaken or switch off a layer of the recipe, or move the split."
            )
        if not common[rows].any():
            if masked and part == VALIDATION:
                raise ExperimentError(
                    f"The mask hides no cell of {', '.join(targets)} in {name}, and the task scores "
                    "those that it hides. Add a layer to the recipe, or choose task.scored: fresh."
                )
            raise ExperimentError(
                f"No cell of {', '.join(targets)} is left to score in {name}: the mask hides them "
                "or the file lacks them. Mask other channels, or choose other targets."
            )


def shape_of(task: Forecast | Reconstruct, config: TrainingConfig, part: int) -> Shape:
    """Return the size and stride of a part's windows."""
    if isinstance(task, Forecast):
        return Shape(task.window, task.horizon, config.stride)
    # Windows that overlap would show a cell, frozen as hidden, once more.
    return Shape(task.window, 0, config.stride if part == TRAINING else task.window)


def _windows(
    layout: Layout,
    part: int,
    plan: Plan,
    observed: Bool[np.ndarray, "row channel"],
    common: Cells,
) -> Windows:
    shape = shape_of(plan.task, plan.training, part)
    try:
        return find_windows(layout, part, shape, any_channel(observed), any_channel(common))
    except WindowError:
        if part == TEST:  # nothing is trained or chosen by it: a short one is no error
            return Windows(np.empty(0, dtype=np.int64), Dropped())
        raise


def _spread(windows: Windows, part: int, config: TrainingConfig) -> Windows:
    """Return at most `validation_windows` windows, evenly spread; all of the training part."""
    most, count = config.validation_windows, len(windows)
    if part == TRAINING or most is None or count <= most:
        return windows
    chosen = (np.arange(most) * count + count // 2) // most
    return Windows(windows.starts[chosen], windows.dropped)


def scaler_of(plan: Plan, panel: Panel) -> Scaler:
    """Return the scaler of an experiment, for the panel's rows: fitted on observed training cells.

    Raises `MaskError` if the recipe doesn't fit the panel, `ExperimentError` if the split doesn't.
    """
    parts = plan.split.parts(panel)
    usable = plan.recipe.apply(panel, parts).observed
    return _fitted(panel, usable & (parts == TRAINING)[:, None], plan.training)


def _fitted(
    panel: Panel, training: Bool[np.ndarray, "row channel"], config: TrainingConfig
) -> Scaler:
    if config.scaling_over == "series":
        return fit_each(panel, training, config.scaling)
    return fit(panel.values, training, panel.channels, config.scaling)


def _scaled(
    panel: Panel, scaler: Scaler, observed: Bool[np.ndarray, "row channel"]
) -> Float32[np.ndarray, "row channel"]:
    """Return scaled values, one channel after the other, 0 where the file lacks the cell.

    A hidden cell may hold anything that float32 can: only strategies that leak read it.
    """
    scaled = np.empty((panel.rows, len(panel.channels)), dtype=np.float32)
    for index, channel in enumerate(panel.channels):
        column = panel.values[:, index].copy()
        groups = np.split(column, scaler.borders)  # views, to be scaled in place
        shifts, scales = scaler.shift[:, index], scaler.scale[:, index]
        for cells, shift, scale in zip(groups, shifts, scales, strict=True):
            np.subtract(cells, shift, out=cells)
            np.divide(cells, scale, out=cells)
        column[~panel.native[:, index]] = 0
        largest = np.abs(column[observed[:, index]]).max(initial=0)
        if largest > _LARGEST:
            raise ExperimentError(
                f"Channel {channel!r} has values too large to train on, even after scaling "
                f"(up to {largest:.3g}). Mask the outliers and choose "
                "training.scaling: standardise."
            )
        scaled[:, index] = column.clip(-_LARGEST, _LARGEST, out=column)
    return scaled
