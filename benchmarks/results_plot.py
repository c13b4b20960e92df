"""The picture of docs/results.md: test MAE by pattern, ours beside the lowest of those published, as SVG."""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.imputation_protocol import BEST, PUBLISHED
from benchmarks.plot import GREY, INK, RULE
from masklab.charts.palette import BLUE, VERMILION

WIDTH, HEIGHT, LEFT, TOP, BOTTOM, BAR = 640, 300, 48, 66, 40, 26
_KINDS = (("lowest of 24 published", VERMILION), ("MaskLab's residual", BLUE))


def picture(ours: Mapping[str, float], words: Mapping[str, str]) -> str:
    """Return the SVG: two bars for each pattern that `ours` has a mean for, the line as a mark.

    White paper of its own, so that it reads the same on light and dark pages.
    """
    patterns = [one for one in words if one in ours]
    most = 1.1 * max(
        [0.1, *(max(BEST[one], ours[one], PUBLISHED["linear"][one]) for one in patterns)]
    )
    step = (WIDTH - LEFT - 24) / max(1, len(patterns))
    parts = [*_rules(most)]
    for place, pattern in enumerate(patterns):
        middle = LEFT + step * (place + 0.5)
        for side, (value, (_, colour)) in enumerate(
            zip((BEST[pattern], ours[pattern]), _KINDS, strict=True)
        ):
            x, y = middle + (side - 1) * (BAR + 2), _up(value, most)
            parts += [
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{BAR}" height="{HEIGHT - BOTTOM - y:.1f}" fill="{colour}"/>',
                f'<text x="{x + BAR / 2:.1f}" y="{y - 4:.1f}" fill="{INK}" text-anchor="middle" font-size="11">'
                f"{f'{value:.3f}'.lstrip('0')}</text>",
            ]
        y = _up(PUBLISHED["linear"][pattern], most)
        parts += [
            f'<line x1="{middle - BAR - 8:.1f}" x2="{middle + BAR + 8:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{GREY}" stroke-width="2" stroke-dasharray="4 3"/>',
            f'<text x="{middle:.1f}" y="{HEIGHT - BOTTOM + 18}" fill="{GREY}" text-anchor="middle">{words[pattern]}</text>',
        ]
    told = "Imputation of ETTh1, TSI-Bench's protocol: test MAE (scaled), lower is better"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" '
            'role="img" font-family="sans-serif" font-size="12">',
            f"<title>{told}</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff"/>',
            f'<text x="16" y="24" fill="{INK}" font-size="14" font-weight="bold">{told}</text>',
            *_legend(),
            *parts,
            "</svg>\n",
        ]
    )


def _up(value: float, most: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most)


def _rules(most: float) -> list[str]:
    parts = []
    for tenth in range(int(most * 10) + 1):
        y = _up(tenth / 10, most)
        parts += [
            f'<line x1="{LEFT}" x2="{WIDTH - 24}" y1="{y:.1f}" y2="{y:.1f}" stroke="{RULE}"/>',
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" fill="{GREY}" text-anchor="end">{tenth / 10:g}</text>',
        ]
    return parts


def _legend() -> list[str]:
    parts, x = [], 16
    for words, colour in _KINDS:
        parts += [
            f'<rect x="{x}" y="36" width="12" height="12" fill="{colour}"/>',
            f'<text x="{x + 18}" y="46" fill="{GREY}">{words}</text>',
        ]
        x += 190
    return [
        *parts,
        f'<line x1="{x}" x2="{x + 24}" y1="42" y2="42" stroke="{GREY}" stroke-width="2" stroke-dasharray="4 3"/>',
        f'<text x="{x + 30}" y="46" fill="{GREY}">linear interpolation, published</text>',
    ]
