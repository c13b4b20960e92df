"""A small picture of a series, drawn from the data itself with its gaps left open (SVG)."""

from __future__ import annotations

import html

import numpy as np
from jaxtyping import Float64

from masklab.charts.minmax import thinned
from masklab.data.series import Panel

SIZE = (360, 84)
LINE = "#2f8fc6"
"""Blue with a contrast of 3:1 or more on white and on dark grounds."""
WASH = "rgba(128, 136, 144, 0.2)"


def sparkline(
    panel: Panel,
    channel: str,
    *,
    series: int = 0,
    window: tuple[np.datetime64, np.datetime64] | None = None,
    label: str = "",
) -> str:
    """Return one channel of one series as SVG, in colours that do on light and dark grounds.

    Stretches without a value carry a wash; values far outside the middle 99 % are cut off.
    """
    width, height = SIZE
    line = thinned(panel, series, panel.channel_index(channel), width // 2, window)
    rows = panel.rows_of(series)
    first, last = window or (panel.clock[rows.start], panel.clock[rows.stop - 1])
    start, span = first.astype(np.int64), max((last - first).astype(np.int64), 1)
    low, high = _range(line.values)

    def across(time: np.datetime64) -> float:
        return float(width * (time.astype(np.int64) - start) / span)

    x = width * (line.clock.astype(np.int64) - start) / span
    y = 4 + (height - 8) * (1 - (np.clip(line.values, low, high) - low) / (high - low))
    washes = "".join(
        f'<rect x="{across(left):.1f}" y="0" width="{max(across(right) - across(left), 1):.1f}" '
        f'height="{height}" fill="{WASH}"/>'
        for left, right in line.empty
    )
    dots = "".join(f'<circle cx="{x[n]:.1f}" cy="{y[n]:.1f}" r="1"/>' for n in line.lonely[:500])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{html.escape(label or channel)}">{washes}'
        f'<path d="{_path(x, y)}" fill="none" stroke="{LINE}" stroke-width="1.3" '
        f'stroke-linejoin="round"/><g fill="{LINE}">{dots}</g></svg>'
    )


def _range(values: Float64[np.ndarray, "point"]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = np.quantile(finite, [0.005, 0.995])
    return (float(low), float(high)) if high > low else (float(low) - 1, float(high) + 1)


def _path(x: Float64[np.ndarray, "point"], y: Float64[np.ndarray, "point"]) -> str:
    parts, pen = [], "M"
    for across, down in zip(x, y, strict=True):
        if np.isnan(down):
            pen = "M"
            continue
        parts.append(f"{pen}{across:.1f} {down:.1f}")
        pen = "L"
    return "".join(parts) or "M0 0"
