"""The line and marker of a strategy as a small picture, to stand beside its name (SVG)."""

from __future__ import annotations

import base64

from masklab.charts.palette import Look

_MARKERS = {
    "circle": '<circle cx="14" cy="8" r="4"/>',
    "square": '<rect x="10.5" y="4.5" width="7" height="7"/>',
    "diamond": '<path d="M14 3 19 8 14 13 9 8Z"/>',
    "triangle-up": '<path d="M14 3 19 12 9 12Z"/>',
    "triangle-down": '<path d="M14 13 19 4 9 4Z"/>',
    "x": '<path d="M10.5 4.5 17.5 11.5M17.5 4.5 10.5 11.5" stroke-width="2"/>',
}


def picture(svg: str) -> str:
    """Return an SVG as the address of an image, for places that take no SVG of their own."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"


def swatch(style: Look) -> str:
    """Return an SVG of 28 by 16 pixels."""
    dash = " ".join(str(length) for length in style.dash_pattern)
    pattern = "" if style.dash == "solid" else f' stroke-dasharray="{dash}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="28" height="16" viewBox="0 0 28 16" fill="{style.colour}" '
        f'stroke="{style.colour}"><path d="M0 8H28" stroke-width="2.2"{pattern}/>'
        f"{_MARKERS[style.marker]}</svg>"
    )
