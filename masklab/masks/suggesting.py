"""Beginnings for rules, taken from the data: round limits, and channels that they suit."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64, Int64

from masklab.data.series import Panel
from masklab.masks.course import Course, Courses, everything

FLAT = 6
"""So many equal cells in a row are the shortest stretch that a sensor is called stuck for."""
_RESTING = 0.2


def exceeded_by(share: float, values: Float64[np.ndarray, "n"]) -> float:
    """Return a limit of three digits that about this share of the values exceeds; 1 without values.

    At least the largest value exceeds it, unless as many values are equal to the largest one.
    Values that are not finite don't count.
    """
    known = values[np.isfinite(values)]
    if not len(known):
        return 1.0
    rank = max(len(known) - 1 - max(round(share * len(known)), 1), 0)
    return _round_down(float(np.partition(known, rank)[rank]))


def lively(panel: Panel) -> tuple[str, ...]:
    """Return the channels that seldom rest at a value; all of them if every one does.

    One rests if a fifth of its cells stand in stretches of six equal ones or more, as rain does at
    0: no device is broken there, and no other value is an outlier.
    """
    courses = Courses.of(everything(panel))
    found = []
    for column, channel in enumerate(panel.channels):
        lengths = equal_stretches(courses[column])
        if lengths[lengths >= FLAT].sum() <= _RESTING * lengths.sum():
            found.append(channel)
    return tuple(found) or panel.channels


def equal_stretches(course: Course) -> Int64[np.ndarray, "stretch"]:
    """Return the lengths of the stretches of equal values, the short ones too."""
    if not len(course.values):
        return np.zeros(0, dtype=np.int64)
    changes = np.flatnonzero(~(course.joined & (course.values[1:] == course.values[:-1])))
    return np.diff(np.concatenate([[-1], changes, [len(course.values) - 1]]))


def _round_down(value: float) -> float:
    """Return the value with three significant digits, towards 0."""
    if value == 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 2)
    near = float(f"{value:.3g}")
    if abs(near) > abs(value):
        near = float(f"{math.copysign(abs(value) - unit / 2, value):.3g}")
    return near
