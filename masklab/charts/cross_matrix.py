"""A heat map of scores: trained under a mask (rows), scored under another (columns) (Plotly)."""

from __future__ import annotations

import textwrap

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from masklab.charts.plain import plain

ROW, TOP, BOTTOM = 34, 12, 128
SCALE = ((0.0, "#EAF2FB"), (0.5, "#F4D9A0"), (1.0, "#E69F00"))
"""From pale blue to orange, ever darker: told apart by colour-blind readers, each behind dark words."""
WORDS = "#1A1D21"
_ROOM = 70
"""Letters that fit beside each other under all columns."""
_UPRIGHT = 9
"""More columns than this have their names turned."""


def cross_matrix(found: pd.DataFrame, naive: pd.DataFrame, *, metric: str, ink: str) -> go.Figure:
    """Return the figure of `other_masks.table` and `naive_table`; a number stands in each cell.

    `found` has a column `row`: how each row is called. Naive baselines are the last rows. `metric`:
    the score with its unit. A lower score is better and paler.
    """
    masks = list(dict.fromkeys(found["mask"]))
    hidden = dict(zip(found["mask"], found["hidden"], strict=True))
    names, scores, words = [], [], []
    for row, mine in found.groupby("row", sort=False):
        by_mask = mine.set_index("mask")
        names.append(plain(str(row)))
        scores.append([_at(by_mask, mask, "mean") for mask in masks])
        words.append([_told(by_mask, mask) for mask in masks])
    for baseline, mine in naive.groupby("baseline", sort=False):
        by_mask = mine.set_index("mask")
        names.append(f"<i>{plain(str(baseline).replace('_', ' '))}, naive</i>")
        scores.append([_at(by_mask, mask, "score") for mask in masks])
        words.append(["no network" for _ in masks])
    figure = go.Figure(
        go.Heatmap(
            x=[_wrapped(mask, hidden[mask], len(masks)) for mask in masks],
            y=names,
            z=scores,
            customdata=words,
            texttemplate="%{z:.3g}",
            colorscale=[list(one) for one in SCALE],
            textfont={"color": WORDS},
            xgap=2,
            ygap=2,
            colorbar={
                "title": {"text": metric, "font": {"color": ink}},
                "thickness": 12,
                "tickfont": {"color": ink},
            },
            hovertemplate="%{y}<br>under %{x}<br>"
            f"{metric} %{{z:.4g}}, %{{customdata}}<extra></extra>",
        )
    )
    figure.update_layout(
        height=ROW * len(names) + TOP + BOTTOM,
        margin={"l": 12, "r": 12, "t": TOP, "b": BOTTOM},
        xaxis={
            "title": "Mask scored under (share of the input hidden)",
            "showgrid": False,
            "tickangle": 0 if len(masks) <= _UPRIGHT else -90,
            "automargin": True,
        },
        yaxis={
            "title": "Strategy, as trained",
            "autorange": "reversed",
            "automargin": True,
            "showgrid": False,
        },
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    return figure


def _at(by_mask: pd.DataFrame, mask: str, column: str) -> float:
    return float(by_mask[column].get(mask, np.nan))


def _told(by_mask: pd.DataFrame, mask: str) -> str:
    if mask not in by_mask.index:
        return "not scored"
    seeds = int(by_mask["n"][mask])
    low, high = float(by_mask["min"][mask]), float(by_mask["max"][mask])
    return f"{seeds} seeds, {low:.4g} to {high:.4g}" if seeds > 1 else "1 seed"


def _wrapped(mask: str, hidden: float, columns: int) -> str:
    """Return a mask's name on short lines, its share on the last."""
    width = max(7, _ROOM // columns) if columns <= _UPRIGHT else 24
    lines = textwrap.wrap(mask.replace(" %", "\u00a0%"), width, max_lines=5, placeholder="…")
    return "<br>".join([*(plain(one) for one in lines), f"({100 * hidden:.0f} %)"])
