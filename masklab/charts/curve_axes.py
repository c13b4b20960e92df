"""The axes of validation curves: titles, scales, ranges, and what lies outside of them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64

from masklab.charts.axis import AxisRange
from masklab.charts.margins import LINE, legend_lines, margin

HEIGHT = 460

Window = tuple[float, float, float, float]
"""Lowest and highest of x, then of y, in the axes' own numbers: powers of ten on a log axis."""


@dataclass(frozen=True)
class Scales:
    """How the axes run: what x is, whether they are logarithmic, and the part that is looked at.

    `window` None shows all of it.
    """

    across: str = "Epoch"
    whole: bool = True
    log_x: bool = False
    log_y: bool = False
    window: Window | None = None


@dataclass(frozen=True)
class Extent:
    """All that the picture shows unless it is zoomed, in the data's numbers."""

    left: float
    right: float
    y: AxisRange

    @classmethod
    def of(
        cls, xs: Float64[np.ndarray, "point"], edge: AxisRange, scales: Scales, lowest: float
    ) -> Extent:
        """Return the extent of points at `xs`; `lowest`: the lowest positive score, for a log axis."""
        first, last = (float(xs.min()), float(xs.max())) if len(xs) else (1.0, 1.0)
        if scales.log_x:
            positive = float(xs[xs > 0].min()) if (xs > 0).any() else 1.0
            left, right = positive / 1.1, max(last, positive) * 1.1
        elif scales.whole:
            left, right = 0.5, max(last, 1.0) + 0.5
        else:
            room = 0.02 * ((last - first) or 1.0)
            left, right = min(0.0, first), last + room
        if scales.log_y and edge.low <= 0:
            edge = AxisRange(lowest / 1.1, max(edge.high, lowest * 1.1), edge.cut)
        return cls(left, right, edge)


def lay_out(figure: go.Figure, extent: Extent, scales: Scales, title: str) -> None:
    """Set size, legend and axes."""
    window = scales.window or (
        _on(scales.log_x, extent.left), _on(scales.log_x, extent.right),
        _on(scales.log_y, extent.y.low), _on(scales.log_y, extent.y.high),
    )  # fmt: skip
    lines = legend_lines(figure)
    few = scales.whole and not scales.log_x and extent.right <= 12.5
    figure.update_layout(
        height=HEIGHT + LINE * max(0, lines - 1),
        margin=margin(lines, above=36),  # the buttons that Plotly lays over it
        hovermode="closest",
        hoverlabel={"align": "left"},
        legend={
            "orientation": "h",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 0,
            "title": None,
        },
        xaxis={
            "title": {"text": scales.across},
            "type": "log" if scales.log_x else "linear",
            "range": list(window[:2]),
            "tickformat": "d" if scales.whole and not scales.log_x else None,
            "dtick": 1 if few and scales.window is None else None,
        },
        yaxis={
            "title": {"text": title},
            "type": "log" if scales.log_y else "linear",
            "range": list(window[2:]),
            "nticks": 6 if scales.log_y else None,
            "zeroline": False,
        },
    )


def say_what_is_cut(figure: go.Figure, baselines: Mapping[str, float], edge: AxisRange) -> None:
    """Name at the edges what lies above and below the picture."""
    above = [
        f"{_words(name)} {level:.3g}" for name, level in baselines.items() if level > edge.high
    ]
    below = [f"{_words(name)} {level:.3g}" for name, level in baselines.items() if level < edge.low]
    if edge.cut:
        above.insert(0, "the first epochs")
    shared: dict[str, Any] = {
        "xref": "paper", "yref": "paper", "x": 1, "xanchor": "right", "showarrow": False,
        "font": {"size": 12},
    }  # fmt: skip
    if above:
        text = "↑ above the picture: " + ", ".join(above)
        # Over the picture: within it, curves and levels would cross it. At the right are the buttons.
        left = {"x": 0, "xanchor": "left"}
        figure.add_annotation(text=text, y=1, yanchor="bottom", **{**shared, **left})
    if below:
        text = "↓ below the picture: " + ", ".join(below)
        figure.add_annotation(text=text, y=0, yanchor="bottom", **shared)


def _on(log: bool, value: float) -> float:
    return math.log10(value) if log else value


def _words(name: str) -> str:
    return name.replace("_", " ")
