"""Gaps like those that the file has of its own."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Int64
from pydantic import Field

from masklab.data.series import Panel
from masklab.errors import MaskError
from masklab.masks.draw import random_keys, smallest
from masklab.masks.generators._settings import Seed
from masklab.masks.native_gaps import has_gaps, native_gaps
from masklab.masks.rule import Family, Rule, Scene
from masklab.masks.stretches import covered


class LikeNative(Rule):
    """Select stretches as long as the file's own gaps, and `amount` times as much, by channel.

    Of a channel's n cells that can change, exactly round(min(1, amount * share) * n) are drawn,
    where `share` is that of its steps which the file lacks. Lengths are drawn from those of its
    own gaps, each alike, until enough is covered; the last stretch is cut short. They are laid at
    random among those cells, at least one cell apart while there is room, so that they keep their
    lengths: a bootstrap of the gaps. A channel without gaps borrows the lengths and the share of
    all channels together; steps that the clock leaves out count as missing.

    Stretches pass over cells that can't change; one that meets the end of a series goes on in the
    next, as a stretch of its own. Another amount draws anew: with lengths kept, one draw can't
    hold another.
    """

    title: ClassVar[str] = "Like the file's own gaps"
    explanation: ClassVar[str] = (
        "Hides stretches as long and as many as the gaps that each channel has already, so that "
        "what is asked of a model is what it will meet."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["like_native"] = "like_native"
    amount: float = Field(
        default=1.0,
        ge=0,
        le=1000,
        title="Times as much",
        description="1 hides the share of each channel that the file lacks already, 2 twice that.",
        json_schema_extra={"step": 0.5},
    )
    seed: Seed = 0

    def misfits(self, panel: Panel) -> tuple[str, ...]:
        """Return a sentence if no channel has a gap to go by."""
        if has_gaps(panel):
            return ()
        return (
            "No channel of this data has a gap of its own to go by; choose 'Random outages' or "
            "'Random stretches' instead, and say how long they should be.",
        )

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; `MaskError` if no channel has a gap to go by."""
        panel = scene.panel
        for problem in self.misfits(panel):
            raise MaskError(problem)
        selected = np.zeros(scene.pool.shape, dtype=bool, order="F")
        for column, (name, gaps) in enumerate(native_gaps(panel).items()):
            places = np.flatnonzero(scene.pool[:, column])
            count = round(min(1.0, self.amount * gaps.share) * len(places))
            selected[places, column] = self._laid(len(places), count, np.sort(gaps.lengths), name)
        return selected

    def summary(self) -> str:
        """Return the rule in a few words: 'like the file's own gaps'."""
        times = "" if self.amount == 1 else f", {self.amount:g} times as much"
        return f"like the file's own gaps{times}"

    def _laid(
        self, places: int, count: int, lengths: Int64[np.ndarray, "gap"], channel: str
    ) -> Bool[np.ndarray, "places"]:
        """Return `count` of so many places, in stretches of lengths drawn from `lengths`."""
        if count in (0, places):
            return np.full(places, count > 0)
        keys = random_keys(count, self.seed, self.kind, channel, "lengths").astype(np.uint64)
        ends = np.cumsum(
            lengths[(keys * np.uint64(len(lengths)) >> np.uint64(32)).astype(np.int64)]
        )
        ends = ends[: np.searchsorted(ends, count) + 1]
        ends[-1] = count
        slots = self._slots(places - count + 1, len(ends), channel)
        first = slots + np.concatenate(([0], ends[:-1]))
        return covered(np.stack([first, slots + ends], axis=1), places)

    def _slots(self, slots: int, count: int, channel: str) -> Int64[np.ndarray, "count"]:
        """Return how many cells stay shown before each stretch: other ones, while there is room."""
        if count <= slots:
            keys = random_keys(slots, self.seed, self.kind, channel, "places")
            return np.flatnonzero(smallest(keys, count))
        keys = random_keys(count, self.seed, self.kind, channel, "places")
        return np.sort(keys.astype(np.uint64) * np.uint64(slots) >> np.uint64(32)).astype(np.int64)
