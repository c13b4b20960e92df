"""What is audited: a trained run, with the parts of training that it went through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float32, Int8, Int64
from pydantic import PrivateAttr
from torch import Tensor

from masklab.data.series import Panel, TimeSeries, as_panel
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import Mask
from masklab.runs.spec import Experiment
from masklab.split import VALIDATION
from masklab.strategies.strategy import Strategy
from masklab.training.batches import Gatherer
from masklab.training.config import Forecast
from masklab.training.loop import Run
from masklab.training.predictions import Kept
from masklab.training.prepare import Prepared, prepare
from masklab.windows import Dropped, Windows

Starts = Int64[np.ndarray, "window"]
Predicted = Float32[np.ndarray, "window step target"]
Cells = Bool[np.ndarray, "row channel"]


@dataclass(frozen=True)
class Pipeline:
    """The parts of training that an audit tries; those of MaskLab unless others are handed in."""

    prepare: Callable[[Experiment, Panel], Prepared] = prepare
    gatherer: Callable[..., Gatherer] = Gatherer
    run: Callable[..., Run] = Run


@dataclass(frozen=True, eq=False)
class Data:
    """An experiment's data, prepared once for the audits of all of its runs."""

    experiment: Experiment
    panel: Panel
    pipeline: Pipeline = Pipeline()

    @cached_property
    def parts(self) -> Int8[np.ndarray, "row"]:
        """Training, validation or test, of each row of the panel."""
        return self.experiment.split.parts(self.panel)

    @cached_property
    def usable(self) -> Cells:
        """The cells of the panel that the mask leaves."""
        return self.experiment.recipe.apply(self.panel, self.parts).observed

    @cached_property
    def prepared(self) -> Prepared:
        """What the runs got."""
        return self.pipeline.prepare(self.experiment, self.panel)

    @cached_property
    def source(self) -> Int64[np.ndarray, "row"]:
        """The panel's row of each prepared one; -1 for a step that was laid in."""
        known = self.prepared.source
        return np.arange(self.panel.rows) if known is None else known

    @cached_property
    def native(self) -> Cells:
        """Whether the file has the cell, of each prepared row, looked up in the panel."""
        return np.asarray(self.panel.native[self.source] & (self.source >= 0)[:, None])

    @cached_property
    def hidden(self) -> Cells:
        """Prepared cells that no run may see: the mask hides them, or they are hidden afresh."""
        usable = self.usable[self.source] & (self.source >= 0)[:, None]
        return np.asarray(~(usable & self.prepared.observed))

    def prepared_with(self, values: np.ndarray) -> Prepared:
        """Prepare other values of the same panel under the same mask, whatever its rules would say."""
        changed = replace(self.panel, values=values)
        fixed = self.experiment.model_copy(update={"recipe": _Fixed.of(self.usable)})
        return self.pipeline.prepare(fixed, changed)

    @property
    def first_predicted(self) -> int:
        """Step of a window at which what is predicted begins: the horizon, or the window itself."""
        task = self.experiment.task
        return task.window if isinstance(task, Forecast) else 0

    @property
    def steps(self) -> int:
        """Steps of a window with its horizon."""
        return self.experiment.task.window + self.prepared.horizon


@dataclass(frozen=True, eq=False)
class Subject:
    """A run: its strategy, seed and weights; `kept`: its predictions, `others`: those of other runs."""

    data: Data
    strategy: Strategy
    seed: int
    weights: Mapping[str, Tensor]
    kept: Kept | None = None
    others: Mapping[str, Kept] = field(default_factory=dict)

    @property
    def reads_both_ways(self) -> bool:
        """Whether the LSTM reads windows from their end too."""
        return self.data.experiment.model.bidirectional or self.strategy.both_ways

    def run_on(self, prepared: Prepared, starts: Starts) -> Run:
        """Return the run with its weights; its validation windows are those at `starts`."""
        experiment = self.data.experiment
        # Whatever it was trained on: before and after are computed alike.
        here = experiment.training.model_copy(update={"device": "cpu", "precision": "float32"})
        windows = {**prepared.windows, VALIDATION: Windows(starts, Dropped())}
        only = replace(prepared, windows=windows)
        with np.errstate(all="ignore"):  # the truth may be NaN too: it is not asked for
            run = self.data.pipeline.run(only, self.strategy, self.seed, experiment.model, here)
        run.network.load_state_dict(dict(self.weights))
        return run

    def predict(self, prepared: Prepared, starts: Starts) -> Predicted:
        """Return what the run predicts for windows, in scaled units."""
        return _predictions(self.run_on(prepared, starts))

    def read(self, prepared: Prepared, starts: Starts) -> tuple[np.ndarray, np.ndarray]:
        """Return what its LSTM gets and gives: (window, time, feature), (window, time, hidden)."""
        run, seen = self.run_on(prepared, starts), []
        hook = run.network.lstm.register_forward_hook(
            lambda _, given, made: seen.append((_inputs(given[0]), made[0].clone()))
        )
        _predictions(run)
        hook.remove()
        gets, gives = (torch.cat(one).numpy() for one in zip(*seen, strict=True))
        return gets, gives


def _predictions(run: Run) -> Predicted:
    with np.errstate(all="ignore"):
        return run.predictions(VALIDATION).scaled


def _inputs(given: Any) -> Tensor:
    """Return the features of a plain LSTM, or the first way's of one with its own recurrence."""
    if isinstance(given, Tensor):
        return given.clone()
    way = given[0]
    parts = [way.values] if way.elapsed is None else [way.values, way.elapsed]
    return torch.cat(parts, dim=-1)


class _Fixed(MaskRecipe):
    """A recipe that always gives one mask."""

    _observed: Any = PrivateAttr()

    @classmethod
    def of(cls, observed: Cells) -> _Fixed:
        """Return the recipe of a mask."""
        fixed = cls()
        fixed._observed = observed
        return fixed

    def apply(
        self, series: TimeSeries | Panel, parts: Int8[np.ndarray, "row"] | None = None
    ) -> Mask:
        """Return the mask."""
        return Mask(self._observed, as_panel(series).channels)
