"""A small picture of the Mask page, for when there is no data yet (SVG)."""

from __future__ import annotations

import math

_WIDTH, _HEIGHT = 640, 250
_LEFT, _RIGHT = 46, 622
_ROWS = ((40, 88), (144, 88))
_HIDDEN = ((0, 0.18, 0.3), (0, 0.62, 0.68), (1, 0.44, 0.6))
_GAP = (1, 0.1, 0.2)
_GREY = "#7A7F89"
"""Seen on light and on dark paper: an image does not take the page's text colour."""


def sketch_of_mask() -> str:
    """Return two channels with hidden stretches, a gap and the split; the series is no one's data.

    The same picture serves the light and the dark theme.
    """
    shapes = [_ribbon()]
    for row, (top, height) in enumerate(_ROWS):
        shapes.append(
            f'<rect x="{_LEFT}" y="{top}" width="{_RIGHT - _LEFT}" height="{height}" fill="none" '
            f'stroke="{_GREY}" opacity=".5"/>'
        )
        shapes += [_line(row, start, end) for start, end in _stretches(row)]
    shapes += [_hidden(*one) for one in _HIDDEN]
    row, start, end = _GAP
    shapes.append(
        f'<rect x="{_x(start)}" y="{_ROWS[row][0]}" width="{_x(end) - _x(start)}" '
        f'height="{_ROWS[row][1]}" fill="{_GREY}" opacity=".16"/>'
    )
    return (
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" width="100%" role="img" '
        'aria-label="Sketch of a series with hidden stretches" '
        f'style="max-width:46rem;display:block;opacity:.85">{_pattern()}{"".join(shapes)}</svg>'
    )


def _pattern() -> str:
    return (
        '<defs><pattern id="masklab-hatch" width="7" height="7" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V7" stroke="#d98200" stroke-width="2.4"/>'
        "</pattern></defs>"
    )


def _ribbon() -> str:
    shapes = []
    for name, start, end, shade in (
        ("training", 0.0, 0.7, 0.12),
        ("validation", 0.7, 0.85, 0.28),
        ("test", 0.85, 1.0, 0.45),
    ):
        shapes.append(
            f'<rect x="{_x(start)}" y="8" width="{_x(end) - _x(start)}" height="20" '
            f'fill="{_GREY}" opacity="{shade}"/>'
            f'<text x="{_x((start + end) / 2)}" y="22" font-size="12" font-family="sans-serif" text-anchor="middle" '
            f'fill="{_GREY}">{name}</text>'
        )
    return "".join(shapes)


def _stretches(row: int) -> list[tuple[float, float]]:
    return [(0.0, 1.0)] if row != _GAP[0] else [(0.0, _GAP[1]), (_GAP[2], 1.0)]


def _line(row: int, start: float, end: float) -> str:
    top, height = _ROWS[row]
    points = []
    for step in range(round(start * 200), round(end * 200) + 1):
        wave = math.sin(step * (0.19, 0.11)[row]) + 0.4 * math.sin(step * 0.53 + row)
        points.append(f"{_x(step / 200):.1f} {top + height * (0.5 - 0.3 * wave):.1f}")
    return f'<path d="M{" L".join(points)}" fill="none" stroke="#2f8fc6" stroke-width="1.8"/>'


def _hidden(row: int, start: float, end: float) -> str:
    top, height = _ROWS[row]
    x, width = _x(start), _x(end) - _x(start)
    return (
        f'<rect x="{x}" y="{top}" width="{width}" height="{height}" fill="#e69f00" opacity=".2"/>'
        f'<rect x="{x}" y="{top}" width="{width}" height="{height}" fill="url(#masklab-hatch)"/>'
        f'<rect x="{x}" y="{top + height - 4}" width="{width}" height="4" fill="#d98200"/>'
    )


def _x(share: float) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * share, 1)
