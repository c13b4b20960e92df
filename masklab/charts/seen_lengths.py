"""How many usable steps windows have: a line for each part of the split (Plotly)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from masklab.charts.palette import BLUE, GREEN, ORANGE
from masklab.split import PART_NAMES

_LOOKS = {"training": (BLUE, "solid"), "validation": (ORANGE, "dash"), "test": (GREEN, "dot")}
HEIGHT = 220


def seen_lengths(found: pd.DataFrame, ink: str) -> go.Figure:
    """Return the figure of a `histogram`: the share of each part's windows in use, by usable steps."""
    figure = go.Figure()
    for part in PART_NAMES:
        mine = found[found["part"] == part]
        if not len(mine):
            continue
        colour, dash = _LOOKS[part]
        # As steps from the first step of each bin to the first of the next.
        edges = np.append(mine["first"], mine["last"].iloc[-1] + 1) - 0.5
        figure.add_trace(
            go.Scatter(
                x=edges,
                y=np.append(mine["share"], mine["share"].iloc[-1]),
                mode="lines",
                line={"shape": "hv", "color": colour, "dash": dash, "width": 2},
                name=f"{part} (n = {int(mine['windows'].sum()):,})",
                customdata=np.stack(
                    [
                        np.append(mine[name], mine[name].iloc[-1])
                        for name in ("first", "last", "windows")
                    ],
                    axis=1,
                ),
                hovertemplate="%{customdata[2]:,} windows, %{y:.1%}, have %{customdata[0]} to "
                f"%{{customdata[1]}} usable steps<extra>{part}</extra>",
            )
        )
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 12, "r": 12, "t": 8, "b": 40},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0},
        xaxis={"title": "Usable steps of a window", "showgrid": False},
        yaxis={"title": "Share of windows", "tickformat": ".0%", "rangemode": "tozero"},
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_layout(legend_font_color=ink)
    return figure
