"""Which score is on screen: cells, metric, units; kept in the address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import streamlit as st

from masklab.compare.scores import WITHOUT_UNIT, Cells, Metric, Units
from masklab.runs.spec import Experiment

_CELLS = {"common": "Common cells", "own": "Each run's own"}
_UNITS = {"scaled": "Scaled", "original": "Data's units"}


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


def score_choice(experiment: Experiment) -> ScoreChoice:
    """Draw the three switches and return what they say."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        cells = _switch(
            "Scored on", _CELLS, "cells",
            "Common: the validation cells that every run of this experiment is scored on, frozen "
            "before any of them trained. Own: those that a run's strategy counts itself.", "common",
        )  # fmt: skip
        metric = _switch(
            "Metric", {"mae": "MAE", "mse": "MSE", "rmse": "RMSE", "mre": "MRE", "mase": "MASE"}, "metric",
            "MAE: mean absolute error. MSE: mean squared error. RMSE: its root. MRE: sum of "
            "absolute errors over sum of absolute values. MASE: each error over the mean step between "
            "neighbouring observed training cells of its series, the same in all units. All over scored cells.",
            "rmse",
        )  # fmt: skip
        same = metric == "mase"
        units = _switch(
            "Units", _UNITS, "units",
            "MASE has no unit: it is the same scaled and in the data's units." if same else
            "Scaled: after scaling with the observed training cells, so that channels weigh alike.",
            "scaled", disabled=same,
        )  # fmt: skip
    unit = _unit(experiment, metric) if units == "original" else ""
    return ScoreChoice(cast("Cells", cells), cast("Metric", metric), cast("Units", units), unit)


def _switch(  # noqa: PLR0913, PLR0917 - a switch is these facts
    title: str, words: dict[str, str], name: str, hint: str, first: str, disabled: bool = False
) -> str:
    """Draw a switch whose choice lives in the address under `name`."""
    key, asked = f"compare.{name}", st.query_params.get(name)
    st.session_state.setdefault(key, asked if asked in words else first)
    chosen = st.segmented_control(
        title, list(words), format_func=words.__getitem__, required=True, key=key, help=hint,
        persist_state="session", disabled=disabled,
    )  # fmt: skip
    choice = str(chosen or first)
    if choice == first:
        st.query_params.pop(name, None)
    else:
        st.query_params[name] = choice
    return choice


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
