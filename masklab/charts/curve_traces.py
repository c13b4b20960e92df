"""The lines, bands and marks of validation curves, as Plotly traces."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float64

from masklab.charts.curve_axes import Extent
from masklab.charts.palette import Look
from masklab.charts.plain import plain
from masklab.charts.thinning import kept

NEUTRAL = "#7A7F89"

Trace = dict[str, Any]
"""A scatter trace as Plotly's JSON has it; objects of `plotly.graph_objects` are checked twice over."""


def band(mine: pd.DataFrame, label: str, style: Look, most: int) -> list[Trace]:
    """Return the band from `low` to `high`, where there is more than one run."""
    mine = mine[(mine["n"] > 1) & mine["low"].notna()]
    if len(mine) == 0:
        return []
    mine = _thin(mine, most, "low", "high")
    return [
        _line(
            x=np.concatenate([_of(mine, "x"), _of(mine, "x")[::-1]]),
            y=np.concatenate([_of(mine, "high"), _of(mine, "low")[::-1]]),
            fill="toself",
            fillcolor=style.band(),
            line={"width": 0},
            mode="lines",
            hoverinfo="skip",
            legendgroup=label,
            showlegend=False,
        )
    ]


def members(mine: pd.DataFrame, label: str, style: Look, most: int, suffix: str) -> list[Trace]:
    """Return every run of a group as a thin line; one trace, broken between runs."""
    if len(mine) == 0:
        return []
    parts: list[Float64[np.ndarray, "point 4"]] = []
    values, run = _of(mine, "x", "score", "seed", "epoch"), mine["run_id"].to_numpy()
    starts = [0, *(np.flatnonzero(run[1:] != run[:-1]) + 1), len(run)]
    for first, end in itertools.pairwise(starts):
        line = values[first:end]
        parts += [line[kept(most, line[:, 1])], np.full((1, 4), np.nan)]
    lines = np.concatenate(parts)
    return [
        _line(
            x=lines[:, 0],
            y=lines[:, 1],
            customdata=lines[:, 2:],
            mode="lines",
            line={"color": style.colour, "width": 1},
            opacity=0.45,
            connectgaps=False,
            legendgroup=label,
            showlegend=False,
            hovertemplate=(
                f"{plain(label)}, seed %{{customdata[0]}}<br>epoch %{{customdata[1]}}, "
                f"%{{y:.4~g}}{suffix}<extra></extra>"
            ),
        )
    ]


def raw(mine: pd.DataFrame, label: str, style: Look, most: int) -> list[Trace]:
    """Return the mean before smoothing, faint."""
    if len(mine) == 0:
        return []
    mine = _thin(mine, most, "mean")
    return [
        _line(
            x=_of(mine, "x"), y=_of(mine, "mean"), mode="lines", line={"color": style.colour, "width": 1},
            opacity=0.3, hoverinfo="skip", legendgroup=label, showlegend=False,
        )
    ]  # fmt: skip


def lines(  # noqa: PLR0913, PLR0917 - a line and its words
    mine: pd.DataFrame, label: str, name: str, style: Look, most: int, suffix: str
) -> list[Trace]:
    """Return the mean: full where all seeds stand behind it, faint where some have stopped."""
    whole = mine[mine["n"] == mine["n"].max()]
    rest = mine[mine["epoch"] >= whole["epoch"].max()]
    whole, rest = _thin(whole, most, "mean"), _thin(rest, most, "mean")
    facts = ["epoch", "n", "min", "max"]
    shared: dict[str, Any] = {
        "mode": "lines",
        "legendgroup": label,
        "hovertemplate": (
            f"{plain(label)}, epoch %{{customdata[0]}}<br>%{{y:.4~g}}{suffix}"
            "<br>mean of %{customdata[1]}, %{customdata[2]:.4~g} to %{customdata[3]:.4~g}"
            "<extra></extra>"
        ),
    }
    line = {"color": style.colour, "dash": style.dash, "width": 2.5}
    traces = [
        _line(
            x=_of(whole, "x"),
            y=_of(whole, "mean"),
            customdata=_of(whole, *facts),
            line=line,
            name=name,
            **shared,
        )
    ]
    if len(rest) > 1:
        faint = {**shared, "opacity": 0.4, "showlegend": False}
        data = _of(rest, *facts)
        traces.append(
            _line(x=_of(rest, "x"), y=_of(rest, "mean"), customdata=data, line=line, **faint)
        )
    return traces


def best(mine: pd.DataFrame, label: str, style: Look, suffix: str) -> list[Trace]:
    """Return a mark at the best epoch of each run."""
    if len(mine) == 0:
        return []
    return [
        _line(
            x=_of(mine, "x"),
            y=_of(mine, "score"),
            customdata=_of(mine, "seed", "epoch"),
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
                f"{plain(label)}, seed %{{customdata[0]}}: best epoch %{{customdata[1]}}"
                f"<br>%{{y:.4~g}}{suffix}<extra></extra>"
            ),
        )
    ]


def unfinished(
    runs: pd.DataFrame, looks: Mapping[str, Look], most: int, suffix: str
) -> list[Trace]:
    """Return the runs that don't count in the means as dotted lines, each with its status."""
    traces = []
    for (label, seed, status, _), every in runs.groupby(
        ["strategy", "seed", "status", "run_id"], sort=False
    ):
        style, run = looks[str(label)], _thin(every, most, "score")
        end = [""] * (len(run) - 1) + [str(status)]
        traces.append(
            _line(
                x=_of(run, "x"),
                y=_of(run, "score"),
                customdata=_of(run, "epoch"),
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
                    f"{plain(str(label))}, seed {seed}: {status}, not in the mean"
                    f"<br>epoch %{{customdata}}, %{{y:.4~g}}{suffix}<extra></extra>"
                ),
            )
        )
    return traces


def levels(baselines: Mapping[str, float], extent: Extent, suffix: str) -> list[Trace]:
    """Return the naive baselines that lie on the picture, as dashed lines with their names."""
    traces: list[Trace] = []
    edge = extent.y
    span, before = edge.high - edge.low, float("-inf")
    for name, level in sorted(baselines.items(), key=lambda item: item[1]):
        if not edge.holds(level):
            continue
        crowded = level - before < 0.06 * span
        words = name.replace("_", " ")
        traces.append(
            _line(
                x=[extent.left, extent.right],
                y=[level, level],
                mode="lines+text",
                text=["", words] if not crowded else [words, ""],
                textposition="top left" if not crowded else "top right",
                textfont={"size": 12},
                line={"color": NEUTRAL, "dash": "dash", "width": 1.2},
                name="naive baselines\u2003",  # other fonts are wider: room for them in exports
                legendgroup="naive",
                showlegend=not traces,
                hovertemplate=f"{words} (no network)<br>%{{y:.4~g}}{suffix}<extra></extra>",
            )
        )
        before = level
    return traces


def _line(**properties: Any) -> Trace:
    return {"type": "scatter", **properties}


def _of(frame: pd.DataFrame, *columns: str) -> Float64[np.ndarray, "..."]:
    """Return a column, or several side by side; Plotly takes arrays as they are, and looks into lists."""
    values = frame[columns[0]] if len(columns) == 1 else frame[list(columns)]
    return values.to_numpy(np.float64)


def _thin(frame: pd.DataFrame, most: int, *columns: str) -> pd.DataFrame:
    if len(frame) <= most:
        return frame
    return frame.iloc[kept(most, *(frame[one].to_numpy(np.float64) for one in columns))]
