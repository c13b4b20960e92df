"""What MASE divides by: the mean step between neighbouring observed training cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.data.clock import segments
from masklab.data.series import Panel
from masklab.scaling import ROUNDING, Scaler


@dataclass(frozen=True, eq=False)
class NaiveStep:
    """Mean |y_t - y_(t-1)| of each series and target, in scaled units: the naive forecast's error.

    Taken over pairs of neighbouring rows of one series without a gap between them, both training
    rows with the cell observed; the season plays no part (Hyndman & Koehler 2006, one step). A
    series without such a pair, or that never changes over them, takes the mean over all series'
    pairs, in original units however series are scaled; NaN where there is none either, and `notes`
    says so. `borders`: first rows of the series after the first.
    """

    size: Float64[np.ndarray, "series target"]
    borders: Int64[np.ndarray, "border"]
    notes: tuple[str, ...] = ()

    @property
    def weight(self) -> Float64[np.ndarray, "series target"]:
        """What a scaled error is multiplied by for MASE; NaN where it is not defined."""
        weight: Float64[np.ndarray, "series target"] = 1.0 / self.size
        return weight

    def series(self, rows: Int64[np.ndarray, "*row"]) -> Int64[np.ndarray, "*row"]:
        """Return the series of each of these rows."""
        series: Int64[np.ndarray, "*row"] = np.searchsorted(self.borders, rows, side="right")
        return series


def naive_step(
    panel: Panel,
    training: Bool[np.ndarray, "row channel"],
    scaler: Scaler,
    targets: tuple[int, ...],
    series: Int64[np.ndarray, "step"],
) -> NaiveStep:
    """Return the steps of the targets; `training`: observed training cells, as the scaler's fit.

    `series`: the series of each row that windows are cut from, for the borders.
    """
    ids = segments(panel)
    together = np.concatenate(([False], ids[1:] == ids[:-1]))
    group, unit = scaler.group(panel.offsets[:-1]), scaler.scale.max(axis=0)
    size = np.full((len(panel), len(targets)), np.nan)
    notes: list[str] = []
    for place, target in enumerate(targets):
        both = together & training[:, target]
        both[1:] &= training[:-1, target]
        rows = np.flatnonzero(both)
        step = _steps(panel.values[:, target], rows, unit[target])
        of = panel.series_of_row[rows]
        count = np.bincount(of, minlength=len(panel))
        total = np.bincount(of, weights=step, minlength=len(panel))
        whole = total.sum() / count.sum() if total.sum() > 0 else np.nan
        lacking = total <= 0
        own = np.where(lacking, whole, total / np.maximum(count, 1))
        size[:, place] = own * (unit[target] / scaler.scale[group, target])
        notes += _notes(panel.channels[target], lacking, defined=bool(np.isfinite(whole)))
    borders = np.flatnonzero(np.diff(series)) + 1
    return NaiveStep(size, borders, tuple(notes))


def _steps(
    column: Float64[np.ndarray, "row"], rows: Int64[np.ndarray, "pair"], unit: float
) -> Float64[np.ndarray, "pair"]:
    """Return |y_t - y_(t-1)| at rows, in one unit for all series; 0 where it is a rounding error."""
    now, before = column[rows] / unit, column[rows - 1] / unit  # near 1e308 a difference overflows
    step: Float64[np.ndarray, "pair"] = np.abs(now - before)
    step[step <= ROUNDING * np.maximum(np.abs(now), np.abs(before))] = 0.0
    return step


def _notes(channel: str, lacking: Bool[np.ndarray, "series"], *, defined: bool) -> list[str]:
    if not lacking.any():
        return []
    if not defined:
        return [
            f"Channel {channel!r} has no two neighbouring observed training cells that differ, so "
            "that MASE is not defined where it is scored. Choose other targets to have it."
        ]
    return [
        f"In {int(lacking.sum()):,} of {len(lacking):,} series channel {channel!r} has no two "
        "neighbouring observed training cells that differ; there MASE takes its scale over all series."
    ]
