"""Scaling: statistics of observed training cells, applied to every cell, and undone for reports."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float64, Int64

from masklab.data.log import listed
from masklab.data.series import Panel

Scaling = Literal["standardise", "robust", "minmax", "none"]

ROUNDING = 8 * float(np.finfo(np.float64).eps)
"""Differences of values are rounding errors below this share of the values' size."""

_Column = Float64[np.ndarray, "cell"]
_PerChannel = Float64[np.ndarray, "channel"]


@dataclass(frozen=True, eq=False)
class Scaler:
    """`shift` and `scale` of each channel: scaled = (value - shift) / scale; `scale` is never 0.

    Series that share statistics are a group: all series one, or each its own. `borders`: first rows
    of the groups after the first. `mean` is the mean of the cells it was fitted on, in original
    units (0 for a channel without any). `notes` says in sentences what could not be scaled.
    """

    shift: Float64[np.ndarray, "group channel"]
    scale: Float64[np.ndarray, "group channel"]
    mean: Float64[np.ndarray, "group channel"]
    notes: tuple[str, ...] = ()
    borders: Int64[np.ndarray, "border"] = field(
        default_factory=lambda: np.empty(0, dtype=np.int64)
    )

    def group(self, rows: Int64[np.ndarray, "*row"]) -> Int64[np.ndarray, "*row"]:
        """Return the group of each of these rows of the panel."""
        group: Int64[np.ndarray, "*row"] = np.searchsorted(self.borders, rows, side="right")
        return group

    def over(self, series: Int64[np.ndarray, "row"]) -> Scaler:
        """Return the scaler for other rows of the same series in the same order, each one's series."""
        if not len(self.borders):
            return self
        return replace(self, borders=np.flatnonzero(np.diff(series)) + 1)

    def scaled(
        self,
        values: Float64[np.ndarray, "*row channel"],
        rows: Int64[np.ndarray, "*row"] | None = None,
    ) -> Float64[np.ndarray, "*row channel"]:
        """Return values in scaled units, those of `rows`, or all of the panel's; NaN stays NaN."""
        group = self.group(np.arange(len(values)) if rows is None else rows)
        shift, scale = self.shift[group], self.scale[group]
        scaled: Float64[np.ndarray, "*row channel"] = (values - shift) / scale
        return scaled

    def original(
        self,
        scaled: Float64[np.ndarray, "*row channel"],
        rows: Int64[np.ndarray, "*row"] | None = None,
    ) -> Float64[np.ndarray, "*row channel"]:
        """Return scaled values in original units, `rows` as in `scaled`; NaN stays NaN."""
        group = self.group(np.arange(len(scaled)) if rows is None else rows)
        shift, scale = self.shift[group], self.scale[group]
        values: Float64[np.ndarray, "*row channel"] = scaled * scale + shift
        return values

    @property
    def scaled_mean(self) -> Float64[np.ndarray, "group channel"]:
        """The mean of the fitted cells in scaled units."""
        mean: Float64[np.ndarray, "group channel"] = (self.mean - self.shift) / self.scale
        return mean

    @property
    def scaled_zero(self) -> Float64[np.ndarray, "group channel"]:
        """Where a raw zero lies after scaling: a value like others, often an extreme one."""
        zero: Float64[np.ndarray, "group channel"] = (0.0 - self.shift) / self.scale
        return zero


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
    shift, scale, mean, constant = _statistics(values, fitted, scaling)
    notes = [
        f"Channel {channels[index]!r} has no observed training cell; it is not scaled."
        for index in np.flatnonzero(~fitted.any(axis=0))
    ]
    notes += [
        f"Channel {channels[index]!r} is constant over the observed training cells; "
        "it is centred but not scaled."
        for index in np.flatnonzero(constant)
    ]
    return Scaler(shift[None], scale[None], mean[None], tuple(notes))


def fit_each(
    panel: Panel, fitted: Bool[np.ndarray, "row channel"], scaling: Scaling = "standardise"
) -> Scaler:
    """Fit each series of a panel on its own cells where `fitted` is True; each is a group.

    A series' channel without such a cell gets the statistics over all series, one that is constant
    there keeps its unit; notes say both. One series alone is scaled as by `fit`.
    """
    whole = fit(panel.values, fitted, panel.channels, scaling)
    if len(panel) == 1:
        return whole
    spans = [panel.rows_of(index) for index in range(len(panel))]
    found = [_statistics(panel.values[rows], fitted[rows], scaling) for rows in spans]
    shift, scale, mean, constant = (np.stack(one) for one in zip(*found, strict=True))
    lacking = ~np.stack([fitted[rows].any(axis=0) for rows in spans])
    return Scaler(
        shift=np.where(lacking, whole.shift, shift),
        scale=np.where(lacking, whole.scale, scale),
        mean=np.where(lacking, whole.mean, mean),
        notes=(*whole.notes, *_notes_of_each(panel, lacking & ~lacking.all(axis=0), constant)),
        borders=panel.offsets[1:-1].copy(),
    )


def _notes_of_each(
    panel: Panel,
    lacking: Bool[np.ndarray, "series channel"],
    constant: Bool[np.ndarray, "series channel"],
) -> list[str]:
    """Return one sentence for all series that have no cell of their own, one for constant ones."""
    notes = []
    for cells, what, then in (
        (lacking, "without an observed training cell", "scaled as over all series"),
        (constant, "constant over the observed training cells", "centred but not scaled"),
    ):
        names = [panel.names[index] for index in np.flatnonzero(cells.any(axis=1))]
        if names:
            notes.append(
                f"In {len(names):,} of {len(panel):,} series ({listed(names, 3)}) a channel is "
                f"{what}; there it is {then}."
            )
    return notes


def _statistics(
    values: Float64[np.ndarray, "row channel"],
    fitted: Bool[np.ndarray, "row channel"],
    scaling: Scaling,
) -> tuple[_PerChannel, _PerChannel, _PerChannel, Bool[np.ndarray, "channel"]]:
    """Return shift, scale and mean of each channel, and whether it is constant; 0, 1, 0 of none."""
    channels = values.shape[1]
    shift, scale, mean = np.zeros(channels), np.ones(channels), np.zeros(channels)
    constant = np.zeros(channels, dtype=bool)
    for index in range(channels):
        column = np.ascontiguousarray(values[:, index])[fitted[:, index]]
        if not len(column):
            continue
        mean[index] = _mean(column)
        if scaling == "none":
            continue
        shift[index], spread = _METHODS[scaling](column)
        constant[index] = spread <= 0
        scale[index] = spread if spread > 0 else 1.0
    return shift, scale, mean, constant


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
    return ROUNDING * float(np.abs(column).max())


_METHODS: dict[str, Callable[[_Column], tuple[float, float]]] = {
    "standardise": _standardise,
    "robust": _robust,
    "minmax": _minmax,
}
