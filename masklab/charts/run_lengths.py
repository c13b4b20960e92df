"""How long hidden stretches are: shares of stretches by length, beside the file's own gaps (Plotly)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float64, Int64

from masklab.charts.palette import GREY, ORANGE

HEIGHT = 220
SINGLE = 12
"""Up to this longest length each has a bar of its own; beyond, lengths double from bar to bar."""
_MOST_TICKS = 6
_MANY = 10_000_000
_UNITS = (("d", 86_400.0), ("h", 3_600.0), ("min", 60.0), ("s", 1.0), ("ms", 1e-3))
_LOOKS = ((ORANGE, "/"), (GREY, ""))

Bins = list[tuple[int, int]]


@dataclass(frozen=True, eq=False)
class Lengths:
    """Stretches by length: each length in steps that occurs, how often, and what its share is of."""

    steps: Int64[np.ndarray, "length"]
    counts: Int64[np.ndarray, "length"]
    weights: Float64[np.ndarray, "length"]

    @classmethod
    def of(
        cls,
        stretches: Int64[np.ndarray, "run"],
        weights: Float64[np.ndarray, "run"] | None = None,
    ) -> Lengths:
        """Return the lengths of stretches; with weights, some stand for more than others."""
        if int(stretches.max(initial=0)) > _MANY:
            steps, place = np.unique(stretches, return_inverse=True)
        else:
            steps, place = np.arange(stretches.max(initial=0) + 1), stretches  # ten times as fast
        counts = np.bincount(place, minlength=len(steps))
        weighed = counts if weights is None else np.bincount(place, weights, len(steps))
        held = counts > 0
        return cls(steps[held], counts[held], np.asarray(weighed[held], dtype=np.float64))

    @property
    def count(self) -> int:
        """The number of stretches."""
        return int(self.counts.sum())

    @property
    def longest(self) -> int:
        """The longest length; 0 without any stretch."""
        return int(self.steps.max(initial=0))

    @property
    def mean(self) -> float:
        """The mean length; 0 without any stretch."""
        total = float(self.weights.sum())
        return float(self.steps @ self.weights) / total if total else 0.0

    def within(self, places: Bins) -> tuple[list[int], list[float]]:
        """Return how many stretches each of these bars holds, and what share of all, in per cent."""
        bar = np.searchsorted([last for _, last in places], self.steps)
        counts = np.bincount(bar, self.counts, len(places)).astype(np.int64)
        weights = np.bincount(bar, self.weights, len(places))
        return counts.tolist(), (100 * weights / (weights.sum() or 1.0)).tolist()


def bins(longest: int) -> Bins:
    """Return the first and last length of each bar: single lengths, or twice as many each time."""
    if longest <= SINGLE:
        return [(length, length) for length in range(1, longest + 1)]
    return [(2**power, 2 ** (power + 1) - 1) for power in range(longest.bit_length())]


def run_length_chart(
    lengths: Mapping[str, Lengths], *, step_seconds: float | None, about: bool, ink: str
) -> go.Figure:
    """Return the shares of stretches by length in steps, a colour for each of at most two names.

    `step_seconds`: the time of one step, None where the data counts steps; `about`: whether that
    is a median of unequal ones. `ink`: colour of the words. Without any stretch, empty axes.
    """
    places = bins(max((one.longest for one in lengths.values()), default=0))
    figure = go.Figure()
    for (name, one), (colour, pattern) in zip(lengths.items(), _LOOKS, strict=False):
        figure.add_trace(_bars(name, one, places, step_seconds, colour, pattern))
    shown = range(0, len(places), -(-len(places) // _MOST_TICKS) or 1)
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        bargap=0.15,
        showlegend=len(lengths) > 1,
        legend={"orientation": "h", "yanchor": "bottom", "y": 1.0, "x": 0, "title": None},
        xaxis={
            "title": {"text": _axis_title(step_seconds, about=about)},
            "tickvals": list(shown),
            "ticktext": [_tick(places[place], step_seconds) for place in shown],
            "tickangle": 0,
            "fixedrange": True,
        },
        yaxis={"title": {"text": "Stretches (%)"}, "rangemode": "tozero", "fixedrange": True},
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font={"color": ink, "size": 12}, tickfont={"color": ink, "size": 11})
    figure.update_layout(legend_font={"color": ink, "size": 12})
    return figure


def _bars(  # noqa: PLR0913, PLR0917 (a trace and its look)
    name: str,
    lengths: Lengths,
    places: Bins,
    step_seconds: float | None,
    colour: str,
    pattern: str,
) -> go.Bar:
    counts, shares = lengths.within(places)
    told = [
        f"{_span(*place)} step{'' if place == (1, 1) else 's'}{_in_time(place, step_seconds)}"
        f"<br>{share:.1f} % of stretches: {count:,} of {lengths.count:,}"
        for place, count, share in zip(places, counts, shares, strict=True)
    ]
    return go.Bar(
        x=list(range(len(places))),
        y=shares,
        name=name,
        customdata=told,
        hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        marker={
            "color": colour,
            "line": {"color": colour, "width": 1},
            "pattern": {"shape": pattern, "size": 6, "fgopacity": 0.7, "fillmode": "overlay"},
        },
    )


def _axis_title(step_seconds: float | None, *, about: bool) -> str:
    if step_seconds is None:
        return "Length (steps)"
    return f"Length (steps of {'about ' if about else ''}{short_time(step_seconds)})"


def _tick(place: tuple[int, int], step_seconds: float | None) -> str:
    time = "" if step_seconds is None else f"<br>{short_time(place[0] * step_seconds)}"
    return f"{_span(*place)}{time}{'' if step_seconds is None or place[0] == place[1] else ' +'}"


def _in_time(place: tuple[int, int], step_seconds: float | None) -> str:
    if step_seconds is None:
        return ""
    first, last = (short_time(length * step_seconds) for length in place)
    return f" ({first})" if first == last else f" ({first} to {last})"


def _span(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


def short_time(seconds: float) -> str:
    """Return a time in the largest unit that it fills: '10 min', '1.3 h', '2.7 d'."""
    unit, size = next(
        ((unit, size) for unit, size in _UNITS if seconds >= size), (_UNITS[-1][0], _UNITS[-1][1])
    )
    count = seconds / size
    return f"{count:,.0f} {unit}" if count >= 100 else f"{count:.2g} {unit}"
