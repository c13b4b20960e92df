"""What a lesson shows: pictures as plain numbers, a sentence with its figures, whether the claim holds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Lines:
    """Lines over a common axis, broken where a value is NaN; several rows share the axis.

    `lines`: name → y, as long as `x`. `masked`: steps that are hidden, drawn as a wash behind.
    `strategies`: name of a line → strategy whose colour it takes, where it has one.
    """

    title: str
    x_title: str
    y_title: str
    x: Float[np.ndarray, "x"]
    lines: dict[str, Float[np.ndarray, "x"]]
    masked: tuple[int, ...] = ()
    strategies: dict[str, str] = field(default_factory=dict)
    log_y: bool = False


@dataclass(frozen=True, eq=False)
class Heat:
    """A heat map, rows from top to bottom; `unit` of its numbers, around zero where `diverging`."""

    title: str
    x_title: str
    y_title: str
    values: Float[np.ndarray, "row column"]
    unit: str
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    masked: tuple[int, ...] = ()
    diverging: bool = True
    numbers: bool = False


@dataclass(frozen=True)
class Bars:
    """A bar for each name, with an optional spread (standard deviation) and the number of seeds."""

    title: str
    x_title: str
    y_title: str
    bars: dict[str, float]
    spread: dict[str, float] = field(default_factory=dict)
    strategies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """A small table: column titles, rows of text or numbers."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True)
class Code:
    """Python that a learner reads: the article's, say, beside the repaired one."""

    title: str
    text: str


Picture = Lines | Heat | Bars | Table | Code


@dataclass(frozen=True)
class Result:
    """What came of a lesson with its controls as they stand.

    `says`: one or two sentences with the figures of this run. `holds`: whether the lesson's claim
    does, here; `numbers`: what that was judged by, by name, each with what it is.
    """

    pictures: tuple[Picture, ...]
    says: str
    holds: bool
    numbers: dict[str, float]
