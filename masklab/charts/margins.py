"""Margins that a picture needs from the first: Plotly then draws it once.

With smaller ones it draws every line, sees that words don't fit, and draws every line again.
"""

from __future__ import annotations

import plotly.graph_objects as go

LINE = 29
"""Pixels that a line of the legend is high."""
_LEFT, _BELOW = 67, 63
"""Pixels that the axes' numbers and titles take."""
_ACROSS = 564
"""Pixels that a line of the legend is wide where the window is 1280 wide."""


def legend_lines(figure: go.Figure, across: float = _ACROSS) -> int:
    """Return how many lines the legend takes that lies below a picture, as near as can be told."""
    lines, taken = 0, across
    for trace in figure.data:
        if trace.showlegend is False or (len(figure.data) == 1 and not trace.showlegend):
            continue
        width = 35 + 5 * len(trace.name or "")
        if taken + width > across:
            lines, taken = lines + 1, 0.0
        taken += width
    return lines


def margin(lines: int, *, above: float = 8) -> dict[str, float]:
    """Return the margins of a picture with titles on its axes and a legend of so many lines below."""
    return {"l": _LEFT, "r": 8, "t": above, "b": _BELOW + LINE * lines}
