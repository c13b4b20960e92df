"""The Data page's main picture: which series and channels, a closer look, and the figure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from masklab.charts.ribbon import stretches
from masklab.charts.series_picture import View, Window, series_picture
from masklab.data.inspect import DataReport
from masklab.data.series import Panel
from masklab.split import Split

CHANNELS_SHOWN = 4
_WINDOW = "data.window"


_GREY = "Grey: no value in the file. Orange: a value beyond the axis."


def picture(panel: Panel, report: DataReport, split: Split) -> None:
    """Draw the series; dragging over a stretch shows it closer."""
    data = panel.content_hash[:12]
    series, channels = _chosen(panel, report, data)
    window = _window(data, series)
    view = View(series, channels, stretches(panel, split, series), window, _ranges(report, panel))
    figure = _figure(panel, panel.content_hash, repr(view), view)
    chosen = st.plotly_chart(
        figure,
        key=f"data.picture.{data}.{series}.{window}",
        on_select="rerun",
        selection_mode="box",
        config={"displaylogo": False, "modeBarButtons": [["toImage"]]},
        alt=f"{', '.join(channels)} of {panel.names[series]} over time, broken where values are missing",
    )
    _look_closer(panel, data, series, chosen)
    hint = "Drag over the picture to look closer."
    if window is None:
        st.caption(f"{hint} {_GREY}")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Show all", icon=":material/zoom_out_map:", key="data.show_all"):
            st.session_state.pop(_WINDOW, None)
            st.rerun()
        st.caption(f"{hint} {_GREY}")


def _chosen(panel: Panel, report: DataReport, data: str) -> tuple[int, tuple[str, ...]]:
    """Return the series and channels to draw, asking only where there is a choice."""
    series, channels = 0, panel.channels
    many_series, many_channels = len(panel) > 1, len(channels) > CHANNELS_SHOWN
    if not many_series and not many_channels:
        return series, channels
    left, right = st.columns([0.3, 0.7]) if many_series and many_channels else (st, st)
    if many_series:
        series = left.selectbox(
            "Series",
            range(len(panel)),
            format_func=lambda n: panel.names[n],
            key=f"data.series.{data}",
        )
    if many_channels:
        chosen = right.multiselect(
            "Channels on screen",
            channels,
            default=_telling(report),
            max_selections=16,
            key=f"data.channels.{data}",
        )
        channels = tuple(chosen) or channels[:1]
    return series, channels


def _telling(report: DataReport) -> list[str]:
    """Return the first channel and those with the most missing cells, in the file's order."""
    table = report.missing
    others = table.iloc[1:].sort_values("missing", ascending=False, kind="stable")
    shown = {table["channel"].iloc[0], *others["channel"].head(CHANNELS_SHOWN - 1)}
    return [name for name in table["channel"] if name in shown]


def _window(data: str, series: int) -> Window | None:
    kept = st.session_state.get(_WINDOW)
    if kept is None or kept[:2] != (data, series):
        return None
    return np.datetime64(kept[2], "us"), np.datetime64(kept[3], "us")


def _look_closer(panel: Panel, data: str, series: int, chosen: Any) -> None:
    boxes = chosen.get("selection", {}).get("box", []) if chosen else []
    if not boxes or len(boxes[0].get("x", [])) < 2:
        return
    edges = sorted(to_clock(panel, edge) for edge in boxes[0]["x"])
    start, end = int(edges[0]), int(edges[-1])
    if end > start:
        st.session_state[_WINDOW] = (data, series, start, end)
        st.rerun()


def to_clock(panel: Panel, edge: Any) -> int:
    """Return a place on the time axis in microseconds of the panel's clock."""
    if panel.clock_kind == "step":
        return round(float(edge) * 1e6)
    time = pd.Timestamp(edge)
    if panel.timezone is not None:
        local = time.tz_localize(panel.timezone, ambiguous=False, nonexistent="shift_forward")
        time = local.tz_convert("UTC").tz_localize(None)
    return int(time.value // 1000)  # `value` is in nanoseconds whatever the unit


def _ranges(report: DataReport, panel: Panel) -> dict[str, tuple[float, float]]:
    """Return the range of the rest for channels that hold codes or single far values."""
    ranges: dict[str, tuple[float, float]] = {}
    for one in (*report.sentinels, *report.outliers):
        low, high = ranges.get(one.channel, (-np.inf, np.inf))
        ranges[one.channel] = (max(low, one.lowest), min(high, one.highest))
    return ranges


@st.cache_resource(show_spinner=False, max_entries=24)
def _figure(_panel: Panel, content: str, view: str, _view: View) -> go.Figure:
    return series_picture(_panel, _view)
