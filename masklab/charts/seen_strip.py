"""A strip along the clock: each window's usable share, and where windows drop out and why (Plotly)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Int64

from masklab.charts.lane import axis_clock
from masklab.charts.plain import plain
from masklab.charts.ribbon import Stretch, add_ribbon
from masklab.data.series import Panel
from masklab.masks.mask import runs
from masklab.split import PART_NAMES
from masklab.training.seen_bins import Bins

USABLE_SCALE = ((0.0, "#E69F00"), (0.5, "#B8BCC4"), (1.0, "#0072B2"))
"""From nothing usable to all: orange to blue, told apart by colour-blind readers, on both themes."""
LANE, TOP, BOTTOM, BAND = 52, 48, 48, 20
LEAST = 92
"""Pixels inside the axes at least, so that the colour bar has room."""
APART = 6
"""Bins between two marks of one reason at least."""


@dataclass(frozen=True)
class _Reason:
    """How windows left out for one reason are marked: not by colour alone."""

    name: str
    counts: str
    symbol: str
    dash: str
    words: str


_REASONS = (
    _Reason("nothing usable", "unusable", "x-thin-open", "solid", "windows without an observed step"),
    _Reason("nothing scored", "unscored", "diamond-open", "dash", "windows without a scored target"),
    _Reason("no room for a window", "unfit", "line-ns-open", "dot", "rows too near a gap or an end"),
)  # fmt: skip


def seen_strip(
    panel: Panel, found: Bins, parts: Sequence[Sequence[Stretch]], ink: str
) -> go.Figure:
    """Return the figure, a lane for each series; `parts`: the stretches of each one's split."""
    lanes = len(found.series)
    x = _rising(axis_clock(panel, found.edges))
    figure = go.Figure()
    for lane in range(lanes):
        figure.add_trace(_share(panel, found, lane, x))
    for reason in _REASONS:
        figure.add_traces(_marks(panel, found, reason, x, ink))
    window = (found.edges[0], found.edges[-1])
    inside = max(LEAST, lanes * LANE + BAND)
    alike = all(one == parts[0] for one in parts)
    if alike:
        add_ribbon(figure, panel, parts[0], window, BAND * 0.9 / inside)
    figure.update_layout(
        height=inside + TOP + BOTTOM,
        margin={"l": 12, "r": 12, "t": TOP, "b": BOTTOM},
        legend={
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "itemsizing": "constant",
            "font": {"color": ink},
        },
        coloraxis={
            "colorscale": [list(one) for one in USABLE_SCALE],
            "cmin": 0,
            "cmax": 1,
            "colorbar": {
                "title": {"text": "usable", "font": {"color": ink}},
                "tickvals": [0, 0.5, 1],
                "ticktext": ["0 %", "50 %", "100 %"],
                "thickness": 12,
                "lenmode": "pixels",
                "len": 96,
                "tickfont": {"color": ink},
            },
        },
        xaxis={"title": _clock_title(panel), "showgrid": False, "range": [x[0], x[-1]]},
        yaxis={
            "range": [lanes - 0.4, -0.5 - BAND / LANE],
            "tickvals": list(range(lanes)),
            "ticktext": [_name(panel, found, parts, lane, alike=alike) for lane in range(lanes)],
            "automargin": True,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
        },
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    figure.update_annotations(font_color=ink)
    return figure


def _name(
    panel: Panel, found: Bins, parts: Sequence[Sequence[Stretch]], lane: int, *, alike: bool
) -> str:
    name = panel.names[found.series[lane]]
    short = plain(name if len(name) <= 14 else name[:13] + "…")
    return short if alike else f"{short}<br>{PART_NAMES[parts[lane][0].part]}"


def _share(panel: Panel, found: Bins, lane: int, x: np.ndarray) -> go.Heatmap:
    share = found.share[lane]
    return go.Heatmap(
        x=x,
        y=[lane - 0.42, lane + 0.14],
        z=[np.where(np.isnan(share), None, share)],
        text=[[_told(found, lane, at) for at in range(len(share))]],
        coloraxis="coloraxis",
        hoverongaps=False,
        hovertemplate=f"{plain(panel.names[found.series[lane]])}, from %{{x}}<br>%{{text}}<extra></extra>",
    )


def _told(found: Bins, lane: int, at: int) -> str:
    used = int(found.used[lane, at])
    out = [
        f"{int(getattr(found, reason.counts)[lane, at]):,} {reason.words}"
        for reason in _REASONS
        if getattr(found, reason.counts)[lane, at]
    ]
    said = f"{used:,} windows begin here, usable share {100 * found.share[lane, at]:.1f} %"
    return "<br>".join([said, *out])


def _marks(panel: Panel, found: Bins, reason: _Reason, x: np.ndarray, ink: str) -> list[go.Scatter]:
    """Return one trace: a line under each stretch of bins that lose windows, a symbol in its middle."""
    counts: Int64[np.ndarray, "series bin"] = getattr(found, reason.counts)
    shown = _chief(found, reason)
    places: list[object] = []
    heights: list[float | None] = []
    sizes: list[int] = []
    said: list[str] = []
    for lane in range(len(found.series)):
        marked = -APART
        for first, end in runs(shown[lane]):
            middle = (first + end) // 2
            lost = int(counts[lane, first:end].sum())
            told = f"{plain(panel.names[found.series[lane]])}: {lost:,} {reason.words}"
            places += [x[first], x[middle], x[end], None]
            heights += [lane + 0.3, lane + 0.3, lane + 0.3, None]
            sizes += [0, 9 if middle - marked >= APART else 0, 0, 0]
            marked = middle if middle - marked >= APART else marked
            said += [told, told, told, ""]
    return [
        go.Scatter(
            x=places,
            y=heights,
            mode="lines+markers",
            name=reason.name,
            line={"color": ink, "width": 2, "dash": reason.dash},
            marker={
                "symbol": reason.symbol,
                "size": sizes,
                "color": ink,
                "opacity": 1,
                "line": {"width": 1.5, "color": ink},
            },
            text=said,
            hovertemplate="%{text}<extra></extra>",
            showlegend=bool(places),
        )
    ]


def _chief(found: Bins, reason: _Reason) -> Bool[np.ndarray, "series bin"]:
    """Return the bins of which this is the reason to mark: what the mask does before what the clock does."""
    if reason.counts != "unfit":
        other = found.unscored if reason.counts == "unusable" else found.unusable
        mine = getattr(found, reason.counts)
        more = mine >= other if reason.counts == "unusable" else mine > other
        return np.asarray((mine > 0) & more)
    begun = found.used + found.unusable + found.unscored
    return np.asarray((found.unfit > 0) & (begun == 0))


def _rising(x: np.ndarray) -> np.ndarray:
    """Return edges that never go back, as local time does where summer time ends."""
    return np.asarray(np.maximum.accumulate(x))


def _clock_title(panel: Panel) -> str:
    if panel.clock_kind == "step":
        return "Step at which a window begins"
    return f"Time at which a window begins ({panel.timezone or 'zone not given'})"
