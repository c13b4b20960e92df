"""The slow, obvious twins of changes of shape: one cell, one neighbour at a time."""

from __future__ import annotations

import numpy as np

from masklab.data.series import Panel
from masklab.masks.morphology.close_holes import CloseHoles
from masklab.masks.morphology.drop_short import DropShort
from masklab.masks.morphology.grow import Grow
from masklab.masks.morphology.shrink import Shrink

Cell = tuple[int, int]


def held_cells(panel: Panel) -> set[Cell]:
    return {(int(row), int(channel)) for row, channel in np.argwhere(np.isfinite(panel.values))}


def slow_grow(rule: Grow, panel: Panel, hidden: set[Cell]) -> set[Cell]:
    return neighbours(panel, hidden, rule.before, rule.after)


def slow_shrink(rule: Shrink, panel: Panel, hidden: set[Cell]) -> set[Cell]:
    shown = held_cells(panel) - hidden
    return {
        (row, channel)
        for row, channel in hidden
        if not any(
            (row + step, channel) in shown
            and panel.series_of_row[row + step] == panel.series_of_row[row]
            for step in range(-rule.before, rule.after + 1)
        )
    }


def neighbours(panel: Panel, cells: set[Cell], before: int, after: int) -> set[Cell]:
    series = panel.series_of_row
    found = set()
    for row, channel in cells:
        for near in range(max(row - before, 0), min(row + after, panel.rows - 1) + 1):
            if series[near] == series[row]:
                found.add((near, channel))
    return found & held_cells(panel)


def slow_close_holes(rule: CloseHoles, panel: Panel, hidden: set[Cell]) -> set[Cell]:
    found: set[Cell] = set()
    for cells in sequences(panel):
        hole: list[Cell] | None = None  # None until the first hidden cell
        for cell in cells:
            if cell not in hidden and hole is not None:
                hole.append(cell)
            if cell in hidden:
                found |= set(hole or []) if len(hole or []) <= rule.longest else set()
                hole = []
    return found


def slow_drop_short(rule: DropShort, panel: Panel, hidden: set[Cell]) -> set[Cell]:
    found: set[Cell] = set()
    for cells in sequences(panel):
        run: list[Cell] = []
        for cell in [*cells, None]:
            if cell is not None and cell in hidden:
                run.append(cell)
                continue
            found |= set(run) if len(run) < rule.shortest else set()
            run = []
    return found


def sequences(panel: Panel) -> list[list[Cell]]:
    """Return the cells that the file has, in order, of each channel in each series."""
    held = held_cells(panel)
    return [
        [
            (row, channel)
            for row in range(*panel.rows_of(series).indices(panel.rows))
            if (row, channel) in held
        ]
        for channel in range(len(panel.channels))
        for series in range(len(panel))
    ]


TWINS = {
    Grow: slow_grow,
    Shrink: slow_shrink,
    CloseHoles: slow_close_holes,
    DropShort: slow_drop_short,
}
