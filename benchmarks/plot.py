"""The docs' picture: cost against share masked, drawn from a file of results as SVG."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.masked_lstm import MIDDLE, UNIT
from benchmarks.report import Report
from masklab.charts.palette import BLUE, GREEN, PURPLE, VERMILION

COLOURS = {"carry": BLUE, "reset": GREEN, "PackedSequence": VERMILION, "Keras": PURPLE}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 340, 48, 128, 56, 46
INK, GREY, RULE, LINE = "#1f2a44", "#565a63", "#e4e6ea", 15

Point = tuple[float, float]


def picture(report: Report) -> str:
    """Return the SVG: a line for each contestant at random masks of the middle size, one direction.

    White paper of its own, so that it reads the same on light and dark pages.
    """
    rows = [
        row
        for row in report.rows
        if (row["size"], row["directions"], row["mask"]) == (str(MIDDLE), 1, "random")
    ]
    lines = {
        name: [(float(row["masked %"]), float(row[name])) for row in rows if name in row]
        for name in COLOURS
    }
    lines = {name: points for name, points in lines.items() if points}
    most = max([1.0, *(cost for points in lines.values() for _, cost in points)]) * 1.05
    parts = [*_axes(most), *_curves(lines, most), *_labels(lines, most)]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" font-family="sans-serif" font-size="12">'
    )
    told = f"Cost of forward and backward, relative to {UNIT} without a mask"
    return "\n".join(
        [
            head,
            f"<title>{told}, by share of steps masked</title>",
            f'<rect width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#ffffff"/>',
            f'<text x="16" y="24" fill="{INK}" font-size="14" font-weight="bold">{told}</text>',
            f'<text x="16" y="42" fill="{GREY}">{MIDDLE}, random masks, one thread</text>',
            *parts,
            "</svg>\n",
        ]
    )


def _across(percent: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * percent / 100


def _up(cost: float, most: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - cost / most)


def _axes(most: float) -> list[str]:
    parts = []
    right, bottom = _across(100), HEIGHT - BOTTOM
    for cost in range(int(most) + 1):
        y = _up(cost, most)
        dark = cost == 1
        parts.append(
            f'<line x1="{LEFT}" x2="{right:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
            f'stroke="{GREY if dark else RULE}" stroke-width="{1.5 if dark else 1}"/>'
        )
        parts.append(
            f'<text x="{LEFT - 8}" y="{y + 4:.1f}" fill="{GREY}" text-anchor="end">{cost}</text>'
        )
    parts += [
        f'<text x="{_across(percent):.1f}" y="{bottom + 18}" fill="{GREY}" '
        f'text-anchor="middle">{percent} %</text>'
        for percent in (0, 25, 50, 75, 100)
    ]
    middle = (LEFT + right) / 2
    parts.append(
        f'<text x="{middle:.1f}" y="{bottom + 36}" fill="{GREY}" text-anchor="middle">'
        "steps masked</text>"
    )
    return parts


def _curves(lines: dict[str, list[Point]], most: float) -> list[str]:
    parts = []
    for name, points in lines.items():
        placed = [(_across(percent), _up(cost, most)) for percent, cost in points]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in placed)
        parts.append(
            f'<polyline points="{joined}" fill="none" stroke="{COLOURS[name]}" stroke-width="2"/>'
        )
        parts += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{COLOURS[name]}"/>' for x, y in placed
        ]
    return parts


def _labels(lines: dict[str, list[Point]], most: float) -> list[str]:
    """Write each line's name at its end, pushed apart where they would overlap."""
    ends = {name: (points[-1], COLOURS[name]) for name, points in lines.items()}
    ends[f"{UNIT} = 1"] = ((100.0, 1.0), GREY)
    names = sorted(ends, key=lambda name: -ends[name][0][1])
    heights = _apart([_up(ends[name][0][1], most) for name in names])
    x = _across(100) + 8
    return [
        f'<text x="{x:.1f}" y="{y + 4:.1f}" fill="{ends[name][1]}">{name}</text>'
        for name, y in zip(names, heights, strict=True)
    ]


def _apart(heights: Sequence[float]) -> list[float]:
    """Return heights in order, each at least a line below the one above, none below the axis."""
    placed: list[float] = []
    for height in heights:
        placed.append(max(height, placed[-1] + LINE) if placed else height)
    lowest = float(HEIGHT - BOTTOM)
    for at in reversed(range(len(placed))):
        placed[at] = min(placed[at], lowest)
        lowest = placed[at] - LINE
    return placed
