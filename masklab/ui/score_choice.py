"""Which score is on screen: cells, metric, units; kept in the address."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import cast

from masklab.compare.scores import WITHOUT_UNIT, Cells, Metric, Units
from masklab.runs.spec import Experiment
from masklab.ui.compare.address import switch

CELLS = {
    "common": "Common cells",
    "own": "Each run's own",
    "observed": "All observed",
    "hidden": "Hidden only",
}
"""Sets of scored cells by the beginning of their columns' names."""

_CELLS_HINT = (
    "Common: the validation cells that every run of this experiment is scored on, frozen before any "
    "of them trained. Own: those that a run's strategy counts itself."
)
_MORE_CELLS = {
    "observed": " All observed: every validation cell that the file has, hidden from the input or not.",
    "hidden": " Hidden only: those that the mask hides from the input.",
}
_UNITS = {"scaled": "Scaled", "original": "Data's units"}
_METRICS = {"mae": "MAE", "mse": "MSE", "rmse": "RMSE", "mre": "MRE", "mase": "MASE"}


@dataclass(frozen=True)
class ScoreChoice:
    """What is scored, and in what; `unit` is the data's own, empty where there is none."""

    cells: Cells
    metric: Metric
    units: Units
    unit: str = ""

    @property
    def title(self) -> str:
        """The score for an axis: "RMSE (°F)" without its unit, that is "RMSE"."""
        scale = " (scaled)" if self.units == "scaled" and self.metric not in WITHOUT_UNIT else ""
        return f"{self.metric.upper()}{scale}"


def score_choice(
    experiment: Experiment, cells_known: Collection[str] = ("common", "own")
) -> ScoreChoice:
    """Draw the three switches and return what they say; `cells_known`: the sets that have scores."""
    sets = {name: words for name, words in CELLS.items() if name in cells_known}
    hint = _CELLS_HINT + "".join(said for name, said in _MORE_CELLS.items() if name in sets)
    cells = switch("Scored on", sets, "cells", hint, "common")
    metric = switch(
        "Metric", _METRICS, "metric",
        "MAE: mean absolute error. MSE: mean squared error. RMSE: its root. MRE: sum of "
        "absolute errors over sum of absolute values. MASE: each error over the mean step between "
        "neighbouring observed training cells of its series, the same in all units. All over scored cells.",
        "rmse",
    )  # fmt: skip
    same = metric == "mase"
    units = switch(
        "Units", _UNITS, "units",
        "MASE has no unit: it is the same scaled and in the data's units." if same else
        "Scaled: after scaling with the observed training cells, so that channels weigh alike.",
        "scaled", disabled=same,
    )  # fmt: skip
    unit = _unit(experiment, metric) if units == "original" else ""
    return ScoreChoice(cast("Cells", cells), cast("Metric", metric), cast("Units", units), unit)


def _unit(experiment: Experiment, metric: str) -> str:
    """Return the unit that all targets share, squared for MSE; "mixed units" if they differ."""
    if metric in WITHOUT_UNIT:
        return ""
    known = experiment.data.reading.units
    targets = experiment.task.targets or experiment.data.reading.channels or tuple(known)
    units = {known.get(channel, "") for channel in targets}
    if units <= {""}:
        return ""
    if len(units) > 1:
        return "mixed units"
    unit = units.pop()
    return f"{unit}²" if metric == "mse" else unit
