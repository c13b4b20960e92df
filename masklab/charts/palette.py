"""Colour, dash and marker of each strategy: the same on every page and in every export.

The colours are those of Okabe and Ito (2008), told apart by colour-blind readers; dash and marker
say the same without colour. Yellow and black are left out: each vanishes on one of the two themes.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from masklab.masks.appearance import LayerColour

GREY, VERMILION, ORANGE, PURPLE = "#808890", "#D55E00", "#E69F00", "#CC79A7"
BLUE, GREEN, SKY = "#0072B2", "#009E73", "#56B4E9"

LAYERS: dict[LayerColour, str] = {
    "orange": ORANGE,
    "purple": PURPLE,
    "green": GREEN,
    "vermilion": VERMILION,
    "sky": SKY,
    "blue": BLUE,
    "grey": GREY,
}
"""The colours of mask layers, in the order in which those that chose none get theirs."""

INK = {"light": "#565A63", "dark": "#AEB2BB"}
"""Grey for the words of a chart, by theme."""


@dataclass(frozen=True)
class Look:
    """How one strategy is drawn; `dash` and `marker` by their Plotly names."""

    colour: str
    dash: str
    marker: str

    @property
    def dash_pattern(self) -> list[int]:
        """The dash as lengths of stroke and gap in pixels, as Vega and SVG want it."""
        return {"solid": [1, 0], "dash": [8, 4], "dot": [2, 3], "dashdot": [8, 3, 2, 3]}[self.dash]

    @property
    def shape(self) -> str:
        """The marker by its Vega name."""
        names = {"diamond": "diamond", "square": "square", "circle": "circle"}
        return names.get(self.marker, self.marker)

    def band(self, opacity: float = 0.16) -> str:
        """Return the colour as a translucent fill."""
        red, green, blue = (int(self.colour[at : at + 2], 16) for at in (1, 3, 5))
        return f"rgba({red}, {green}, {blue}, {opacity:g})"


# Strategies that often score alike lie on one another: dashes let the line beneath be seen.
_LOOKS = {
    "ignore": Look(GREY, "dot", "x"),
    "mask_only": Look(GREY, "dash", "diamond"),
    "zero_fill": Look(VERMILION, "solid", "square"),
    "mean_fill": Look(ORANGE, "solid", "diamond"),
    "indicator": Look(PURPLE, "dashdot", "triangle-up"),
    "carry": Look(BLUE, "dash", "circle"),
    "reset": Look(GREEN, "dot", "triangle-down"),
    "forward_fill": Look(SKY, "solid", "square"),
    "interpolate": Look(SKY, "dash", "diamond"),
    "interval": Look(BLUE, "dashdot", "triangle-up"),
    "decay": Look(VERMILION, "dash", "circle"),
    "time_aware": Look(ORANGE, "dash", "circle"),
    "rits": Look(PURPLE, "dash", "circle"),
    "brits": Look(PURPLE, "solid", "diamond"),
    "residual": Look(GREEN, "dash", "circle"),
}
_COLOURS = (SKY, BLUE, GREEN, VERMILION, ORANGE, PURPLE)
_DASHES = ("dash", "dashdot", "dot")
_IN_TURN = (BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY)


def look(label: str, among: tuple[str, ...] = ()) -> Look:
    """Return the look of a strategy, given its label (`carry`, or `carry(collapse=all)`).

    Two labels of one kind share the colour; `among`, the labels on the same chart, tells them
    apart by dash. An unknown kind gets a colour and a dash from its name: always the same.
    """
    kind = label.partition("(")[0]
    base = _LOOKS.get(kind) or _from_name(kind)
    siblings = [other for other in among if other.partition("(")[0] == kind]
    if label not in siblings[1:]:
        return base
    others = [dash for dash in ("solid", *_DASHES) if dash != base.dash]
    return Look(base.colour, others[(siblings.index(label) - 1) % len(others)], base.marker)


def looks(labels: Iterable[str]) -> dict[str, Look]:
    """Return the look of each group of a picture; those of no strategy's kind take turns.

    Give all labels that there are, hidden ones too: then hiding one changes no other's look.
    """
    among = tuple(dict.fromkeys(labels))
    known = {label: look(label, among) for label in among if label.partition("(")[0] in _LOOKS}
    turns = [Look(colour, dash, "circle") for dash in ("solid", *_DASHES) for colour in _IN_TURN]
    others = [label for label in among if label not in known]
    return known | {label: turns[place % len(turns)] for place, label in enumerate(others)}


def layer_colour(chosen: LayerColour | None, place: int) -> str:
    """Return the colour of the layer at a place (from 0) of its recipe, as #RRGGBB."""
    return LAYERS[chosen] if chosen else list(LAYERS.values())[place % len(LAYERS)]


def in_order(kinds: Iterable[str]) -> list[str]:
    """Return kinds from the crudest strategy to the most refined, unknown ones last by name."""
    known = list(_LOOKS)
    return sorted(kinds, key=lambda kind: (known.index(kind) if kind in _LOOKS else 99, kind))


def _from_name(kind: str) -> Look:
    number = zlib.crc32(kind.encode())
    return Look(_COLOURS[number % len(_COLOURS)], _DASHES[number // 7 % len(_DASHES)], "circle")
