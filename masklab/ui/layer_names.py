"""Which layer is which: a number that stays with a layer while it is edited, moved and undone."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from masklab.masks.difference import matches
from masklab.masks.layers import Layer


@dataclass(frozen=True)
class Named:
    """Layers in their order, each with its number; numbers are never used twice."""

    layers: tuple[Layer, ...] = ()
    numbers: tuple[int, ...] = ()
    next: int = 1

    def place(self, number: int) -> int | None:
        """Return where a layer stands, from 0; None if it is gone."""
        return self.numbers.index(number) if number in self.numbers else None


def named(known: Named, layers: Sequence[Layer]) -> Named:
    """Return the layers as they are now, with the numbers that they had; new ones get new numbers.

    Which is which is told by `matches`.
    """
    found = matches(known.layers, layers)
    fresh = itertools.count(known.next)
    numbers = tuple(
        known.numbers[found[place]] if place in found else next(fresh)
        for place in range(len(layers))
    )
    return Named(tuple(layers), numbers, next(fresh))
