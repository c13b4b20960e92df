"""Small pictures of what a page will look like, for pages that have nothing to show yet (SVG)."""

from __future__ import annotations

import math

from masklab.charts.palette import look

_WIDTH, _HEIGHT = 640, 250
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 622, 16, 212


def sketch_of_curves(*, bands: bool) -> str:
    """Return curves that fall epoch by epoch, with bands over seeds or with single runs.

    The frame is of a grey that stands on light and dark ground; the numbers are no one's results.
    """
    shapes = [_frame()]
    for place, (kind, level) in enumerate(
        (("zero_fill", 0.52), ("mean_fill", 0.43), ("indicator", 0.31), ("carry", 0.24))
    ):
        style = look(kind)
        ends = 40 if bands else 28 - 4 * place
        middle = [_point(step, level, place, ends) for step in range(ends + 1)]
        if bands:
            spread = [9 + 16 * math.exp(-step / 9) for step in range(len(middle))]
            upper = [(x, y - s) for (x, y), s in zip(middle, spread, strict=True)]
            lower = [(x, y + s) for (x, y), s in zip(middle, spread, strict=True)]
            shapes.append(
                f'<path d="{_path([*upper, *lower[::-1]])}Z" fill="{style.colour}" opacity=".16"/>'
            )
        dash = "" if style.dash == "solid" else ' stroke-dasharray="7 4"'
        shapes.append(
            f'<path d="{_path(middle)}" fill="none" stroke="{style.colour}" '
            f'stroke-width="2.2" stroke-linejoin="round"{dash}/>'
        )
    if bands:
        shapes.append(_level(96, "last value"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" font-family="sans-serif">{"".join(shapes)}</svg>'
    )


def _point(step: int, level: float, place: int, ends: int) -> tuple[float, float]:
    height = level + 0.55 * math.exp(-step / (5 + 1.5 * place))
    height += 0.012 * math.sin(2.1 * step + 5 * place)
    x = _LEFT + (_RIGHT - _LEFT) * step / 40
    return x, _BOTTOM - (_BOTTOM - _TOP) * min(height, 1.05) / 1.05


def _path(points: list[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _frame() -> str:
    rules = "".join(
        f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="#7A7F89" opacity=".12"/>'
        for y in range(_BOTTOM, _TOP, -49)
    )
    text = 'fill="#7A7F89" font-size="13" text-anchor="middle"'
    return (
        f"{rules}<text x='{(_LEFT + _RIGHT) / 2}' y='{_HEIGHT - 10}' {text}>Epoch</text>"
        f"<text transform='translate(20 {(_TOP + _BOTTOM) / 2}) rotate(-90)' {text}>"
        "Validation RMSE</text>"
    )


def _level(y: int, name: str) -> str:
    return (
        f'<path d="M{_LEFT} {y}H{_RIGHT}" stroke="#7A7F89" opacity=".55" '
        'stroke-dasharray="6 5"/>'
        f'<text x="{_RIGHT}" y="{y - 6}" fill="#7A7F89" font-size="13" '
        f'text-anchor="end">{name}</text>'
    )
