"""Validation curves while runs go on (Altair): new epochs arrive, the reader's zoom stays.

Streamlit replaces the data of a Vega view in place as long as the specification stays the same;
so the specification holds nothing that changes while runs go on: strategies, their looks, the
number of epochs and titles are known from the start. Plotly's charts lose their zoom.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from masklab.charts.palette import look

COLUMNS = {"strategy": "str", "seed": "int64", "epoch": "int64", "score": "float64"}


def live_curves(
    scores: pd.DataFrame, strategies: Sequence[str], epochs: int, *, title: str, ink: str
) -> alt.LayerChart:
    """Return thin lines for runs and a thick one for the mean over those that got so far.

    `scores`: strategy, seed, epoch, score, one row an epoch of a run; it may be empty.
    `strategies` and `epochs`: all that the experiment will have. `ink`: colour of the words.
    """
    scores = scores[list(COLUMNS)].astype(COLUMNS)
    zoom = alt.selection_interval(bind="scales", name="zoom")
    x = alt.X("epoch:Q", title="Epoch", axis=alt.Axis(tickMinStep=1, format="d", grid=False)).scale(
        domain=[1, max(2, epochs)], nice=False
    )
    y = alt.Y("score:Q", title=title).scale(zero=False, nice=True)
    colour, dash = _scales(tuple(strategies))
    base = alt.Chart(scores)
    runs = base.mark_line(strokeWidth=1, opacity=0.4, clip=True).encode(
        x=x, y=y, color=colour, strokeDash=dash, detail="seed:N"
    )
    means = base.mark_line(strokeWidth=2.5, clip=True).encode(
        x=x, y=alt.Y("mean(score):Q", title=title), color=colour, strokeDash=dash
    )
    points = (
        base.mark_circle(size=28, opacity=0.75, clip=True)
        .encode(
            x=x,
            y=y,
            color=colour,
            tooltip=[
                alt.Tooltip("strategy:N", title="Strategy"),
                alt.Tooltip("seed:N", title="Seed"),
                alt.Tooltip("epoch:Q", title="Epoch"),
                alt.Tooltip("score:Q", title=title, format=".4~g"),
            ],
        )
        .properties(name="points")  # altair's own name would change with the data
        .add_params(zoom)
    )
    words = alt.Config(
        axis=alt.AxisConfig(labelColor=ink, titleColor=ink),
        legend=alt.LegendConfig(labelColor=ink),
    )
    return alt.LayerChart(layer=[runs, means, points], height=360, config=words)


def _scales(strategies: tuple[str, ...]) -> tuple[alt.Color, alt.StrokeDash]:
    looks = [look(label, strategies) for label in strategies]
    legend = alt.Legend(
        orient="top", symbolType="stroke", symbolSize=300, symbolOpacity=1, labelLimit=260
    )
    colour = alt.Color("strategy:N", title=None, legend=legend).scale(
        domain=list(strategies), range=[one.colour for one in looks]
    )
    dash = alt.StrokeDash("strategy:N", title=None, legend=legend).scale(
        domain=list(strategies), range=[one.dash_pattern for one in looks]
    )
    return colour, dash
