"""Scaling: statistics of observed training cells, applied to every cell, and undone for reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64

Scaling = Literal["standardise", "robust", "minmax", "none"]

_Column = Float64[np.ndarray, "cell"]


@dataclass(frozen=True, eq=False)
class Scaler:
    """`shift` and `scale` per channel: scaled = (value - shift) / scale; `scale` is never 0.

    `mean` is the mean of the cells it was fitted on, in original units (0 for a channel without
    any). `notes` says in sentences which channels could not be scaled.
    """

    shift: Float64[np.ndarray, "channel"]
    scale: Float64[np.ndarray, "channel"]
    mean: Float64[np.ndarray, "channel"]
    notes: tuple[str, ...] = ()

    def scaled(
        self, values: Float64[np.ndarray, "*row channel"]
    ) -> Float64[np.ndarray, "*row channel"]:
        """Return values in scaled units; NaN stays NaN."""
        scaled: Float64[np.ndarray, "*row channel"] = (values - self.shift) / self.scale
        return scaled

    def original(
        self, scaled: Float64[np.ndarray, "*row channel"]
    ) -> Float64[np.ndarray, "*row channel"]:
        """Return scaled values in original units; NaN stays NaN."""
        values: Float64[np.ndarray, "*row channel"] = scaled * self.scale + self.shift
        return values

    @property
    def scaled_mean(self) -> Float64[np.ndarray, "channel"]:
        """The mean of the fitted cells in scaled units."""
        return self.scaled(self.mean)

    @property
    def scaled_zero(self) -> Float64[np.ndarray, "channel"]:
        """Where a raw zero lies after scaling: a value like others, often an extreme one."""
        return self.scaled(np.zeros_like(self.shift))


def fit(
    values: Float64[np.ndarray, "row channel"],
    fitted: Bool[np.ndarray, "row channel"],
    channels: tuple[str, ...],
    scaling: Scaling = "standardise",
) -> Scaler:
    """Fit a scaler on the cells where `fitted` is True: the observed training cells, no others.

    A channel that is constant there, or has no such cell, keeps its unit: its scale is 1, and a
    note says so. Values are finite where `fitted` is True.
    """
    shift, mean = np.zeros(len(channels)), np.zeros(len(channels))
    scale = np.ones(len(channels))
    notes = []
    for index, channel in enumerate(channels):
        column = np.ascontiguousarray(values[:, index])[fitted[:, index]]
        if not len(column):
            notes.append(f"Channel {channel!r} has no observed training cell; it is not scaled.")
            continue
        mean[index] = _mean(column)
        if scaling == "none":
            continue
        shift[index], spread = _METHODS[scaling](column)
        if spread > 0:
            scale[index] = spread
        else:
            notes.append(
                f"Channel {channel!r} is constant over the observed training cells; "
                "it is centred but not scaled."
            )
    return Scaler(shift, scale, mean, tuple(notes))


def _mean(column: _Column) -> float:
    # Over the largest size first: the sum of values near 1e308 overflows, their mean doesn't.
    size = float(np.abs(column).max())
    return float((column / size).mean()) * size if size else 0.0


def _standardise(column: _Column) -> tuple[float, float]:
    mean = _mean(column)
    size = float(np.abs(column - mean).max())
    if size <= _rounding(column):
        return mean, 0.0
    return mean, float(np.sqrt((((column - mean) / size) ** 2).mean())) * size


def _robust(column: _Column) -> tuple[float, float]:
    low, middle, high = (float(one) for one in np.quantile(column, [0.25, 0.5, 0.75]))
    # Half of all rain gauges report 0 most of the time: no quartiles apart, yet not constant.
    if high - low <= _rounding(column):
        return middle, _standardise(column)[1]
    return middle, (high - low) / 1.349  # the quartiles of a standard normal are 1.349 apart


def _minmax(column: _Column) -> tuple[float, float]:
    low, high = float(column.min()), float(column.max())
    return low, (high - low if high - low > _rounding(column) else 0.0)


def _rounding(column: _Column) -> float:
    """Return the size below which differences between the column's values are rounding errors."""
    return 8 * float(np.finfo(np.float64).eps) * float(np.abs(column).max())


_METHODS: dict[str, Callable[[_Column], tuple[float, float]]] = {
    "standardise": _standardise,
    "robust": _robust,
    "minmax": _minmax,
}
