"""Scale channels."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from masklab.export.code.templates.data import TRAINING, Data
from masklab.export.code.templates.settings import CHANNELS

# %% Scaling
LARGEST = 1e30  # float32 ends not far beyond
# if: standardise robust minmax
ROUNDING = 8 * np.finfo(np.float64).eps  # smaller differences, relative to the values, are none
# end


class Scaler(NamedTuple):
    """scaled = (value - shift) / scale, with a row for each group of series."""

    shift: np.ndarray  # (group, channel)
    scale: np.ndarray  # (group, channel)
    mean: np.ndarray  # (group, channel), of the fitted cells, in the file's units
    group: np.ndarray  # (row of the data)


def mean_of(column: np.ndarray) -> float:
    """Return the mean; divided by the largest value first, since a sum near 1e308 overflows."""
    size = float(np.abs(column).max())
    return float((column / size).mean()) * size if size else 0.0


# if: standardise robust
def standardised(column: np.ndarray) -> tuple[float, float]:
    """Return mean and standard deviation."""
    mean = mean_of(column)
    size = float(np.abs(column - mean).max())
    if size <= ROUNDING * np.abs(column).max():
        return mean, 0.0
    return mean, float(np.sqrt((((column - mean) / size) ** 2).mean())) * size


# end
# if: robust
def robust(column: np.ndarray) -> tuple[float, float]:
    """Return the median, and the distance of the quartiles as a standard deviation."""
    low, middle, high = (float(one) for one in np.quantile(column, [0.25, 0.5, 0.75]))
    # Most hours of a rain gauge are 0: no quartiles apart, yet not constant.
    if high - low <= ROUNDING * np.abs(column).max():
        return middle, standardised(column)[1]
    return middle, (high - low) / 1.349  # those of a standard normal are 1.349 apart


# end
# if: minmax
def minmax(column: np.ndarray) -> tuple[float, float]:
    """Return the lowest value, and how far the highest lies above it."""
    low, high = float(column.min()), float(column.max())
    return low, (high - low if high - low > ROUNDING * np.abs(column).max() else 0.0)


# end
# if: none
def unscaled(_: np.ndarray) -> tuple[float, float]:
    """Return 0 and 1: the values stay as they are."""
    return 0.0, 1.0


# end
SHIFT_AND_SCALE: Callable[[np.ndarray], tuple[float, float]] = standardised  # set: method


def statistics(values: np.ndarray, fitted: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shift, scale and mean of each channel over its fitted cells; 0, 1, 0 without any."""
    shift, scale, mean = np.zeros(CHANNELS), np.ones(CHANNELS), np.zeros(CHANNELS)
    for channel in range(CHANNELS):
        column = values[fitted[:, channel], channel]
        if len(column):
            mean[channel] = mean_of(column)
            shift[channel], spread = SHIFT_AND_SCALE(column)
            scale[channel] = spread if spread > 0 else 1.0  # constant: centred, not scaled
    return shift, scale, mean


def fit_scaler(data: Data) -> Scaler:
    """Fit on the observed training cells.

    A scaler that sees hidden or validation cells leaks them: their size moves what the model reads.
    """
    fitted = data.observed & (data.part == TRAINING)[:, None]
    # if: over_all
    shift, scale, mean = statistics(data.values, fitted)
    return Scaler(shift[None], scale[None], mean[None], np.zeros(len(fitted), dtype=np.int64))
    # end
    # if: over_series
    found = [statistics(data.values, fitted)]  # over all, for a series without a fitted cell
    rows = [np.flatnonzero(data.series == one) for one in range(data.series.max() + 1)]
    found += [statistics(data.values[one], fitted[one]) for one in rows]
    lacking = ~np.stack([fitted[one].any(axis=0) for one in rows])
    whole, *each = (np.stack(one) for one in found)
    shift, scale, mean = (
        np.where(lacking, whole[place], np.stack([one[place] for one in each]))
        for place in range(3)
    )
    return Scaler(shift, scale, mean, data.series.astype(np.int64))
    # end


def scaled(data: Data, scaler: Scaler) -> np.ndarray:
    """Return the scaled values as float32, 0 where the file lacks a cell."""
    values = (data.values - scaler.shift[scaler.group]) / scaler.scale[scaler.group]
    # NaN times 0 is NaN: what is missing must be replaced before any arithmetic, not after.
    values = np.where(data.native, values, 0.0)
    return values.clip(-LARGEST, LARGEST).astype(np.float32)
