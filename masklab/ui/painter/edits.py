"""The edits of the canvas, carried out on the painted layer of a recipe."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Int64

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.layers import MaskRecipe
from masklab.masks.mask import runs
from masklab.masks.strokes import Stroke, cells
from masklab.ui.painter.layer import painted_over, strokes_of, with_strokes
from masklab.ui.painter.operations import Operation

Times = Int64[np.ndarray, "row"]
Cells = Bool[np.ndarray, "row channel"]


def carried_out(recipe: MaskRecipe, operation: Operation, panel: Panel) -> MaskRecipe:
    """Return the recipe after an edit; raise `MaskError` if it can't be made.

    An operation that is no edit (undo, redo, refused) leaves the recipe as it is.
    """
    stroke = operation.stroke
    if stroke is None:
        return recipe
    match operation.action:
        case "toggle":
            return _toggled(recipe, stroke, panel)
        case "invert":
            return _inverted(recipe, stroke, panel)
        case "move":
            return _moved(recipe, stroke, operation.by, panel)
    return painted_over(recipe, stroke)


def _toggled(recipe: MaskRecipe, point: Stroke, panel: Panel) -> MaskRecipe:
    """Erase the point if all of it is painted, else paint it."""
    painted = _painted(recipe, point, panel)
    return painted_over(recipe, point.model_copy(update={"erase": bool(painted.all())}))


def _inverted(recipe: MaskRecipe, range_: Stroke, panel: Panel) -> MaskRecipe:
    """Paint what is not painted in a range, and erase what is."""
    painted = _painted(recipe, range_, panel)
    return _repainted(recipe, range_, _strokes(~painted, _clock(range_, panel), range_, panel))


def _moved(recipe: MaskRecipe, range_: Stroke, by: int, panel: Panel) -> MaskRecipe:
    """Take what is painted in a range along the clock; what leaves the series is cut off."""
    painted = _painted(recipe, range_, panel)
    if not painted.any():
        return recipe
    rows = panel.rows_of(range_.series or 0)
    clock = panel.clock[rows].view(np.int64)
    there = [
        one.model_copy(update={"start": one.start + by, "end": one.end + by})
        for one in _strokes(painted, _clock(range_, panel), range_, panel)
    ]
    kept = [one for one in there if _has_rows(one, clock)]
    if not kept:
        raise MaskError("The series has no row where this would go. Move it less far.")
    return _repainted(recipe, range_, kept)


def _repainted(recipe: MaskRecipe, range_: Stroke, strokes: list[Stroke]) -> MaskRecipe:
    """Return the recipe with a range erased and then painted with these strokes."""
    bare = painted_over(recipe, range_.model_copy(update={"erase": True}))
    return with_strokes(bare, [*strokes_of(bare), *strokes]) if strokes else bare


def _strokes(selected: Cells, clock: Times, range_: Stroke, panel: Panel) -> list[Stroke]:
    """Return strokes that paint the selected cells of a range, one for equal stretches."""
    stretches: dict[tuple[int, int], list[str]] = {}
    for name, column in zip(range_.channels or panel.channels, selected.T, strict=True):
        for first, stop in runs(column).tolist():
            stretches.setdefault((first, stop), []).append(name)
    return [
        Stroke(
            start=int(clock[first]),
            end=int(clock[stop - 1]),
            series=range_.series,
            channels=None if len(names) == len(panel.channels) else tuple(names),
        )
        for (first, stop), names in sorted(stretches.items())
    ]


def _painted(recipe: MaskRecipe, range_: Stroke, panel: Panel) -> Cells:
    """Return which cells of a range are painted, (row, channel of the range)."""
    columns = [panel.channel_index(name) for name in range_.channels or panel.channels]
    painted: Cells = cells(strokes_of(recipe), panel)[_rows(range_, panel)][:, columns]
    return painted


def _rows(range_: Stroke, panel: Panel) -> slice:
    rows = panel.rows_of(range_.series or 0)
    clock = panel.clock[rows].view(np.int64)
    first = int(np.searchsorted(clock, range_.start, "left"))
    stop = int(np.searchsorted(clock, range_.end, "right"))
    return slice(rows.start + first, rows.start + stop)


def _clock(range_: Stroke, panel: Panel) -> Times:
    return panel.clock[_rows(range_, panel)].view(np.int64)


def _has_rows(one: Stroke, clock: Times) -> bool:
    first, stop = (
        np.searchsorted(clock, one.start, "left"),
        np.searchsorted(clock, one.end, "right"),
    )
    return bool(first < stop)
