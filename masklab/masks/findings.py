"""What a person should know about a mask before training with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from jaxtyping import Bool, Int8, UInt8

from masklab.data.series import Panel
from masklab.masks.coverage import coverage
from masklab.masks.mask import Mask
from masklab.split import PART_NAMES

Layers = UInt8[np.ndarray, "row channel"]


@dataclass(frozen=True)
class Finding:
    """A part, or a channel in a part, of which nothing is left; `sentence` says so.

    `channel` None: all of them. `layer`: the number (from 1) of the layer that hides most of it; 0
    if the file itself lacks it, or if nobody said which layer hides what.
    """

    sentence: str
    channel: str | None = None
    layer: int = 0


def findings(
    panel: Panel,
    mask: Mask,
    parts: Int8[np.ndarray, "row"] | None = None,
    layers: Layers | None = None,
) -> tuple[Finding, ...]:
    """Return what is found for each part, or channel in a part, that the mask leaves nothing of.

    Parts and channels that the file itself leaves empty are named as such. `layers`: which layer
    hides each cell, from `masks.origin.hidden_by`.
    """
    table = coverage(panel, mask, parts)
    if not table["observed"].any():
        lacking = not table["hidden"].any()
        return (Finding(_nothing_left("the data", lacking=lacking), layer=_chief(layers)),)
    gone = _channels_gone(panel, table, layers)
    found = list(gone)
    known = {one.channel for one in gone}
    for part, rows in table.groupby("part", sort=False):
        where = "the data" if part == "all" else f"the {part} rows"
        mine = (
            slice(None) if parts is None or part == "all" else parts == PART_NAMES.index(str(part))
        )
        if not rows["observed"].any():
            lacking = not rows["hidden"].any()
            found.append(Finding(_nothing_left(where, lacking=lacking), layer=_chief(layers, mine)))
            continue
        empty = rows[(rows["observed"] == 0) & ~rows["channel"].isin(known)]
        for channel, hidden in zip(empty["channel"], empty["hidden"], strict=True):
            column = panel.channel_index(channel)
            layer = _chief(layers, mine, column)
            found.append(
                Finding(_channel_empty(channel, where, lacking=hidden == 0), channel, layer)
            )
    return tuple(found)


def _channels_gone(panel: Panel, table: pd.DataFrame, layers: Layers | None) -> list[Finding]:
    """Return the channels of which nothing is left in any part."""
    total = table.groupby("channel", sort=False)[["observed", "hidden"]].sum()
    empty = total[total["observed"] == 0]
    return [
        Finding(
            _channel_empty(str(channel), "the data", lacking=hidden == 0),
            str(channel),
            _chief(layers, column=panel.channel_index(str(channel))),
        )
        for channel, hidden in empty["hidden"].items()
    ]


def _chief(
    layers: Layers | None,
    rows: Bool[np.ndarray, "row"] | slice = slice(None),
    column: int | slice = slice(None),
) -> int:
    """Return the layer that hides most of some cells; 0 if none does, or it is not known."""
    if layers is None:
        return 0
    counts = np.bincount(layers[rows, column].ravel())
    counts[0] = 0
    return int(counts.argmax())


def _channel_empty(channel: str, where: str, *, lacking: bool) -> str:
    if lacking:
        move = "" if where == "the data" else ", or move the split"
        return f"Channel {channel!r} has no value in {where}; leave it out{move}."
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
