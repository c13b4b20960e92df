"""Say which windows are used and which are left out."""

from __future__ import annotations

from collections.abc import Mapping

from masklab.errors import WindowError
from masklab.split import PART_NAMES, TRAINING, VALIDATION
from masklab.training.config import Forecast, Reconstruct, TrainingConfig
from masklab.training.laid_out import LaidOut
from masklab.windows import Windows, any_within


def check_windows(windows: Mapping[int, Windows]) -> None:
    """Raise `WindowError` if training or validation has no window left, with the reasons."""
    for part in (TRAINING, VALIDATION):
        if len(windows[part]):
            continue
        name, dropped = PART_NAMES[part], windows[part].dropped
        raise WindowError(
            f"No {name} window is left: {dropped.unusable:,} have no observed step and "
            f"{dropped.unscored:,} have no target cell to score. Weaken the mask, choose other "
            f"targets, or give {name} a larger share of the split."
        )


def window_notes(found: Mapping[int, Windows], used: Mapping[int, Windows]) -> list[str]:
    """Return a sentence for each kind of window that training or validation leaves out.

    `found`: windows that could be used. `used`: those that are, fewer where they were thinned out.
    """
    notes = []
    for part in (TRAINING, VALIDATION):
        name, dropped = PART_NAMES[part], used[part].dropped
        whole = len(found[part]) + found[part].dropped.empty
        of = f"of {whole:,} {name} windows"
        if dropped.unusable:
            notes.append(f"{dropped.unusable:,} {of} have no usable step and are left out.")
        if dropped.unscored:
            notes.append(f"{dropped.unscored:,} {of} have no scored target and are left out.")
        if dropped.gap:
            notes.append(
                f"{dropped.gap:,} {name} windows are not available because they would cross a gap."
            )
        left = len(found[part]) - (dropped.empty - found[part].dropped.empty)
        if len(used[part]) < left:
            notes.append(f"{len(used[part]):,} {of} are scored, evenly spread.")
    return notes


def laid_in_notes(
    laid: LaidOut, task: Forecast | Reconstruct, used: Mapping[int, Windows]
) -> list[str]:
    """Return how many of the windows in use reach into a filled gap, and how many are padded."""
    notes = []
    steps = task.window + (task.horizon if isinstance(task, Forecast) else 0)
    for part in (TRAINING, VALIDATION):
        starts, of = used[part].starts, f"of {len(used[part]):,} {PART_NAMES[part]} windows"
        crossing = 0 if laid.filled is None else int(any_within(laid.filled, starts, steps).sum())
        padding = laid.layout.padding
        padded = 0 if padding is None else int(padding[starts].sum())
        if crossing:
            notes.append(f"{crossing:,} {of} hold missing steps of a gap, which are masked.")
        if padded:
            notes.append(
                f"{padded:,} {of} are padded: their stretch is shorter than a window, and the "
                "steps before it are masked."
            )
    return notes


def loss_notes(config: TrainingConfig) -> list[str]:
    """Return a sentence if the training loss counts what no score counts."""
    if config.loss_on == "scored":
        return []
    return [
        "The training loss counts hidden and missing targets as raw zeros (training.loss_on: all), "
        "to show what goes wrong; scores count scored cells alone."
    ]
