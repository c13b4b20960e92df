"""The range of a score axis: set by the bulk of the data, not by one outlier or a far baseline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

REACH = 4.0
"""Values further above the lowest than so many times the lower three quarters' span are cut off."""


@dataclass(frozen=True)
class AxisRange:
    """From `low` to `high`; `cut` is True where curves go on above it."""

    low: float
    high: float
    cut: bool

    def holds(self, value: float) -> bool:
        """Whether a horizontal line at `value` is on the picture."""
        return self.low <= value <= self.high


def axis_range(
    values: Sequence[float] | Float64[np.ndarray, "value"], lines: Mapping[str, float]
) -> AxisRange:
    """Return the range that shows the curves' `values`, and those `lines` that lie near them.

    A first epoch ten times as high as all others, or a baseline far away, would press the curves
    into one stroke; they are left outside, and the chart says so. Without values: the lines alone.
    """
    curve, level = (np.asarray(one, dtype=float) for one in (values, [*lines.values()]))
    curve, level = curve[np.isfinite(curve)], level[np.isfinite(level)]
    if curve.size == 0:
        curve = level if level.size else np.array([0.0, 1.0])
    low = float(curve.min())
    bulk = float(np.quantile(curve, 0.75)) - low
    high = float(curve.max())
    limit = low + REACH * bulk
    cut = bool(bulk > 0 and high > limit)
    if cut:
        high = limit
    span = (high - low) or abs(high) * 0.1 or 1.0
    near = level[(level >= low - 0.6 * span) & (level <= high + 0.6 * span)]
    low, high = float(min([low, *near])), float(max([high, *near]))
    margin = 0.06 * ((high - low) or span)
    return AxisRange(low - margin, high + margin, cut)
