"""Windows that were predicted badly: truth, mask and predictions, strategies over each other (Plotly)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from masklab.charts.lane import axis_clock
from masklab.charts.palette import ORANGE, look
from masklab.charts.plain import plain
from masklab.compare.worst_windows import Window
from masklab.data.series import Panel

ROW = 300
_TRUTH = {"light": "#3B3F46", "dark": "#D5D8DE"}
_WASH = "rgba(230, 159, 0, 0.22)"


def worst_windows(
    panel: Panel, windows: Sequence[Window], *, ink: str, scheme: str = "light"
) -> go.Figure:
    """Return the figure, two windows a row; each has its own axes, in the data's units.

    Washed, with a tick below: steps that the networks could not read. The vertical line: where a
    forecast begins.
    """
    columns = min(2, len(windows))
    rows = -(-len(windows) // columns)
    titles = [_title(panel, one) for one in windows]
    figure = make_subplots(
        rows=rows, cols=columns, subplot_titles=titles, horizontal_spacing=0.1,
        vertical_spacing=0.4 / rows,
    )  # fmt: skip
    labels = tuple(dict.fromkeys(name for one in windows for name in one.predicted))
    for place, one in enumerate(windows):
        at = {"row": place // columns + 1, "col": place % columns + 1}
        x = axis_clock(panel, one.clock)
        _wash(figure, one, x, at)
        first = place == 0
        figure.add_trace(
            go.Scatter(
                x=x, y=one.values, mode="lines+markers", name="truth", legendgroup="truth",
                showlegend=first, line={"color": _TRUTH[scheme], "width": 1.2}, marker={"size": 3},
                connectgaps=False, hovertemplate="%{x}<br>truth %{y:.4g}<extra></extra>",
            ),
            **at,
        )  # fmt: skip
        for name, line in one.predicted.items():
            style = look(name, labels)
            figure.add_trace(
                go.Scatter(
                    x=x, y=line, mode="lines+markers", name=plain(name), legendgroup=name,
                    showlegend=first, line={"color": style.colour, "dash": style.dash, "width": 2},
                    marker={"symbol": style.marker, "size": 7}, connectgaps=False,
                    hovertemplate=f"%{{x}}<br>{plain(name)} %{{y:.4g}}<extra></extra>",
                ),
                **at,
            )  # fmt: skip
        if one.inputs < len(x):
            figure.add_vline(x=x[one.inputs], line={"color": ink, "dash": "dot", "width": 1}, **at)
        unit = panel.units.get(one.channel, "")
        figure.update_yaxes(title=plain(f"{one.channel}{f' ({unit})' if unit else ''}"), **at)
        figure.update_xaxes(title=_clock_title(panel), nticks=5, **at)
    figure.update_layout(
        height=ROW * rows + 40,
        margin={"l": 12, "r": 12, "t": 84, "b": 40},
        legend={"orientation": "h", "y": 1.0 + 0.2 / rows, "x": 0, "font": {"color": ink}},
    )
    figure.update_xaxes(showgrid=False)
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_annotations(font={"color": ink, "size": 12})
    return figure


def _wash(figure: go.Figure, one: Window, x: np.ndarray, at: dict[str, int]) -> None:
    """Draw a wash over each stretch of the input that could not be read."""
    known = np.concatenate([one.values, *one.predicted.values()])
    known = known[np.isfinite(known)]
    low, high = (known.min(), known.max()) if len(known) else (0.0, 1.0)
    margin = 0.08 * ((high - low) or 1.0)
    half = (x[1] - x[0]) / 2 if len(x) > 1 else 0.5
    hidden = np.flatnonzero(~one.observed[: one.inputs])
    corners_x: list[object] = []
    corners_y: list[float | None] = []
    for step in hidden:
        left, right = x[step] - half, x[step] + half
        corners_x += [left, left, right, right, None]
        corners_y += [low - margin, high + margin, high + margin, low - margin, None]
    first = at == {"row": 1, "col": 1}
    figure.add_trace(
        go.Scatter(
            x=corners_x, y=corners_y, fill="toself", fillcolor=_WASH, line={"width": 0}, mode="lines",
            hoverinfo="skip", showlegend=False,
        ),
        **at,
    )  # fmt: skip
    figure.add_trace(
        go.Scatter(
            x=x[hidden], y=np.full(len(hidden), low - margin), mode="markers", name="not read",
            legendgroup="not read", showlegend=first,
            marker={"symbol": "line-ns-open", "color": ORANGE, "size": 8}, hovertemplate="%{x}<br>not read<extra></extra>",
        ),
        **at,
    )  # fmt: skip


def _title(panel: Panel, one: Window) -> str:
    name = f"{one.series[:24]}, " if len(panel) > 1 else ""
    return plain(f"{name}{one.channel[:24]}: error {one.error:.3g} (scaled RMSE)")


def _clock_title(panel: Panel) -> str:
    if panel.clock_kind == "step":
        return "Step"
    return f"Time ({panel.timezone})" if panel.timezone else "Time"
