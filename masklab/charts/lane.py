"""One channel's lane in a picture: its line, its single points, its empty stretches, its far values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from jaxtyping import Bool, Shaped

from masklab.charts.minmax import Thinned
from masklab.charts.plain import plain
from masklab.charts.sparkline import LINE
from masklab.data.series import Panel

WASH, FAR = "rgba(128, 136, 144, 0.16)", "#E69F00"
MOST_STRETCHES, MOST_FAR = 300, 400


@dataclass(frozen=True, eq=False)
class Lane:
    """Where a channel is drawn: its Plotly y axis, and that axis' lowest and highest value."""

    panel: Panel
    channel: str
    axis: str
    low: float
    high: float

    @property
    def title(self) -> str:
        """Name and unit, for the axis."""
        unit = self.panel.units.get(self.channel, "")
        name = self.channel if len(self.channel) <= 16 else self.channel[:15] + "…"
        return f"{plain(name)}<br>{plain(unit)}" if unit else plain(name)

    @property
    def _unit(self) -> str:
        return plain(self.panel.units.get(self.channel, ""))

    def traces(self, line: Thinned) -> list[go.Scatter]:
        """Return the traces of the lane, from back to front."""
        x = axis_clock(self.panel, line.clock)
        value = f"{plain(self.channel)} %{{y:,.5~g}} {self._unit}"
        shared: dict[str, Any] = {
            "yaxis": self.axis,
            "name": self.channel,
            "hovertemplate": f"{value}<extra></extra>",
        }
        alone = line.lonely
        return [
            self._wash(line),
            go.Scatter(
                x=x,
                y=line.values,
                mode="lines",
                line={"color": LINE, "width": 1.3},
                connectgaps=False,
                **shared,
            ),
            go.Scatter(
                x=x[alone],
                y=line.values[alone],
                mode="markers",
                marker={"color": LINE, "size": 3},
                **shared,
            ),
            self._far(line, line.values > self.high, up=True),
            self._far(line, line.values < self.low, up=False),
        ]

    def _far(self, line: Thinned, outside: Bool[np.ndarray, "point"], *, up: bool) -> go.Scatter:
        """Return marks at the lane's edge for values beyond it, with the values on hover."""
        at = np.flatnonzero(outside)[:MOST_FAR]
        inset = 0.04 * (self.high - self.low)
        return go.Scatter(
            x=axis_clock(self.panel, line.clock)[at],
            y=np.full(len(at), self.high - inset if up else self.low + inset),
            yaxis=self.axis,
            mode="markers",
            marker={"color": FAR, "size": 8, "symbol": "triangle-up" if up else "triangle-down"},
            customdata=line.values[at],
            hovertemplate=f"{plain(self.channel)} %{{customdata:,.5~g}} {self._unit}, beyond the axis"
            "<extra></extra>",
        )

    def _wash(self, line: Thinned) -> go.Scatter:
        """Return one filled trace over the stretches without a value, the longest where many."""
        widths = np.diff(line.empty.astype(np.int64), axis=1)[:, 0]
        stretches = line.empty[np.sort(np.argsort(-widths)[:MOST_STRETCHES])]
        # Left low, left high, right high, right low, back again, and a break.
        corners = stretches[:, [0, 0, 1, 1, 0, 0]].reshape(-1)
        heights = [self.low, self.high, self.high, self.low, self.low, np.nan]
        return go.Scatter(
            x=axis_clock(self.panel, corners),
            y=np.tile(heights, len(stretches)),
            yaxis=self.axis,
            mode="lines",
            fill="toself",
            fillcolor=WASH,
            line={"width": 0},
            hoverinfo="skip",
        )


def axis_clock(panel: Panel, clock: Shaped[np.ndarray, "row"]) -> Shaped[np.ndarray, "row"]:
    """Return a clock as a picture's axis has it: times in the panel's zone, or numbers of steps."""
    if panel.clock_kind == "step":
        return np.asarray(clock, dtype="datetime64[us]").astype(np.int64) / 1e6
    return local_times(panel, clock).to_numpy()


def local_times(panel: Panel, clock: Shaped[np.ndarray, "row"]) -> pd.DatetimeIndex:
    """Return times of a panel in its own zone, written without the zone."""
    times = pd.DatetimeIndex(clock)
    if panel.timezone is None:
        return times
    return times.tz_localize("UTC").tz_convert(ZoneInfo(panel.timezone)).tz_localize(None)
