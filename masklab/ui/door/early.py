"""What an answer has the browser fetch at once: a large part of Streamlit that it would ask for late.

The chart's code is most of what a page with a chart waits for, and the browser asks for it only when
the first chart arrives. Pages without one at their start would wait for it in vain.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import streamlit as st


def early(path: str, query: str) -> str:
    """Return the Link header of a page's address, "" where there is nothing to fetch at once."""
    asked = parse_qs(query)
    draws = path == "/compare" or (path == "/learn" and "lesson" in asked)
    return _charts() if draws else ""


@cache
def _charts() -> str:
    """Return the header for Streamlit's charts, "" if they are nowhere to be found."""
    scripts = Path(st.__file__).parent / "static" / "static" / "js"
    found = [one.name for one in scripts.glob("PlotlyChart.*.js")]
    return f"<./static/js/{found[0]}>; rel=modulepreload" if len(found) == 1 else ""
