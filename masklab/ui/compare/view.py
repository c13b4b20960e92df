"""What a reader does in the picture itself: zoom, and groups that the legend switches off.

Streamlit draws a Plotly chart from scratch whenever anything in it changes. A small component tells
Python of zoom and legend; the next picture begins with them, and nothing is drawn anew for them.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from masklab.charts.curve_axes import Window
from masklab.ui import in_order
from masklab.ui.compare.address import keep

_KEY, _VIEW, _DRAWN, _TURN = (
    "compare.view", "compare.view.state", "compare.view.drawn", "compare.view.turn"
)  # fmt: skip

_JS = """
const known = new WeakMap();

function tell(component, chart) {
  const layout = chart._fullLayout;
  if (!layout || !layout.xaxis) return;
  const hidden = new Set();
  for (const trace of chart.data || []) {
    if (trace.visible === 'legendonly' && trace.legendgroup) hidden.add(trace.legendgroup);
  }
  const state = known.get(component.parentElement);
  const text = JSON.stringify([state.zoomed ? [...layout.xaxis.range, ...layout.yaxis.range] : null, [...hidden]]);
  if (text === state.told) return;
  state.told = text;
  const [window_, off] = JSON.parse(text);
  component.setStateValue('view', { scale: component.data.scale, window: window_, hidden: off });
}

function attach(component, chart) {
  const state = known.get(component.parentElement);
  if (state.chart === chart || !chart.on) return;
  state.chart = chart;
  state.zoomed = component.data.zoomed;
  state.told = '';
  chart.on('plotly_doubleclick', () => {
    state.fitted = performance.now();
    state.zoomed = false;
    setTimeout(() => tell(state.component, chart), 60);
  });
  chart.on('plotly_relayout', change => {
    if (!Object.keys(change).some(name => /^[xy]axis\\.(range|autorange)/.test(name))) return;
    state.zoomed = performance.now() - (state.fitted || -1e9) > 500;
    setTimeout(() => tell(state.component, chart), 60);
  });
  chart.on('plotly_restyle', () => setTimeout(() => tell(state.component, chart), 60));
}

export default inOrder((component) => {
  const { parentElement } = component;
  const state = known.get(parentElement) || {};
  state.component = component;
  known.set(parentElement, state);
  const look = () => {
    const chart = document.querySelector('.st-key-' + state.component.data.chart + ' .js-plotly-plot');
    if (chart) attach(state.component, chart);
  };
  look();
  if (!state.timer) state.timer = setInterval(look, 150);
  return () => {
    if (parentElement.isConnected) return; // a call that a newer one overtook is cleaned up too
    clearInterval(state.timer);
    known.delete(parentElement);
  };
});
"""


@dataclass(frozen=True)
class View:
    """The part of the picture that is looked at, None for all of it, and what the legend hides."""

    window: Window | None = None
    hidden: tuple[str, ...] = ()


def view(scale: str) -> View:
    """Return what is looked at; `scale` names the axes: a window of others is forgotten.

    It begins as the address says and is kept there.
    """
    state = st.session_state
    if _VIEW not in state:
        asked = st.query_params.get("zoom", ""), st.query_params.get("hidden", "")
        state[_VIEW] = (
            scale,
            View(_window(asked[0].split("_")), tuple(filter(None, asked[1].split("~")))),
        )
    of: str
    found: View
    of, found = state[_VIEW]
    if of != scale:
        found = View(None, found.hidden)
        state[_VIEW] = (scale, found)
    keep("zoom", "_".join(f"{one:.6g}" for one in found.window or ()))
    keep("hidden", "~".join(found.hidden))
    return found


def listen(chart: str, scale: str, found: View) -> None:
    """Draw the component that listens to the chart in the container of key `chart`."""
    _component()(
        key=_KEY,
        data=in_order.numbered(
            _KEY, {"chart": chart, "scale": scale, "zoomed": found.window is not None}
        ),
        on_view_change=_changed,
        width="content",
        height="content",
    )


def fit() -> None:
    """Show the whole picture again."""
    scale, found = st.session_state[_VIEW]
    st.session_state[_VIEW] = (scale, View(None, found.hidden))
    st.session_state.pop(_DRAWN, None)


def drawn(what: Hashable) -> tuple[go.Figure, View] | None:
    """Return the picture of `what` and the view that it began with, if it is the one on screen."""
    kept: tuple[Hashable, go.Figure, View] | None = st.session_state.get(_DRAWN)
    return kept[1:] if kept is not None and kept[0] == what else None


def remember(what: Hashable, figure: go.Figure, began: View) -> None:
    """Keep the picture that is put on screen."""
    st.session_state[_DRAWN] = (what, figure, began)
    st.session_state[_TURN] = turn() + 1


def turn() -> int:
    """Return how many pictures this tab has seen."""
    count: int = st.session_state.get(_TURN, 0)
    return count


def _changed() -> None:
    told: Any = st.session_state[_KEY].get("view")
    scale, _ = st.session_state.get(_VIEW, ("", View()))
    if not isinstance(told, dict) or told.get("scale") != scale:
        return
    window = _window(told.get("window") or ())
    hidden = tuple(str(one) for one in told.get("hidden") or ())
    st.session_state[_VIEW] = (scale, View(window, hidden))


def _window(told: Any) -> Window | None:
    try:
        low, high, bottom, top = (float(one) for one in told)
    except (TypeError, ValueError):
        return None
    fits = all(map(math.isfinite, (low, high, bottom, top))) and low < high and bottom < top
    return (low, high, bottom, top) if fits else None


def _component() -> Any:
    return st.components.v2.component(
        "masklab_view", html="<span></span>", js=f"{in_order.script()}\n{_JS}"
    )
