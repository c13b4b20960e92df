"""Which layer is which: a number that stays with a layer while it is edited, moved and undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
    """Return the layers as they are now, with the numbers that they had.

    A layer that is equal to a known one is that one, wherever it stands now. Of the others, the
    nearest known one with the same kind of rule is taken to have been changed. The rest is new.
    """
    numbers: list[int | None] = [None] * len(layers)
    left = dict(enumerate(known.layers))
    for place, layer in enumerate(layers):
        if place < len(known.layers) and known.layers[place] == layer:
            numbers[place] = known.numbers[place]
            del left[place]
    for place, layer in enumerate(layers):
        if numbers[place] is not None:
            continue
        same = [one for one, old in left.items() if old == layer]
        if same:
            taken = min(same, key=lambda one: abs(one - place))
            numbers[place] = known.numbers[taken]
            del left[taken]
    _match_changed(known, layers, numbers, left)
    fresh = known.next
    found: list[int] = []
    for number in numbers:
        found.append(fresh if number is None else number)
        fresh += number is None
    return Named(tuple(layers), tuple(found), fresh)


def _match_changed(
    known: Named, layers: Sequence[Layer], numbers: list[int | None], left: dict[int, Layer]
) -> None:
    waiting = [place for place, number in enumerate(numbers) if number is None]
    for kind in {layers[place].rule.kind for place in waiting}:
        now = [place for place in waiting if layers[place].rule.kind == kind]
        before = [place for place, layer in left.items() if layer.rule.kind == kind]
        for place in now:
            if not before:
                break
            nearest = min(before, key=lambda one: abs(one - place))
            numbers[place] = known.numbers[nearest]
            before.remove(nearest)
