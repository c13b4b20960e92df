"""Validation curves of strategies: mean over seeds, band, best epochs, naive baselines (Plotly)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from masklab.charts.axis import AxisRange, axis_range
from masklab.charts.palette import Look, look

NEUTRAL = "#7A7F89"
HEIGHT = 460
OTHER_COLUMNS = ("strategy", "seed", "epoch", "score", "status")


def validation_curves(  # noqa: PLR0913 - frames by place, the rest by name
    curves: pd.DataFrame,
    best: pd.DataFrame,
    baselines: Mapping[str, float],
    *,
    metric: str,
    unit: str = "",
    not_causal: Iterable[str] = (),
    others: pd.DataFrame | None = None,
    ink: str = NEUTRAL,
) -> go.Figure:
    """Return the figure of validation scores over epochs, one line a strategy.

    `curves`: strategy, epoch, mean, min, max, n (runs behind the mean at this epoch); the band
    goes from min to max. `best`: strategy, seed, epoch, score of each run's best epoch.
    `baselines`: score by name, drawn as dashed levels; those too far away for the axis are named
    at its edge instead. `unit` is that of the scores, empty where they have none. `others`: runs
    that don't count in the means (stopped, failed, still going on): strategy, seed, epoch, score,
    status; thin dotted lines. `not_causal`: labels of strategies that look ahead, said in the legend:
    once where it is all of them. `ink`: colour of the words. Empty frames give axes without curves.
    """
    others = pd.DataFrame(columns=list(OTHER_COLUMNS)) if others is None else others
    present = tuple(dict.fromkeys([*curves["strategy"], *others["strategy"]]))
    values = [*curves["mean"], *curves["min"], *curves["max"], *others["score"]]
    edge = axis_range(values, baselines)
    marked = set(not_causal)
    all_marked = len(present) > 1 and marked.issuperset(present)
    marked = set() if all_marked else marked
    figure = go.Figure()
    figure.add_traces(_others(others, present, _suffix(unit)))
    for label in dict.fromkeys(curves["strategy"]):
        mine = curves[curves["strategy"] == label].sort_values("epoch")
        style = look(label, present)
        runs = int(mine["n"].max())
        mark = ", not causal" if label in marked else ""
        figure.add_traces(
            [
                *_band(mine, label, style),
                *_lines(mine, label, f"{label}{mark} (n = {runs})", style, _suffix(unit)),
                *_best(best[best["strategy"] == label], label, style, _suffix(unit)),
            ]
        )
    last = int(max([1, *curves["epoch"], *others["epoch"]]))
    figure.add_traces(_levels(baselines, edge, last, _suffix(unit)))
    _lay_out(figure, edge, last, f"Validation {metric}{f' ({unit})' if unit else ''}")
    figure.update_layout(legend_title_text="None is causal:" if all_marked else None)
    _say_what_is_cut(figure, baselines, edge)
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_annotations(font_color=ink)
    figure.update_traces(textfont_color=ink, selector={"type": "scatter"})
    return figure


def _band(mine: pd.DataFrame, label: str, style: Look) -> list[go.Scatter]:
    mine = mine[mine["n"] > 1]
    if len(mine) == 0:
        return []
    return [
        go.Scatter(
            x=[*mine["epoch"], *mine["epoch"][::-1]],
            y=[*mine["max"], *mine["min"][::-1]],
            fill="toself",
            fillcolor=style.band(),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            legendgroup=label,
            showlegend=False,
        )
    ]


def _others(others: pd.DataFrame, present: tuple[str, ...], suffix: str) -> list[go.Scatter]:
    traces = []
    for (label, seed, status), run in others.groupby(["strategy", "seed", "status"], sort=False):
        style = look(str(label), present)
        end = [""] * (len(run) - 1) + [str(status)]
        traces.append(
            go.Scatter(
                x=run["epoch"],
                y=run["score"],
                mode="lines+markers+text",
                line={"color": style.colour, "dash": "dot", "width": 1},
                marker={"symbol": "x-thin-open", "size": [0] * (len(run) - 1) + [8]},
                text=end,
                textposition="top left",
                textfont={"size": 11},
                opacity=0.75,
                legendgroup=str(label),
                showlegend=False,
                hovertemplate=(
                    f"{label}, seed {seed}: {status}, not in the mean"
                    f"<br>epoch %{{x}}, %{{y:.4~g}}{suffix}<extra></extra>"
                ),
            )
        )
    return traces


def _lines(mine: pd.DataFrame, label: str, name: str, style: Look, suffix: str) -> list[go.Scatter]:
    """Return the mean: full where all seeds stand behind it, faint where some have stopped."""
    most = mine["n"].max()
    whole = mine[mine["n"] == most]
    rest = mine[mine["epoch"] >= whole["epoch"].max()]
    shared: dict[str, Any] = {
        "mode": "lines",
        "legendgroup": label,
        "hovertemplate": (
            f"{label}, epoch %{{x}}<br>%{{y:.4~g}}{suffix}"
            "<br>mean of %{customdata[0]}, %{customdata[1]:.4~g} to %{customdata[2]:.4~g}"
            "<extra></extra>"
        ),
    }
    line = {"color": style.colour, "dash": style.dash, "width": 2.5}
    traces = [
        go.Scatter(
            x=whole["epoch"],
            y=whole["mean"],
            customdata=whole[["n", "min", "max"]],
            line=line,
            name=name,
            **shared,
        )
    ]
    if len(rest) > 1:
        faint = {**shared, "opacity": 0.4, "showlegend": False}
        data = rest[["n", "min", "max"]]
        traces.append(
            go.Scatter(x=rest["epoch"], y=rest["mean"], customdata=data, line=line, **faint)
        )
    return traces


def _best(best: pd.DataFrame, label: str, style: Look, suffix: str) -> list[go.Scatter]:
    if len(best) == 0:
        return []
    return [
        go.Scatter(
            x=best["epoch"],
            y=best["score"],
            customdata=best["seed"],
            mode="markers",
            marker={
                "symbol": style.marker if style.marker != "x" else "x-thin-open",
                "size": 9,
                "color": style.colour,
                "line": {"width": 2 if style.marker == "x" else 1, "color": style.colour},
            },
            legendgroup=label,
            showlegend=False,
            hovertemplate=(
                f"{label}, seed %{{customdata}}: best epoch %{{x}}"
                f"<br>%{{y:.4~g}}{suffix}<extra></extra>"
            ),
        )
    ]


def _levels(
    baselines: Mapping[str, float], edge: AxisRange, last: int, suffix: str
) -> list[go.Scatter]:
    traces: list[go.Scatter] = []
    span, before = edge.high - edge.low, float("-inf")
    for name, level in sorted(baselines.items(), key=lambda item: item[1]):
        if not edge.holds(level):
            continue
        crowded = level - before < 0.06 * span
        traces.append(
            go.Scatter(
                x=[0.5, last + 0.5],
                y=[level, level],
                mode="lines+text",
                text=["", _words(name)] if not crowded else [_words(name), ""],
                textposition="top left" if not crowded else "top right",
                textfont={"size": 12},
                line={"color": NEUTRAL, "dash": "dash", "width": 1.2},
                name="naive baselines\u2003",  # other fonts are wider: room for them in exports
                legendgroup="naive",
                showlegend=not traces,
                hovertemplate=f"{_words(name)} (no network)<br>%{{y:.4~g}}{suffix}<extra></extra>",
            )
        )
        before = level
    return traces


def _lay_out(figure: go.Figure, edge: AxisRange, last: int, title: str) -> None:
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},  # above: the buttons that Plotly lays over it
        hovermode="closest",
        hoverlabel={"align": "left"},
        legend={
            "orientation": "h",
            "yref": "container",
            "yanchor": "bottom",
            "y": 0,
            "x": 0,
            "title": None,
        },
        xaxis={
            "title": {"text": "Epoch"},
            "range": [0.5, last + 0.5],
            "tickformat": "d",
            "dtick": 1 if last <= 12 else None,
        },
        yaxis={"title": {"text": title}, "range": [edge.low, edge.high], "zeroline": False},
    )


def _say_what_is_cut(figure: go.Figure, baselines: Mapping[str, float], edge: AxisRange) -> None:
    above = [
        f"{_words(name)} {level:.3g}" for name, level in baselines.items() if level > edge.high
    ]
    below = [f"{_words(name)} {level:.3g}" for name, level in baselines.items() if level < edge.low]
    if edge.cut:
        above.insert(0, "the first epochs")
    shared: dict[str, Any] = {
        "xref": "paper", "yref": "paper", "x": 1, "xanchor": "right", "showarrow": False,
        "font": {"size": 12},
    }  # fmt: skip
    if above:
        text = "↑ above the picture: " + ", ".join(above)
        # In the middle: curves begin high at the left, the levels' own names stand at the right.
        middle = {"x": 0.5, "xanchor": "center"}
        figure.add_annotation(text=text, y=1, yanchor="top", **{**shared, **middle})
    if below:
        text = "↓ below the picture: " + ", ".join(below)
        figure.add_annotation(text=text, y=0, yanchor="bottom", **shared)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _suffix(unit: str) -> str:
    return f" {unit}" if unit else ""
