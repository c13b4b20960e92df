"""The cells that runs are scored on, drawn on the data: in all of them, in some, and hidden ones.

Told apart without colour too: what all are scored on has a bar at its head, what only some are has
half the height and a bar at its foot, what is hidden has no bar.
"""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
from jaxtyping import UInt8

from masklab.charts.difference_picture import Kind, View, difference_picture
from masklab.charts.palette import GREEN, ORANGE
from masklab.compare.cell_kinds import CellKind
from masklab.data.series import Panel

_HIDDEN = Kind(CellKind.HIDDEN, "hidden by a mask", "rgba(128, 136, 144, 0.30)", (0.0, 1.0))
_SOME = Kind(
    CellKind.SOME, "scored in some experiments only", "rgba(230, 159, 0, 0.34)", (0.0, 0.5),
    ORANGE, (0.0, 0.07),
)  # fmt: skip
_SHARED = Kind(
    CellKind.SHARED,
    "scored in every run",
    "rgba(0, 158, 115, 0.26)",
    (0.0, 1.0),
    GREEN,
    (0.93, 1.0),
)


def scored_cells(
    panel: Panel, kinds: UInt8[np.ndarray, "row channel"], view: View, *, several: bool = False
) -> go.Figure:
    """Return the figure of one series; `several`: of more than one experiment."""
    shown = (_HIDDEN, _SOME, _SHARED) if several else (_HIDDEN, _SHARED)
    return difference_picture(panel, kinds, view, shown)
