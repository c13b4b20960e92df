"""Whole channels missing at random."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool
from pydantic import Field

from masklab.masks.draw import random_keys
from masklab.masks.generators._settings import Seed
from masklab.masks.rule import Family, Rule, Scene


class DropoutChannel(Rule):
    """Select all cells of `count` channels, drawn among those with a cell that can change.

    With `apart`, each series loses channels of its own. Where there are no more than `count` such
    channels, all go. A higher count with the same seed keeps what a lower one drew.
    """

    title: ClassVar[str] = "Whole channels"
    explanation: ClassVar[str] = (
        "Hides whole channels, drawn at random, as if their sensors had not been there."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["dropout_channel"] = "dropout_channel"
    count: int = Field(
        default=1, ge=1, le=100_000, title="Channels", description="How many channels are hidden."
    )
    apart: bool = Field(
        default=False,
        title="Each series its own",
        description="Draw other channels in each series, where the data has several.",
    )
    seed: Seed = 0

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the cells of the drawn channels that can change; none where there are none."""
        panel, pool = scene.panel, scene.pool
        starts = panel.offsets[:-1] if self.apart else panel.offsets[:1]
        lengths = np.diff(panel.offsets) if self.apart else np.array([panel.rows])
        able = np.logical_or.reduceat(pool, starts, axis=0)
        keys = np.stack(
            [random_keys(len(starts), self.seed, self.kind, name) for name in panel.channels],
            axis=1,
        )
        turn = np.argsort(np.where(able, keys.astype(np.int64), 2**32), axis=1, kind="stable")
        chosen = np.zeros_like(able)
        np.put_along_axis(chosen, turn[:, : self.count], values=True, axis=1)
        dropped: Bool[np.ndarray, "row channel"] = pool & np.repeat(chosen, lengths, axis=0)
        return dropped

    def summary(self) -> str:
        """Return the rule in a few words: '2 channels at random'."""
        what = "1 channel" if self.count == 1 else f"{self.count} channels"
        return f"{what} at random{' in each series' if self.apart else ''}"
