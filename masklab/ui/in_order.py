"""Data for a component of the browser that counts only if nothing newer came before it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st


def numbered(key: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of the component `key` with `sent`: the ms at which they last changed.

    Equal data keep their number, so that Streamlit doesn't send them again.
    """
    content = hashlib.sha256(json.dumps(data, sort_keys=True, default=str).encode()).digest()
    place = f"{key}.sent"
    known, sent = st.session_state.get(place, (b"", 0))
    if known != content:
        sent = max(sent + 1, time.time_ns() // 1_000_000)
        st.session_state[place] = (content, sent)
    return {**data, "sent": sent}


@cache
def script() -> str:
    """Return the JavaScript of `inOrder`, which a component's script wraps its call in."""
    return files("masklab.ui").joinpath("in_order.js").read_text("utf-8")
