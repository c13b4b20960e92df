"""Where the error sits, in plain words."""

from __future__ import annotations

import pandas as pd

from masklab.compare.certainty import number
from masklab.compare.errors_by_region import FEW, Factor
from masklab.compare.validation_cells import ValidationCells
from masklab.ui.compare.mask_words import leaks
from masklab.ui.words import steps
from masklab.words import plain

TITLES: dict[Factor, str] = {
    "gap": "Gap before",
    "distance": "Distance to the last observation",
    "nearness": "Nearness to the mask",
    "channel": "Channel",
    "hour": "Hour",
    "weekday": "Weekday",
}
AXES: dict[Factor, str] = {
    "gap": "Length of the hidden stretch before the cell, steps",
    "distance": "Distance to the last observed value of the channel, steps",
    "nearness": "Where the cell lies",
    "channel": "Channel",
    "hour": "Hour of the day, h",
    "weekday": "Day of the week",
}


def axis_title(factor: Factor, cells: ValidationCells) -> str:
    """Return the title of the axis of a factor's levels."""
    if factor == "gap" and not cells.horizon:
        return "Length of the hidden stretch that the cell lies in, steps"
    timed = factor in ("hour", "weekday") and cells.panel.timezone
    return f"{AXES[factor]} ({cells.panel.timezone})" if timed else AXES[factor]


def rises(table: pd.DataFrame, factor: Factor, metric: str) -> str:
    """Return one sentence: at which level the best strategy overall errs least and most.

    One that sees the hidden values takes no part, unless it is alone.
    """
    enough = table[~table["few"]].dropna(subset="score")
    if enough.empty:
        return f"Every level has fewer than {FEW} cells: too few to tell where the error sits."
    fair = enough[[not leaks(one) for one in enough["strategy"]]]
    enough = enough if fair.empty else fair
    total = (enough["score"] * enough["cells"]).groupby(enough["strategy"]).sum()
    best = str(total.idxmin())
    mine = enough[enough["strategy"] == best]
    mine = mine.sort_values("score")
    low, high = mine.iloc[0], mine.iloc[-1]
    if len(mine) == 1 or low["score"] == high["score"]:
        return f"The {metric} of **{plain(best)}** is {number(low['score'])} throughout."
    times = f", {high['score'] / low['score']:.1f} times as much" if low["score"] > 0 else ""
    return (
        f"**{plain(best)}** errs least at {_level(factor, low['level'])} ({metric} {number(low['score'])}) "
        f"and most at {_level(factor, high['level'])} ({number(high['score'])}{times})."
    )


def explanation(factor: Factor, cells: ValidationCells, near: int) -> str:
    """Return what the levels mean, on which cells, and what is faded."""
    forecast = bool(cells.horizon)
    meaning = {
        "gap": "Gap before: the last hidden stretch of the cell's channel in the window's input; none "
        "where all of it was read."
        if forecast
        else "Gap: the hidden stretch of its channel that the cell lies in, within the window.",
        "distance": "Distance: steps back to the last value of the cell's channel that could be read in "
        "its window; “none seen” where there is none.",
        "nearness": f"Beside: at most {steps(near, cells.panel)} from a cell of its channel in the same "
        "window that the mask hides or the file lacks; far: further. Cells under the mask themselves "
        "are not among the common ones"
        + (", so none is “masked”." if forecast else "; what is asked for here was hidden on top."),
        "channel": "Each target channel by itself; scaled scores weigh them alike.",
        "hour": f"Hour of the predicted step, in the data's zone ({_zone(cells)}).",
        "weekday": f"Day of the predicted step, in the data's zone ({_zone(cells)}).",
    }[factor]
    return (
        f"{meaning} Scored on the {len(cells):,} common validation cells; whiskers: lowest to highest "
        f"seed. Faded: fewer than {FEW} cells, too few to tell."
    )


def _zone(cells: ValidationCells) -> str:
    return cells.panel.timezone or "not given in the file"


def _level(factor: Factor, level: str) -> str:
    words: dict[Factor, str] = {
        "gap": f"a gap of {level} steps",
        "distance": f"a distance of {level} steps",
        "nearness": f"cells {level} the mask" if level != "far" else "cells far from the mask",
        "channel": plain(level),
        "hour": f"{level}:00",
        "weekday": level,
    }
    special = {"none": "no gap", "none seen": "no value seen", "1": f"{words[factor][:-1]}"}
    if factor in ("gap", "distance") and level in special:
        return special[level]
    return words[factor]
