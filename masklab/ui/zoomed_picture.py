"""A picture of a series that shows closer what one drags over, until one asks for all of it again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from masklab.charts.series_picture import Window
from masklab.data.series import Panel
from masklab.ui.data_picture import to_clock


def zoomed_picture(
    panel: Panel, series: int, figure: Callable[[Window | None], go.Figure], *, key: str, alt: str
) -> None:
    """Draw the figure of a window of time; None is all of what it shows at first.

    `key` begins the keys of what is drawn, and names what is kept of this tab's window.
    """
    window = _window(panel, series, key)
    chart = f"{key}.picture.{series}.{window}"
    st.plotly_chart(
        figure(window), key=chart, on_select=partial(_look_closer, panel, series, key, chart),
        selection_mode="box", width="stretch",
        config={"displaylogo": False, "modeBarButtons": [["toImage"]]}, alt=alt,
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        if window is not None:
            st.button(
                "Show all", icon=":material/zoom_out_map:", key=f"{key}.all",
                on_click=partial(_forget, key),
            )  # fmt: skip
        st.caption("Drag over the picture to look closer.")


def _window(panel: Panel, series: int, key: str) -> Window | None:
    kept = st.session_state.get(f"{key}.window")
    if kept is None or kept[:2] != (panel.content_hash, series):
        return None
    return np.datetime64(kept[2], "us"), np.datetime64(kept[3], "us")


def _look_closer(panel: Panel, series: int, key: str, chart: str) -> None:
    boxes = st.session_state[chart].get("selection", {}).get("box", [])
    edges = sorted(to_clock(panel, edge) for edge in (boxes[0].get("x", []) if boxes else []))
    if edges and edges[-1] > edges[0]:
        st.session_state[f"{key}.window"] = (panel.content_hash, series, edges[0], edges[-1])


def _forget(key: str) -> None:
    st.session_state.pop(f"{key}.window", None)
