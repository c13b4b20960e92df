"""Differences from a baseline, one row a strategy: every seed's as a dot, their mean with its interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from masklab.charts.palette import Look, look
from masklab.charts.plain import plain
from masklab.charts.series_picture import NEUTRAL
from masklab.compare.statistics import Difference

ROW = 44
"""Pixels of a row."""
_AROUND = 130
_BESIDE = 176
"""Pixels for the words at the right."""
_DOTS = 0.24
"""How far below its interval a row's dots lie, in rows."""


def forest(  # noqa: PLR0913 - what stands in a figure
    found: Sequence[Difference],
    *,
    baseline: str,
    metric: str,
    unit: str,
    ink: str,
    words: Mapping[str, Sequence[str]] | None = None,
) -> go.Figure:
    """Return the figure; the order of `found` is that of the rows, from the top.

    `baseline`: its name. `metric`, `unit`: of the scores, for the axis. `words`: by strategy, lines
    that stand at the right of its row. `ink`: colour of the words. Intervals are drawn where there are enough seeds for a
    verdict. Without any difference: an axis without rows.
    """
    labels = tuple(one.strategy for one in found)
    figure = go.Figure()
    suffix = f" {plain(unit)}" if unit else ""
    for row, one in enumerate(found):
        style = look(one.strategy, labels)
        figure.add_traces(_interval(one, row, style, suffix))
        figure.add_trace(_dots(one, row, style, suffix))
    name, unit = plain(baseline), f" ({plain(unit)})" if unit else ""
    _lay_out(figure, found, f"Difference in {metric} from {name}{unit}")
    _name_sides(figure, name)
    if words:
        _say_beside(figure, [words.get(one.strategy, ()) for one in found])
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_annotations(font_color=ink)
    return figure


def _interval(one: Difference, row: int, style: Look, suffix: str) -> list[go.Scatter]:
    shared: dict[str, Any] = {"showlegend": False, "cliponaxis": False}
    traces = []
    if one.verdict in {"better", "worse", "unclear"}:
        traces.append(
            go.Scatter(
                x=[one.low, one.high],
                y=[row, row],
                mode="lines+markers",
                line={"color": style.colour, "width": 2.5},
                marker={
                    "symbol": "line-ns",
                    "size": 12,
                    "line": {"width": 2, "color": style.colour},
                },
                hovertemplate=f"{plain(one.strategy)}: end of the 95 % interval<br>%{{x:.3~g}}{suffix}<extra></extra>",
                **shared,
            )
        )
    if not math.isnan(one.mean):
        traces.append(
            go.Scatter(
                x=[one.mean],
                y=[row],
                mode="markers",
                marker={"symbol": "diamond", "size": 12, "color": style.colour},
                hovertemplate=(
                    f"{plain(one.strategy)}: mean of {one.n}<br>%{{x:.3~g}}{suffix}<extra></extra>"
                ),
                **shared,
            )
        )
    return traces


def _dots(one: Difference, row: int, style: Look, suffix: str) -> go.Scatter:
    return go.Scatter(
        x=list(one.values),
        y=[row + _DOTS] * one.n,
        customdata=list(one.seeds),
        mode="markers",
        marker={"symbol": "circle-open", "size": 8, "color": style.colour, "line": {"width": 1.5}},
        showlegend=False,
        cliponaxis=False,
        hovertemplate=(
            f"{plain(one.strategy)}, seed %{{customdata}}<br>%{{x:.3~g}}{suffix}<extra></extra>"
        ),
    )


def _lay_out(figure: go.Figure, found: Sequence[Difference], title: str) -> None:
    low, high = _range(found)
    figure.add_vline(x=0, line={"color": NEUTRAL, "width": 1.5, "dash": "dash"}, layer="below")
    figure.update_layout(
        height=_AROUND + ROW * max(1, len(found)),
        margin={"l": 8, "r": 8, "t": 56, "b": 8},
        hovermode="closest",
        hoverlabel={"align": "left"},
        xaxis={"title": {"text": title}, "range": [low, high], "zeroline": False},
        yaxis={
            "tickvals": list(range(len(found))),
            "ticktext": [f"{plain(one.strategy)} (n = {one.n}) " for one in found],
            "range": [max(1, len(found)) - 0.45, -0.55],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )


def _name_sides(figure: go.Figure, baseline: str) -> None:
    shared: dict[str, Any] = {
        "x": 0, "xref": "x", "y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False,
        "font": {"size": 12},
    }  # fmt: skip
    figure.add_annotation(text=f"← better than {baseline}", xanchor="right", xshift=-6, **shared)
    figure.add_annotation(text="worse →", xanchor="left", xshift=6, **shared)


def _say_beside(figure: go.Figure, words: Sequence[Sequence[str]]) -> None:
    figure.update_layout(margin_r=_BESIDE)
    for row, lines in enumerate(words):
        figure.add_annotation(
            text="<br>".join(map(plain, lines)), x=1, xref="paper", xanchor="left", xshift=8,
            y=row, yanchor="middle", align="left", showarrow=False, font={"size": 12},
        )  # fmt: skip


def _range(found: Sequence[Difference]) -> tuple[float, float]:
    """Return the ends of the axis: all dots and intervals, and room for the words on both sides."""
    seen = [0.0]
    for one in found:
        seen += one.values
        seen += [one.low, one.high] if one.verdict in {"better", "worse", "unclear"} else []
    low, high = min(seen), max(seen)
    span = (high - low) or 1.0
    # "← better than …" must fit left of 0, "worse →" right of it.
    return min(low - 0.06 * span, -0.3 * span), max(high + 0.06 * span, 0.15 * span)
