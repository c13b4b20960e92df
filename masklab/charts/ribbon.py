"""The split over a picture: a band of training, validation and test, with a line at each border."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from masklab.charts.lane import axis_clock
from masklab.data.series import Panel
from masklab.split import PART_NAMES, TEST, TRAINING, VALIDATION, Split

SHADES = ("rgba(128, 136, 144, 0.10)", "rgba(128, 136, 144, 0.22)", "rgba(128, 136, 144, 0.36)")
BORDER = "#7A7F89"


@dataclass(frozen=True)
class Stretch:
    """One part of the split: which, from when (inclusive) to when (exclusive)."""

    part: int
    start: np.datetime64
    end: np.datetime64


def stretches(panel: Panel, split: Split, series: int) -> tuple[Stretch, ...]:
    """Return the parts of one series in order of time."""
    rows = panel.rows_of(series)
    first = panel.clock[rows.start]
    last = panel.clock[rows.stop - 1] + np.timedelta64(1, "us")
    if split.by == "series":
        name = panel.names[series]
        test = TEST if name in split.test_series else TRAINING
        return (Stretch(VALIDATION if name in split.validation_series else test, first, last),)
    borders = split.cuts(panel)
    edges = [first, *(min(max(border, first), last) for border in borders), last]
    pairs = zip((TRAINING, VALIDATION, TEST), edges[:-1], edges[1:], strict=True)
    return tuple(Stretch(part, start, end) for part, start, end in pairs if start < end)


def add_ribbon(
    figure: go.Figure,
    panel: Panel,
    parts: Iterable[Stretch],
    window: tuple[np.datetime64, np.datetime64],
    height: float,
) -> None:
    """Draw the parts inside a window along the top of a figure; `height` is a share of it."""
    for stretch in parts:
        start, end = max(stretch.start, window[0]), min(stretch.end, window[1])
        if start >= end:
            continue
        left, middle, right = axis_clock(panel, np.array([start, start + (end - start) // 2, end]))
        figure.add_shape(
            **_PLACE,
            type="rect",
            x0=left,
            x1=right,
            y0=1 - height,
            y1=1,
            fillcolor=SHADES[stretch.part],
            line={"width": 0},
        )
        if stretch.start > window[0]:
            border = {"color": BORDER, "width": 1, "dash": "dot"}
            figure.add_shape(**_PLACE, type="line", x0=left, x1=left, y0=0, y1=1, line=border)
        if (end - start) / (window[1] - window[0]) > 0.06:
            figure.add_annotation(
                xref="x",
                yref="paper",
                x=middle,
                y=1 - height / 2,
                yanchor="middle",
                text=PART_NAMES[stretch.part],
                showarrow=False,
                font={"size": 12},
            )


_PLACE = {"xref": "x", "yref": "paper", "layer": "below"}
