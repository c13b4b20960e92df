"""What a person should know about a mask before training with it."""

from __future__ import annotations

import numpy as np
from jaxtyping import Int8

from masklab.data.series import Panel
from masklab.masks.coverage import coverage
from masklab.masks.mask import Mask


def findings(
    panel: Panel, mask: Mask, parts: Int8[np.ndarray, "row"] | None = None
) -> tuple[str, ...]:
    """Return a sentence for each part, or channel in a part, that the mask leaves nothing of.

    Parts and channels that the file itself leaves empty are named as such.
    """
    table = coverage(panel, mask, parts)
    if not table["observed"].any():
        return (_nothing_left("the data", lacking=not table["hidden"].any()),)
    found: list[str] = []
    for part, rows in table.groupby("part", sort=False):
        where = "the data" if part == "all" else f"the {part} rows"
        if not rows["observed"].any():
            found.append(_nothing_left(where, lacking=not rows["hidden"].any()))
            continue
        empty = rows[rows["observed"] == 0]
        found += [
            _channel_empty(channel, where, lacking=hidden == 0)
            for channel, hidden in zip(empty["channel"], empty["hidden"], strict=True)
        ]
    return tuple(found)


def _channel_empty(channel: str, where: str, *, lacking: bool) -> str:
    if lacking:
        return f"Channel {channel!r} has no value in {where}; leave it out, or move the split."
    return (
        f"Channel {channel!r} is hidden entirely in {where}; "
        "narrow a layer if the model should see it."
    )


def _nothing_left(where: str, *, lacking: bool) -> str:
    if lacking:
        return f"The file has no value in {where}; move the split, or choose other data."
    return (
        f"The mask hides every cell of {where}, so there is nothing to learn from or to score; "
        "switch a layer off, or narrow its scope or channels."
    )
