"""Widgets for fields of rules that ask about the data: which of its channels, for one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from masklab.data.series import Panel
from masklab.ui.expression_field import expression_field
from masklab.ui.forms import Slot, Widget


def rule_widgets(panel: Panel) -> Mapping[str, Widget]:
    """Return the widgets that a rule's field can name as its `widget`, for this data."""
    return {
        "channel": partial(_channel, panel),
        "expression": partial(expression_field, panel),
    }


def _channel(panel: Panel, slot: Slot, value: Any) -> None:
    """Draw a choice of the data's channels; one that it lacks stays on the list, marked."""
    known = value is None or value in panel.channels
    st.selectbox(
        options=[*panel.channels, *([] if known else [value])],
        placeholder="Choose a channel",
        format_func=lambda one: one if one in panel.channels else f"{one} (not in this data)",
        **slot.showing(value),
    )
