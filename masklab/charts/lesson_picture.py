"""What a lesson shows, as Plotly figures."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from masklab.charts.margins import legend_lines, margin
from masklab.charts.palette import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILION, Look, look
from masklab.lessons.result import Bars, Heat, Lines

HEIGHT = 320
_WASH = "rgba(230, 159, 0, 0.16)"
_GREY = "#7A7F89"
_OWN = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)
_DASHES = ("solid", "dash", "dot", "dashdot")
_MARKERS = ("circle", "square", "diamond", "triangle-up")
# Blue over white to vermilion: told apart by colour-blind readers, zero in the middle.
_DIVERGING = [[0.0, "#0072B2"], [0.5, "#F2F2F2"], [1.0, "#D55E00"]]
_MOST_MARKED = 80


_LARGE = 20
"""Size of words in a presented picture, in pixels."""


def lesson_picture(
    picture: Lines | Heat | Bars, ink: str = _GREY, *, large: bool = False
) -> go.Figure:
    """Return the figure of a picture; `ink`: colour of the words, `large`: to be read from afar."""
    draw = {Lines: _lines, Heat: _heat, Bars: _bars}[type(picture)]
    figure: go.Figure = draw(picture)  # type: ignore[operator]
    figure.update_layout(
        height=HEIGHT,
        margin=margin(legend_lines(figure), above=16),
        legend={"orientation": "h", "yref": "container", "yanchor": "bottom", "y": 0, "x": 0},
        hoverlabel={"align": "left"},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
    )
    for axis, title in (
        (figure.update_xaxes, picture.x_title),
        (figure.update_yaxes, picture.y_title),
    ):
        axis(title_text=title, title_font_color=ink, tickfont_color=ink)
    figure.update_layout(legend_font_color=ink)
    if large:
        for axis in (figure.update_xaxes, figure.update_yaxes):
            axis(title_font_size=_LARGE, tickfont_size=_LARGE)
        figure.update_layout(legend_font_size=_LARGE, height=HEIGHT + 60)
    return figure


def _lines(picture: Lines) -> go.Figure:
    figure = go.Figure()
    for start, end in _runs(picture.masked):
        figure.add_vrect(x0=start - 0.5, x1=end + 0.5, fillcolor=_WASH, line_width=0, layer="below")
    if picture.masked:
        bottom = np.full(len(picture.masked), 0.0)
        figure.add_trace(
            go.Scatter(
                x=list(picture.masked), y=bottom, yaxis="y2", mode="markers", name="masked step",
                marker={"symbol": "x-thin-open", "size": 7, "color": ORANGE}, hoverinfo="skip",
            )
        )  # fmt: skip
        figure.update_layout(
            yaxis2={"overlaying": "y", "range": [-0.03, 1], "visible": False, "fixedrange": True}
        )
    mode = "lines+markers" if len(picture.x) <= _MOST_MARKED else "lines"
    for place, (name, values) in enumerate(picture.lines.items()):
        style = _style(name, place, picture.strategies)
        figure.add_trace(
            go.Scatter(
                x=picture.x, y=values, name=name, mode=mode, connectgaps=False,
                line={"color": style.colour, "dash": style.dash, "width": 2},
                marker={"symbol": style.marker, "size": 5},
                hovertemplate=f"{name}<br>{picture.x_title} %{{x}}, %{{y:.4~g}}<extra></extra>",
            )
        )  # fmt: skip
    if picture.log_y:
        figure.update_yaxes(type="log")
    return figure


def _heat(picture: Heat) -> go.Figure:
    size = float(np.nanmax(np.abs(picture.values), initial=0.0)) or 1.0
    span = {"zmin": -size, "zmax": size} if picture.diverging else {"zmin": 0.0, "zmax": size}
    rows, columns = picture.values.shape
    figure = go.Figure(
        go.Heatmap(
            z=picture.values,
            x=list(picture.columns) if picture.columns else np.arange(1, columns + 1),
            y=list(picture.rows) if picture.rows else np.arange(1, rows + 1),
            colorscale=_DIVERGING if picture.diverging else "Cividis",
            colorbar={"title": {"text": picture.unit, "side": "right"}, "thickness": 12},
            texttemplate="%{z:.3~g}" if picture.numbers else None,
            hovertemplate=(
                f"{picture.y_title} %{{y}}, {picture.x_title} %{{x}}"
                f"<br>%{{z:.4~g}} {picture.unit}<extra></extra>"
            ),
            **span,
        )
    )
    figure.update_yaxes(autorange="reversed")
    for step in picture.masked:
        figure.add_annotation(
            x=step, y=1.0, yref="paper", yanchor="bottom", text="×", showarrow=False,
            font={"color": ORANGE, "size": 13},
        )  # fmt: skip
    return figure


def _bars(picture: Bars) -> go.Figure:
    names = list(picture.bars)
    styles = [_style(name, place, picture.strategies) for place, name in enumerate(names)]
    spread = [picture.spread.get(name, 0.0) for name in names]
    return go.Figure(
        go.Bar(
            x=names,
            y=list(picture.bars.values()),
            marker_color=[style.colour for style in styles],
            error_y={"type": "data", "array": spread, "visible": any(spread), "color": _GREY},
            text=[f"{value:.3g}" for value in picture.bars.values()],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{x}<br>%{y:.4~g}<extra></extra>",
        )
    )


def _style(name: str, place: int, strategies: dict[str, str]) -> Look:
    if name in strategies:
        return look(strategies[name])
    at = place % len(_DASHES)
    return Look(_OWN[place % len(_OWN)], _DASHES[at], _MARKERS[at])


def _runs(steps: tuple[int, ...]) -> list[tuple[int, int]]:
    """Return first and last of each run of neighbouring steps."""
    found: list[tuple[int, int]] = []
    for step in sorted(steps):
        if found and step == found[-1][1] + 1:
            found[-1] = (found[-1][0], step)
        else:
            found.append((step, step))
    return found
