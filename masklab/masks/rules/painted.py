"""What a person painted on the canvas."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal, Self

import numpy as np
from jaxtyping import Bool
from pydantic import FailFast, Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.strokes import Stroke, cells


class Painted(Rule):
    """Select the cells that strokes cover, in their order: a later stroke wins."""

    title: ClassVar[str] = "Painted by hand"
    explanation: ClassVar[str] = (
        "Hides what you paint over on the picture; the eraser takes it back."
    )
    family: ClassVar[Family] = "By hand"
    in_menu: ClassVar[bool] = False  # painting makes the layer

    kind: Literal["painted"] = "painted"
    strokes: Annotated[tuple[Stroke, ...], FailFast()] = Field(
        default=(), max_length=50_000, description="Strokes in the order they were painted."
    )

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence with the channels and series of strokes that the panel lacks."""
        unknown = sorted({name for stroke in self.strokes for name in stroke.misfits(panel)})
        if not unknown:
            return ()
        return (
            f"Strokes are painted on {_listed(unknown)}, but this data has the channels "
            f"{list(panel.channels)} and {len(panel.names)} series; remove or repaint them.",
        )

    def fitted(self, panel: Panel) -> Self | None:
        """Return the strokes on channels and series that the panel has; None if there are none."""
        kept = tuple(one for stroke in self.strokes if (one := stroke.fitted(panel)) is not None)
        return self.model_copy(update={"strokes": kept}) if kept else None

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the painted cells; `MaskError` if a stroke names what the panel lacks."""
        for problem in self.misfits(scene.panel):
            raise MaskError(problem)
        return cells(self.strokes, scene.panel)

    def summary(self) -> str:
        """Return the number of strokes: '3 strokes'."""
        count = len(self.strokes)
        return f"{count} stroke{'' if count == 1 else 's'}"


def _listed(names: list[str], most: int = 5) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
