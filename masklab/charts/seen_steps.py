"""A heat map of windows by steps: what of each step is usable, and what the strategy does there."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from masklab.charts.plain import plain
from masklab.charts.seen_strip import USABLE_SCALE
from masklab.split import PART_NAMES
from masklab.training.seen import Seen
from masklab.training.seen_bins import Sampled
from masklab.training.seen_words import step_words, steps_words

ROW, TOP, BOTTOM = 9, 8, 48


def seen_steps(
    seen: Seen, found: Sampled, begins: Sequence[str], names: Sequence[str], ink: str
) -> go.Figure:
    """Return the figure; `begins`: when each window begins, in words. `names`: those of the series.

    Colour is the share of a column's cells that may be read; for a strategy that skips steps, that
    of its steps. Windows left out have a cross at their end.
    """
    skips = seen.strategy.collapsed_by is not None
    whole = found.widths * (1 if skips else seen.channels)
    share = (found.steps if skips else found.cells) / whole
    rows = len(begins)
    column = np.arange(0, found.length, found.size) + 1
    figure = go.Figure(
        go.Heatmap(
            x=column,
            y=np.arange(rows),
            z=share,
            text=_words(seen, found),
            customdata=np.repeat(
                np.array([plain(one) for one in begins])[:, None], share.shape[1], axis=1
            ),
            zmin=0,
            zmax=1,
            colorscale=[list(one) for one in USABLE_SCALE],
            showscale=False,
            xgap=1 if len(column) <= 100 else 0,
            ygap=1,
            hovertemplate=f"%{{customdata}}<br>step {_steps(found)}: %{{text}}<extra></extra>",
        )
    )
    out = np.flatnonzero(~found.used)
    figure.add_trace(
        go.Scatter(
            x=np.full(len(out), column[-1] + 1.2 * found.size),
            y=out,
            mode="markers",
            marker={"symbol": "x", "size": 7, "color": ink},
            hovertemplate="left out: nothing to read, or nothing to score<extra></extra>",
            showlegend=False,
        )
    )
    ticks = _borders(seen, found, names)
    figure.update_layout(
        height=max(160, ROW * rows) + TOP + BOTTOM,
        margin={"l": 12, "r": 12, "t": TOP, "b": BOTTOM},
        xaxis={
            "title": "Step of the window",
            "showgrid": False,
            "range": [1 - 0.6 * found.size, column[-1] + 2 * found.size],
        },
        yaxis={
            "range": [rows - 0.5, -0.5],
            "tickvals": [at for at, _ in ticks],
            "ticktext": [name for _, name in ticks],
            "showgrid": False,
            "zeroline": False,
            "automargin": True,
        },
    )
    for axis in (figure.update_xaxes, figure.update_yaxes):
        axis(title_font_color=ink, tickfont_color=ink)
    return figure


def _steps(found: Sampled) -> str:
    return "%{x}" if found.size == 1 else f"%{{x}} and {found.size - 1} more"


def _words(seen: Seen, found: Sampled) -> list[list[str]]:
    said = []
    for row in range(len(found.starts)):
        columns = zip(
            found.widths.tolist(), found.steps[row].tolist(), found.cells[row].tolist(),
            found.hidden[row].tolist(), found.laid_in[row].tolist(), strict=True,
        )  # fmt: skip
        if found.size == 1:
            said.append(
                [
                    step_words(
                        seen.strategy, seen.channels, usable=bool(steps), cells=cells,
                        hidden=hidden, laid_in=bool(laid_in),
                    )
                    for _, steps, cells, hidden, laid_in in columns
                ]
            )  # fmt: skip
        else:
            said.append(
                [
                    steps_words(
                        seen.strategy, seen.channels, width=width, usable=steps, cells=cells,
                        hidden=hidden,
                    )
                    for width, steps, cells, hidden, _ in columns
                ]
            )  # fmt: skip
    return said


def _borders(seen: Seen, found: Sampled, names: Sequence[str]) -> list[tuple[int, str]]:
    """Return the first window of each stretch of one series and part, with their names."""
    series = seen.laid.layout.series[found.starts]
    changes = np.flatnonzero(np.diff(series * 3 + found.part, prepend=-1))
    several = len(names) > 1

    def name(at: int) -> str:
        own = f"{plain(names[series[at]][:12])} " if several else ""
        return own + PART_NAMES[found.part[at]]

    return [(int(at), name(int(at))) for at in changes]
