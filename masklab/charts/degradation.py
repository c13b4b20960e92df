"""How a score worsens with the share that is hidden: a line a strategy, naive baselines dashed (Plotly)."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from masklab.charts.palette import look
from masklab.charts.plain import plain

HEIGHT = 380


def degradation(found: pd.DataFrame, naive: pd.DataFrame, *, metric: str, ink: str) -> go.Figure:
    """Return the figure of one generator's rows of `other_masks.table` and `naive_table`.

    The band goes from the lowest to the highest seed. `found` has a column `row`: how each line is
    called. `metric`: the score with its unit.
    """
    figure = go.Figure()
    labels = tuple(dict.fromkeys(found["strategy"]))
    experiments = list(dict.fromkeys(found["experiment"]))
    for row, mine in found.groupby("row", sort=False):
        line = mine.sort_values("rate")
        style = look(str(line["strategy"].iloc[0]), labels)
        name, x = plain(str(row)), 100 * line["rate"]
        seeds = int(line["n"].max())
        if seeds > 1:
            figure.add_trace(
                go.Scatter(
                    x=[*x, *x[::-1]], y=[*line["max"], *line["min"][::-1]], fill="toself", mode="lines",
                    fillcolor=style.band(), line={"width": 0}, hoverinfo="skip", showlegend=False,
                    legendgroup=name,
                )
            )  # fmt: skip
        figure.add_trace(
            go.Scatter(
                x=x, y=line["mean"], mode="lines+markers", name=f"{name} (n = {seeds})",
                legendgroup=name, customdata=line[["min", "max", "hidden"]],
                line={"color": style.colour, "dash": style.dash, "width": 2},
                marker={"symbol": style.marker, "size": 8 + 3 * experiments.index(line["experiment"].iloc[0])},
                hovertemplate=f"{name}<br>%{{x:.0f}} % asked, %{{customdata[2]:.1%}} of the input hidden"
                f"<br>{metric} %{{y:.4g}} (%{{customdata[0]:.4g}} to %{{customdata[1]:.4g}})"
                "<extra></extra>",
            )
        )  # fmt: skip
    for place, (baseline, mine) in enumerate(naive.groupby("baseline", sort=False)):
        line, name = mine.sort_values("rate"), plain(str(baseline).replace("_", " "))
        figure.add_trace(
            go.Scatter(
                x=100 * line["rate"], y=line["score"], mode="lines", name=f"{name}, naive",
                line={"color": ink, "dash": ("dot", "dash", "longdashdot")[place % 3], "width": 1.4},
                hovertemplate=f"{name}, naive<br>{metric} %{{y:.4g}}<extra></extra>",
            )
        )  # fmt: skip
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 12, "r": 12, "t": 8, "b": 48},
        legend={"font": {"color": ink}},
        xaxis={
            "title": "Share that the mask hides on top of the file's gaps, %",
            "range": [-2, 94],
            "showgrid": False,
        },
        yaxis={"title": metric},
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    return figure
