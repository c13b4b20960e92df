"""Scores by what stands around the predicted cells, over a row of bars that counts them (Plotly)."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from masklab.charts.palette import GREY, look
from masklab.charts.plain import plain

HEIGHT = 420
_FADED = 0.35
_PATTERNS = {"solid": "", "dash": "/", "dashdot": "x", "dot": "."}
"""Tells bars of one colour apart, as dashes do for lines."""


def region_errors(
    found: pd.DataFrame, title: str, *, metric: str, ink: str, ordered: bool = True
) -> go.Figure:
    """Return the figure of `errors_by_region.by_region`; `title`: of the axis of levels.

    `metric`: the score with its unit. Whiskers go from the lowest to the highest seed. Levels with
    few cells are faded, and called so. `ordered`: neighbouring levels are joined by a line; else
    there are bars.
    """
    figure = make_subplots(
        rows=2, cols=1, shared_xaxes=True, row_heights=[0.78, 0.22], vertical_spacing=0.05
    )
    labels = tuple(dict.fromkeys(found["strategy"]))
    for label in labels:
        mine = found[found["strategy"] == label]
        draw = _line if ordered else _bars
        figure.add_trace(draw(mine, label, labels, metric), row=1, col=1)
    figure.update_traces(error_y_color=ink)
    counts = found.drop_duplicates("level")
    figure.add_trace(
        go.Bar(
            x=[plain(one) for one in counts["level"]], y=counts["cells"], showlegend=False,
            marker={"color": GREY, "opacity": [_FADED if one else 1.0 for one in counts["few"]]},
            text=[f"{count:,}{' too few' if one else ''}" for count, one in zip(counts["cells"], counts["few"], strict=True)],
            textposition="outside", textfont={"color": ink, "size": 10}, cliponaxis=False,
            hovertemplate="%{y:,} cells<extra></extra>",
        ),
        row=2, col=1,
    )  # fmt: skip
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 12, "r": 12, "t": 8, "b": 48},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"color": ink}},
        barmode="group",
        yaxis={"title": metric},
        yaxis2={"title": "Cells", "rangemode": "tozero", "nticks": 3},
        xaxis2={"title": title},
    )
    figure.update_yaxes(
        showgrid=False, range=[0, 1.45 * float(counts["cells"].max())], row=2, col=1
    )
    figure.update_xaxes(type="category", showgrid=False)
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    return figure


def _line(mine: pd.DataFrame, label: str, labels: tuple[str, ...], metric: str) -> go.Scatter:
    style = look(label, labels)
    hollow = [
        f"{style.marker}-open" if one and style.marker != "x" else style.marker
        for one in mine["few"]
    ]
    return go.Scatter(
        x=[plain(one) for one in mine["level"]], y=mine["score"], name=_named(mine, label),
        mode="lines+markers", line={"color": style.colour, "dash": style.dash, "width": 2},
        marker={"symbol": hollow, "size": 9, "opacity": [_FADED if one else 1.0 for one in mine["few"]]},
        error_y=_whiskers(mine), **_hover(mine, label, metric),
    )  # fmt: skip


def _bars(mine: pd.DataFrame, label: str, labels: tuple[str, ...], metric: str) -> go.Bar:
    style = look(label, labels)
    return go.Bar(
        x=[plain(one) for one in mine["level"]], y=mine["score"], name=_named(mine, label),
        marker={
            "color": style.colour, "opacity": [_FADED if one else 1.0 for one in mine["few"]],
            "pattern": {"shape": _PATTERNS[style.dash], "fillmode": "overlay", "solidity": 0.25},
        },
        error_y=_whiskers(mine), **_hover(mine, label, metric),
    )  # fmt: skip


def _named(mine: pd.DataFrame, label: str) -> str:
    return f"{plain(label)} (n = {int(mine['n'].max())})"


def _whiskers(mine: pd.DataFrame) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": mine["high"] - mine["score"],
        "arrayminus": mine["score"] - mine["low"],
        "thickness": 1,
        "width": 3,
        "visible": bool((mine["n"] > 1).any()),
    }


def _hover(mine: pd.DataFrame, label: str, metric: str) -> dict[str, object]:
    return {
        "customdata": mine[["low", "high", "cells"]],
        "hovertemplate": f"{plain(label)}, %{{x}}<br>{metric} %{{y:.4g}} (seeds %{{customdata[0]:.4g}} "
        "to %{customdata[1]:.4g})<br>%{customdata[2]:,} cells<extra></extra>",
    }
