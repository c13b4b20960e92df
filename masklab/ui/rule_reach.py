"""How far a rule's number can be dragged: its own bounds, or what the data holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import streamlit as st
from pydantic.fields import FieldInfo

from masklab.data.series import Panel
from masklab.masks.layers import Layer
from masklab.ui.forms import bounds, extra, shape_of
from masklab.ui.live_slider import Reach

SHORT = 100.0
"""Bounds this close together are a slider's ends as they are."""
_LONG = 3.0
"""The power by which a slider over many steps is finer at its low end."""


def reach_of(layer: Layer, name: str, field: FieldInfo, panel: Panel) -> Reach | None:
    """Return how far a number of a layer's rule can be dragged over this data; None if nowhere.

    A share goes from 0 to 100 %, a number of steps up to half of the longest series, a number
    without bounds over the values of the channels that it is about, one that is bounded by 0 alone
    over the width of their range; a rule may know better. A seed is no size.
    """
    low, high = bounds(field)
    whole = shape_of(field).base is int
    said = extra(field)
    if said.get("unit") == "%":
        return Reach(0.0, 100.0, 0.1, " %")
    if name == "seed" or shape_of(field).base not in (int, float):
        return None
    ends = _ends_of(layer, panel)
    span = ends[1] - ends[0] if ends and math.isfinite(ends[1] - ends[0]) else 0.0
    own = layer.rule.sweep(name, panel, span)
    if own is None and math.isinf(low) and math.isinf(high):
        return _over_values(ends, name)
    if own is None and math.isinf(high):
        own = (low, low + span, 0.0)
    return _from_zero(*own) if own else _between(low, high, whole, said, panel)


def _between(
    low: float, high: float, whole: bool, said: dict[str, Any], panel: Panel
) -> Reach | None:
    """Return what the field's own bounds are worth on this data."""
    if math.isfinite(low) and high - low <= SHORT:
        return Reach(low, high, 1 if whole else said.get("step", (high - low) / 200))
    if said.get("unit") not in ("steps", "samples", "cells"):
        return None
    longest = max(int(np.diff(panel.offsets).max()) // 2, int(low) + 2)
    return Reach(low, min(high, longest), 1, f" {said['unit']}", curve=_LONG)


def _from_zero(low: float, high: float, step: float) -> Reach | None:
    """Return a slider that is finer at its low end; None where both ends are one."""
    if not low < high < math.inf:
        return None
    step = step or 10.0 ** (math.floor(math.log10(high - low)) - 3)
    return Reach(low, float(f"{math.ceil(high / step) * step:.12g}"), step, curve=_LONG)


def _ends_of(layer: Layer, panel: Panel) -> tuple[float, float] | None:
    """Return the lowest and highest value of the channels that the rule is about."""
    channel = getattr(layer.rule, "channel", None)
    aimed = (channel,) if isinstance(channel, str) else layer.channels or panel.channels
    columns = tuple(panel.channel_index(one) for one in aimed if one in panel.channels)
    return _ends(panel, panel.content_hash, columns)


def _over_values(ends: tuple[float, float] | None, name: str) -> Reach | None:
    if ends is None or ends[0] == ends[1]:
        return None
    step = 10.0 ** (math.floor(math.log10(ends[1] - ends[0])) - 2)
    low, high = math.floor(ends[0] / step) * step, math.ceil(ends[1] / step) * step
    upper = name in ("high", "upper")
    return Reach(float(f"{low:.12g}"), float(f"{high:.12g}"), step, rest=1.0 if upper else 0.0)


@st.cache_resource(show_spinner=False, max_entries=64)
def _ends(_panel: Panel, content: str, columns: tuple[int, ...]) -> tuple[float, float] | None:
    values = [_panel.values[_panel.native[:, one], one] for one in columns]
    found = [one for one in values if len(one)]
    if not found:
        return None
    return float(min(one.min() for one in found)), float(max(one.max() for one in found))


def shown(value: float | None, reach: Reach) -> float | None:
    """Return a field's value as its slider has it: a share in per cent."""
    if value is None:
        return None
    return round(100 * value, 4) if reach.unit == " %" else value


def read(value: float, reach: Reach, field: FieldInfo) -> Any:
    """Return what a slider's value means for the field."""
    if reach.unit == " %":
        return round(value / 100, 8)
    return round(value) if shape_of(field).base is int else float(value)
