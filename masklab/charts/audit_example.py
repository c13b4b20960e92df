"""The worst window of an audit's check: its prediction before and after something was changed."""

from __future__ import annotations

import plotly.graph_objects as go

from masklab.charts.palette import BLUE, VERMILION
from masklab.charts.plain import plain
from masklab.compare.leakage.finding import Example

HEIGHT = 240


def audit_example(example: Example, task: str, ink: str) -> go.Figure:
    """Return the figure; `task`: "forecast", whose steps are those of the horizon, or "reconstruct"."""
    figure = go.Figure()
    drawn = (
        ("before", example.before, BLUE, "solid", "circle"),
        ("after", example.after, VERMILION, "dash", "x"),
    )
    for name, values, colour, dash, marker in drawn:
        lost = all(one is None for one in values)
        figure.add_trace(
            go.Scatter(
                x=example.steps,
                y=values,
                mode="lines+markers",
                line={"color": colour, "dash": dash, "width": 2},
                marker={"symbol": marker, "size": 8},
                name=f"{name}: not a number" if lost else name,
                hovertemplate=f"step %{{x}}: %{{y:.4g}} scaled units<extra>{name}</extra>",
                showlegend=True,
            )
        )
    steps = "horizon" if task == "forecast" else "window"
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 12, "r": 12, "t": 8, "b": 40},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"color": ink}},
        xaxis={
            "title": f"Step of the {steps}",
            "showgrid": False,
            "tickformat": "d",
            "nticks": min(len(example.steps), 12),
        },
        yaxis={
            "title": f"{plain(example.channel)} predicted<br>(scaled units)",
            "zeroline": False,
            "nticks": 5,
        },
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    return figure
