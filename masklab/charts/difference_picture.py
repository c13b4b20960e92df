"""Kinds of cells drawn on the data; of two masks: now hidden, visible again, hidden in both.

Told apart without colour too: what is now hidden lies in the lower half of a lane with a bar at its
foot, what is visible again in the upper half with a bar at its head; what is hidden in both is a
wash over all of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Int64, UInt8

from masklab.charts.lane import Lane, axis_clock
from masklab.charts.palette import BLUE, ORANGE
from masklab.charts.series_picture import View, series_picture
from masklab.data.clock import gap_limit
from masklab.data.series import Panel
from masklab.masks.difference import Change
from masklab.masks.mask import runs

__all__ = ["KINDS", "Kind", "View", "difference_picture", "two_sided"]

PIXELS = 900
_BAR = 0.07
"""Height of a bar as a share of its lane."""


@dataclass(frozen=True)
class Kind:
    """How cells of one kind are drawn: from where to where of a lane, 0 to 1.

    `change` is what stands in the array of such cells: a `Change`, or another number.
    """

    change: int
    words: str
    wash: str
    reach: tuple[float, float]
    bar: str | None = None
    bar_reach: tuple[float, float] = (0.0, 0.0)


def two_sided(both: str, after: str, before: str) -> tuple[Kind, ...]:
    """Return the kinds of two masks in these words: hidden in both, in the second, in the first."""
    return (
        Kind(Change.HIDDEN, both, "rgba(128, 136, 144, 0.30)", (0.0, 1.0)),
        Kind(
            Change.NOW_HIDDEN, after, "rgba(230, 159, 0, 0.34)", (0.0, 0.5), ORANGE, (0.0, _BAR)
        ),
        Kind(
            Change.NOW_VISIBLE, before, "rgba(0, 114, 178, 0.26)", (0.5, 1.0),
            BLUE, (1.0 - _BAR, 1.0),
        ),
    )  # fmt: skip


KINDS = two_sided("hidden in both", "now hidden", "visible again")


def difference_picture(
    panel: Panel,
    changes: UInt8[np.ndarray, "row channel"],
    view: View,
    kinds: tuple[Kind, ...] = KINDS,
) -> go.Figure:
    """Return the figure of one series: its channels with what changed behind their lines.

    `kinds`: the kinds of cells that are drawn, from back to front.
    """
    figure = series_picture(panel, view, PIXELS)
    behind: list[go.Scatter] = []
    for number, channel in enumerate(view.channels, start=1):
        axis = figure.layout[f"yaxis{number if number > 1 else ''}"]
        lane = Lane(panel, channel, f"y{number if number > 1 else ''}", *axis.range)
        rows = panel.rows_of(view.series)
        column = changes[rows, panel.channel_index(channel)]
        for kind in kinds:
            stretches = _stretches(panel, view, column == kind.change)
            behind += _drawn(lane, kind, stretches, legend=number == 1)
    figure = go.Figure([*behind, *figure.data], figure.layout)
    legend = {"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 1.0, "xanchor": "right"}
    figure.update_layout(showlegend=True, legend=legend)
    figure.for_each_trace(
        lambda trace: trace.update(showlegend=False), lambda one: not one.legendgroup
    )
    return figure


def _stretches(
    panel: Panel, view: View, chosen: Bool[np.ndarray, "row"]
) -> Int64[np.ndarray, "stretch 2"]:
    """Return from when to when rows are chosen, µs; what is nearer than a pixel is one stretch."""
    clock = panel.clock[panel.rows_of(view.series)].astype(np.int64)
    first, last = clock[0], clock[-1]
    if view.window is not None:
        first, last = (int(edge.astype("datetime64[us]").astype(np.int64)) for edge in view.window)
    found = runs(chosen & (clock >= first) & (clock <= last))
    if not len(found):
        return found
    pixel = (last - first) // PIXELS
    step = int(gap_limit(panel).astype("timedelta64[us]").astype(np.int64)) // 4
    half = max(step, pixel // 2, 1)
    starts, ends = clock[found[:, 0]] - half, clock[found[:, 1] - 1] + half
    apart = np.flatnonzero(starts[1:] - ends[:-1] > pixel)
    begin, end = np.append(0, apart + 1), np.append(apart, len(starts) - 1)
    return np.stack([starts[begin], ends[end]], axis=1)


def _drawn(
    lane: Lane, kind: Kind, stretches: Int64[np.ndarray, "stretch 2"], *, legend: bool
) -> list[go.Scatter]:
    shared = {"legendgroup": kind.words, "name": kind.words}
    made = [_boxes(lane, stretches, kind.reach, kind.wash, **shared, showlegend=legend)]
    if kind.bar:
        made.append(_boxes(lane, stretches, kind.bar_reach, kind.bar, **shared, showlegend=False))
    return made


def _boxes(
    lane: Lane,
    stretches: Int64[np.ndarray, "stretch 2"],
    reach: tuple[float, float],
    colour: str,
    **more: object,
) -> go.Scatter:
    low, high = (lane.low + share * (lane.high - lane.low) for share in reach)
    corners = stretches[:, [0, 0, 1, 1, 0, 0]].reshape(-1).astype("datetime64[us]")
    x = axis_clock(lane.panel, corners) if len(stretches) else [None]
    y = np.tile([low, high, high, low, low, np.nan], len(stretches)) if len(stretches) else [None]
    return go.Scatter(
        x=x, y=y, yaxis=lane.axis, mode="lines", fill="toself", fillcolor=colour,
        line={"width": 0}, hoverinfo="skip", **more,
    )  # fmt: skip
