"""What the inspector's canvas is sent: a window, a panel of numbers for each strategy."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from masklab.charts.palette import look
from masklab.inspector.trace import Trace
from masklab.inspector.window import SERVED, Output, Window
from masklab.ui.painter.payload import packed

_HIDDEN_BY_TIME = ("i", "f", "g", "o", "c", "h")


def picture(
    window: Window, traces: Sequence[Trace], output: Output, *, trained: bool
) -> dict[str, Any]:
    """Return window, panels and the marked output, with a revision that names the numbers."""
    panels = [_panel(trace, window, trained=trained) for trace in traces]
    told = {"window": _window(window), "panels": panels, "output": vars(output)}
    revision = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    return {**told, "revision": revision}


def _window(window: Window) -> dict[str, Any]:
    native = np.concatenate((window.native, ~np.isnan(window.truth)))
    values = window.original(np.concatenate((window.values, window.truth)))
    shown = np.where(native, values, np.nan).astype(np.float32)
    return {
        "steps": window.steps,
        "horizon": window.horizon,
        "times": list(window.times),
        "channels": [
            {"name": name, "unit": unit}
            for name, unit in zip(window.channels, window.units, strict=True)
        ],
        "values": _grid(shown),
        "native": window.native.tolist(),
        "base": window.observed.tolist(),
    }


def _panel(trace: Trace, window: Window, *, trained: bool) -> dict[str, Any]:
    read = window.original(trace.features[:, : len(window.channels)])
    grids = {name: getattr(trace, name) for name in _HIDDEN_BY_TIME}
    grids |= {
        "features": trace.features,
        "gradient": trace.gradient,
        "by_feature": trace.by_feature,
        "prediction": window.original(trace.prediction).astype(np.float32),
        # A skipped step reads nothing.
        "read": np.where(trace.usable[:, None], read, np.nan).astype(np.float32),
    }
    kind = trace.strategy.partition("(")[0]
    return {
        "kind": trace.strategy,
        "title": SERVED[kind].title,
        "colour": look(trace.strategy).colour,
        "trained": trained,
        "names": list(trace.names),
        "weights": packed(trace.weights),
        "fades": {name: _grid(curve) for name, curve in trace.fades.items()},
        **{name: _grid(one) for name, one in grids.items()},
    }


def _grid(numbers: Float32[np.ndarray, "row column"]) -> dict[str, Any]:
    return {"data": packed(numbers.astype(np.float32)), "columns": numbers.shape[1]}
