"""The Data page's picture: channels under each other, broken at gaps, the split as a quiet band."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64

from masklab.charts.lane import Lane, axis_clock
from masklab.charts.minmax import thinned
from masklab.charts.ribbon import Stretch, add_ribbon
from masklab.data.clock import gap_limit
from masklab.data.series import Panel

ROW, BAND, SPACE = 118, 26, 16
"""Pixels: a channel's lane, the band of the split, the space between lanes."""
TOP, BOTTOM = 28, 52
NEUTRAL = "#7A7F89"

Window = tuple[np.datetime64, np.datetime64]


@dataclass(frozen=True)
class View:
    """What of a panel is drawn: one series, some channels, a window of time, the split's stretches.

    `ranges` bounds a channel's axis where codes or single far values would press the rest flat.
    """

    series: int
    channels: tuple[str, ...]
    stretches: tuple[Stretch, ...] = ()
    window: Window | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


def series_picture(panel: Panel, view: View, pixels: int = 1100) -> go.Figure:
    """Return the figure: of every channel the lowest and highest value per pixel."""
    rows = panel.rows_of(view.series)
    window = view.window or (panel.clock[rows.start], panel.clock[rows.stop - 1])
    longest = gap_limit(panel)
    traces: list[go.Scatter] = []
    axes = {}
    for number, channel in enumerate(view.channels, start=1):
        column = panel.channel_index(channel)
        line = thinned(panel, view.series, column, pixels, window, longest_step=longest)
        low, high = _padded(view.ranges.get(channel) or _bounds(line.values))
        axis = "" if number == 1 else str(number)
        lane = Lane(panel, channel, f"y{axis}", low, high)
        traces += lane.traces(line)
        axes[f"yaxis{axis}"] = _axis(lane, _domain(number - 1, len(view.channels)))
    figure = go.Figure(traces)
    figure.update_layout(
        height=_height(len(view.channels)),
        margin={"l": 64, "r": 12, "t": TOP, "b": BOTTOM},
        showlegend=False,
        hovermode="x",
        dragmode="select",
        selectdirection="h",
        xaxis=_time_axis(panel, window, len(view.channels)),
        **axes,
    )
    add_ribbon(figure, panel, view.stretches, window, BAND * 0.8 / _inside(len(view.channels)))
    return figure


def _axis(lane: Lane, domain: tuple[float, float]) -> dict[str, object]:
    return {
        "domain": domain,
        "range": [lane.low, lane.high],
        "title": {"text": lane.title, "font": {"size": 12}, "standoff": 6},
        "showgrid": True,
        "zeroline": False,
        "nticks": 4,
        "fixedrange": True,
    }


def _time_axis(panel: Panel, window: Window, channels: int) -> dict[str, object]:
    zone = panel.timezone or "zone not given"
    return {
        "title": "Step" if panel.clock_kind == "step" else f"Time ({zone})",
        "range": list(axis_clock(panel, np.array(window))),
        "anchor": f"y{channels if channels > 1 else ''}",
        "showgrid": False,
        "showspikes": True,
        "spikethickness": 1,
        "spikecolor": NEUTRAL,
        "spikedash": "solid",
        "spikemode": "across",
    }


def _padded(bounds: tuple[float, float]) -> tuple[float, float]:
    low, high = bounds
    margin = 0.06 * (high - low) or 0.05 * abs(high) or 1.0
    return low - margin, high + margin


def _bounds(values: Float64[np.ndarray, "point"]) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 1.0)


def _height(channels: int) -> int:
    return TOP + BOTTOM + BAND + channels * (ROW + SPACE)


def _inside(channels: int) -> int:
    return _height(channels) - TOP - BOTTOM


def _domain(number: int, channels: int) -> tuple[float, float]:
    total = _inside(channels)
    top = BAND + SPACE + number * (ROW + SPACE)
    return max(0.0, 1 - (top + ROW) / total), 1 - top / total
