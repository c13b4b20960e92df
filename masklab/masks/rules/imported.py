"""Cells that a file hides: a mask made elsewhere, in clock time."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import FailFast, Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.packed import PackedCells
from masklab.masks.rule import Family, Rule, Scene


class Imported(Rule):
    """Select the cells that an imported mask hides.

    On the clock it was made for, exactly those. On another clock, cells at the same times, and
    those that lie within a stretch it hides.
    """

    title: ClassVar[str] = "Imported"
    explanation: ClassVar[str] = "Hides the cells that a file hides; import the file to change it."
    family: ClassVar[Family] = "By hand"
    in_menu: ClassVar[bool] = False  # importing makes the layer

    kind: Literal["imported"] = "imported"
    parts: Annotated[tuple[PackedCells, ...], FailFast()] = Field(
        default=(), max_length=50_000, description="Hidden cells, packed, for each series."
    )

    @classmethod
    def of(cls, panel: Panel, hidden: Bool[np.ndarray, "row channel"]) -> Self:
        """Return the rule that selects these cells of a panel.

        Of a panel with one series the name is left out, so that the rule serves any other.
        """
        clock = panel.clock.astype(np.int64)
        parts = []
        for index, name in enumerate(panel.names):
            rows = panel.rows_of(index)
            series = name if len(panel) > 1 else None
            parts.append(PackedCells.of(clock[rows], hidden[rows], panel.channels, series))
        return cls(parts=tuple(one for one in parts if one is not None))

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence with the channels and series that the panel lacks."""
        channels = {name for part in self.parts for name in part.channels} - set(panel.channels)
        series = {part.series for part in self.parts} - {None, *panel.names}
        unknown = [f"channel {name!r}" for name in sorted(channels)]
        unknown += [f"series {name!r}" for name in sorted(str(one) for one in series)]
        if not unknown:
            return ()
        more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
        return (
            f"The imported mask hides cells of {', '.join(unknown[:5])}{more}, but this data has "
            f"the channels {list(panel.channels[:12])} and {len(panel.names)} series; import it "
            "again, or rename the columns.",
        )

    def fitted(self, panel: Panel) -> Self | None:
        """Return the cells of channels and series that the panel has; None if there are none."""
        if not self.misfits(panel):
            return self
        kept = tuple(one for part in self.parts if (one := _fitted(part, panel)) is not None)
        return self.model_copy(update={"parts": kept}) if kept else None

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the hidden cells; `MaskError` if a part names what the panel lacks."""
        panel = scene.panel
        for problem in self.misfits(panel):
            raise MaskError(problem)
        selected = np.zeros(panel.values.shape, dtype=bool, order="F")
        clock = panel.clock.astype(np.int64)
        places = {name: place for place, name in enumerate(panel.names)}
        for part in self.parts:
            columns = [panel.channel_index(name) for name in part.channels]
            chosen = range(len(panel)) if part.series is None else (places[part.series],)
            for place in chosen:
                rows = panel.rows_of(place)
                for column, cells in zip(columns, part.marks.at(clock[rows]), strict=True):
                    selected[rows, column] |= cells
        return selected

    def summary(self) -> str:
        """Return what it covers: 'imported, 3 channels'."""
        count = len({name for part in self.parts for name in part.channels})
        return f"imported, {count} channel{'' if count == 1 else 's'}"


def _fitted(part: PackedCells, panel: Panel) -> PackedCells | None:
    """Return the part without channels that the panel lacks."""
    if part.series is not None and part.series not in panel.names:
        return None
    known = [index for index, name in enumerate(part.channels) if name in panel.channels]
    if len(known) == len(part.channels):
        return part
    channels = tuple(part.channels[index] for index in known)
    marks = part.marks
    return PackedCells.of(marks.times, marks.hidden[known].T, channels, part.series)
