"""A series with its mask as inline SVG: lines broken at gaps, hidden cells, the split on top."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from xml.etree.ElementTree import Element

import numpy as np
from jaxtyping import Float64

from masklab.charts.mask_columns import hidden_shares
from masklab.charts.minmax import Thinned, thinned
from masklab.charts.ribbon import stretches
from masklab.export.report.html import element
from masklab.export.report.source import Data, Source
from masklab.export.report.words import moment
from masklab.split import PART_NAMES

WIDTH, LEFT, RIGHT = 960, 150, 952
BAND, LANE, STRIP, SPACE, BOTTOM = 20, 62, 10, 14, 26
HATCH = "hidden-hatch"
_INSIDE = RIGHT - LEFT
_DAY = 86_400_000_000


@dataclass(frozen=True)
class _Time:
    """Where times of a series lie across the picture."""

    first: int
    span: int

    def across(self, at: np.ndarray) -> np.ndarray:
        moved = (at.astype("datetime64[us]").astype(np.int64) - self.first) / self.span
        return LEFT + _INSIDE * moved


def hatch() -> Element:
    """Return the pattern of hidden cells, to stand once in the page."""
    lines = element("path", d="M0 6L6 0M-1 1L1 -1M5 7L7 5", class_="hatch")
    pattern = element(
        "pattern", lines, id=HATCH, width="6", height="6", patternUnits="userSpaceOnUse"
    )
    return element("svg", element("defs", pattern), width="0", height="0", aria_hidden="true")


def mask_picture(source: Source, data: Data, series: int, channels: tuple[int, ...]) -> Element:
    """Return the picture of some channels of one series."""
    panel = data.panel
    clock = panel.clock[panel.rows_of(series)].astype(np.int64)
    time = _Time(int(clock[0]), max(int(clock[-1] - clock[0]), 1))
    height = BAND + len(channels) * (LANE + STRIP + SPACE) + BOTTOM
    name = source.scrub.text(panel.names[series])
    label = f"Series {name} with the cells that the mask hides"
    drawn = [*_split(source, data, series, time, height)]
    for place, channel in enumerate(channels):
        top = BAND + SPACE / 2 + place * (LANE + STRIP + SPACE)
        drawn.append(_lane(source, data, series, channel, time, top))
    drawn += _axis(data, time, height)
    return element("svg", *drawn, viewBox=f"0 0 {WIDTH} {height}", role="img", aria_label=label)


def _split(source: Source, data: Data, series: int, time: _Time, height: int) -> list[Element]:
    drawn = []
    for one in stretches(data.panel, source.experiment.split, series):
        left, right = time.across(np.array([one.start, one.end]))
        drawn.append(
            element(
                "rect", x=f"{left:.1f}", y="0", width=f"{max(right - left, 1):.1f}",
                height=f"{BAND - 4}", class_=f"part-{one.part}",
            )
        )  # fmt: skip
        if one.part:
            foot = f"{height - BOTTOM}"
            drawn.append(
                element(
                    "line", x1=f"{left:.1f}", x2=f"{left:.1f}", y1="0", y2=foot, class_="border"
                )
            )
        if right - left > 60:
            middle = f"{(left + right) / 2:.1f}"
            drawn.append(_words(PART_NAMES[one.part], middle, "12", "middle"))
    return drawn


def _lane(  # noqa: PLR0913, PLR0917 - which cells, and where they go
    source: Source, data: Data, series: int, channel: int, time: _Time, top: float
) -> Element:
    panel, name = data.panel, data.panel.channels[channel]
    line = thinned(panel, series, channel, _INSIDE)
    unit = source.scrub.text(panel.units.get(name, ""))
    shown = source.scrub.text(name)
    low, high = _range(line.values)
    shares = hidden_shares(panel, data.observed, series, channel, _INSIDE)
    title = f"{shown if len(shown) <= 18 else shown[:17] + '…'}{f' ({unit[:10]})' if unit else ''}"
    middle = top + LANE / 2
    return element(
        "g",
        element("title", f"{shown}: share hidden below its line, hatched where all is hidden"),
        _empty(line, time, top),
        *_washes(shares, top),
        element("path", d=_path(line, time, low, high, top), class_="series"),
        _dots(line, time, low, high, top),
        _strip(shares, top + LANE + 1),
        _words(title, f"{LEFT - 10}", f"{middle + 4:.1f}", "end", "name"),
        _words(f"{high:.4g}", f"{LEFT - 6}", f"{top + 9:.1f}", "end", "small"),
        _words(f"{low:.4g}", f"{LEFT - 6}", f"{top + LANE:.1f}", "end", "small"),
    )


def _range(values: Float64[np.ndarray, "point"]) -> tuple[float, float]:
    known = values[np.isfinite(values)]
    if not len(known):
        return 0.0, 1.0
    low, high = float(known.min()), float(known.max())
    return (low, high) if high > low else (low - 1, high + 1)


def _down(values: np.ndarray, low: float, high: float, top: float) -> np.ndarray:
    return top + 3 + (LANE - 6) * (1 - (values - low) / (high - low))


def _path(line: Thinned, time: _Time, low: float, high: float, top: float) -> str:
    parts, pen = [], "M"
    across, down = time.across(line.clock), _down(line.values, low, high, top)
    for x, y in zip(across, down, strict=True):
        if np.isnan(y):
            pen = "M"
            continue
        parts.append(f"{pen}{x:.1f} {y:.1f}")
        pen = "L"
    return "".join(parts) or "M0 0"


def _dots(line: Thinned, time: _Time, low: float, high: float, top: float) -> Element:
    """Return a value alone between two gaps as a dot."""
    alone = line.lonely[:500]
    across = time.across(line.clock[alone])
    down = _down(line.values[alone], low, high, top)
    path = "".join(f"M{x:.1f} {y:.1f}h0" for x, y in zip(across, down, strict=True))
    return element("path", d=path or "M0 0", class_="dots")


def _empty(line: Thinned, time: _Time, top: float) -> Element:
    edges = time.across(line.empty.reshape(-1)).reshape(-1, 2)
    boxes = "".join(f"M{a:.1f} {top:.1f}H{max(b, a + 1):.1f}v{LANE}H{a:.1f}Z" for a, b in edges)
    return element("path", d=boxes or "M0 0", class_="gap")


def _washes(shares: Float64[np.ndarray, "column"], top: float) -> list[Element]:
    """Return boxes where all cells of a stretch are hidden: a wash, and hatching over it."""
    width = _INSIDE / len(shares)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shares == 1, [0]]).astype(np.int8)))
    boxes = "".join(
        f"M{LEFT + start * width:.1f} {top:.1f}H{LEFT + end * width:.1f}v{LANE}"
        f"H{LEFT + start * width:.1f}Z"
        for start, end in edges.reshape(-1, 2)
    )
    if not boxes:
        return []
    return [
        element("path", d=boxes, class_="hidden"),
        element("path", d=boxes, fill=f"url(#{HATCH})"),
    ]


def _strip(shares: Float64[np.ndarray, "column"], top: float) -> Element:
    """Return the share hidden in each column as a height, full where all is hidden."""
    width, foot = _INSIDE / len(shares), top + STRIP
    edges = np.flatnonzero(np.diff(shares, prepend=np.nan, append=np.nan) != 0)
    parts = [
        f"M{LEFT + start * width:.1f} {foot:.1f}v{-STRIP * shares[start]:.1f}"
        f"H{LEFT + end * width:.1f}V{foot:.1f}Z"
        for start, end in itertools.pairwise(edges)
        if shares[start] > 0
    ]
    ground = f"M{LEFT} {foot:.1f}H{RIGHT}"
    return element(
        "g", element("path", d=ground, class_="border"),
        element("path", d="".join(parts) or "M0 0", class_="share"),
    )  # fmt: skip


def _axis(data: Data, time: _Time, height: int) -> list[Element]:
    times = np.linspace(time.first, time.first + time.span, 5).astype(np.int64)
    letters = 10 if time.span > 20 * _DAY and data.panel.clock_kind == "time" else 16
    drawn = []
    for place, at in enumerate(times.astype("datetime64[us]")):
        x = f"{float(time.across(np.array([at]))[0]):.1f}"
        anchor = ("start", *["middle"] * 3, "end")[place]
        drawn.append(_words(moment(data.panel, at)[:letters], x, f"{height - 8}", anchor, "small"))
    zone = data.panel.timezone or "zone not given"
    title = "Step" if data.panel.clock_kind == "step" else f"Time ({zone})"
    return [*drawn, _words(title[:24], "0", f"{height - 8}", "start", "small")]


def _words(text: str, x: str, y: str, anchor: str, kind: str = "") -> Element:
    return element("text", text, x=x, y=y, text_anchor=anchor, class_=kind or "label")
