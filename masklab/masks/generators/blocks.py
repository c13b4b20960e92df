"""Stretches of steps missing at random."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Int64, UInt32
from pydantic import Field

from masklab.masks.draw import Keys, draw, random_keys
from masklab.masks.generators._settings import Rate, Seed, Together
from masklab.masks.mask import any_channel, runs
from masklab.masks.rule import Family, Rule, Scene

_NEVER = np.uint32(2**32 - 1)


class Blocks(Rule):
    """Select exactly round(rate * n) of n cells, in stretches of `length` steps.

    Stretches are laid down one after the other at random starts, over one channel each or, with
    `together`, over all channels aimed at, until enough cells are covered; the last one is cut
    short. They may overlap, which costs nothing of the rate, and never cross the border of a
    series or of the layer's scope. n counts the cells that the layer can change (`Scene.pool`);
    with `together`, the steps with at least one such cell. A series shorter than `length` is one
    stretch.
    """

    title: ClassVar[str] = "Random stretches"
    explanation: ClassVar[str] = (
        "Hides stretches of consecutive steps at random places, as a failing sensor does; "
        "exactly the share you ask for, even where stretches overlap."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["blocks"] = "blocks"
    rate: Rate = 0.1
    length: int = Field(
        default=12,
        ge=1,
        le=10_000_000,
        description="Steps in one stretch.",
        json_schema_extra={"unit": "steps"},
    )
    together: Together = Field(
        default=False,
        title="All channels at once",
        description="A stretch covers all channels instead of one.",
    )
    seed: Seed = 0

    @property
    def whole_steps(self) -> bool:
        """Whether it draws all channels at once."""
        return self.together

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn."""
        panel = scene.panel
        lanes = runs(any_channel(scene.domain), panel.offsets)

        def keys_of(column: int | None) -> Keys:
            names = () if column is None else (panel.channels[column],)
            return self._turns(panel.rows, lanes, self.kind, *names)

        return draw(scene.pool, self.rate, keys_of, whole_steps=self.together)

    def summary(self) -> str:
        """Return the rule in a few words: '10 % in stretches of 12 steps'."""
        return f"{100 * self.rate:g} % in stretches of {self.length} steps"

    def _turns(
        self, rows: int, lanes: Int64[np.ndarray, "lane 2"], *stream: str
    ) -> UInt32[np.ndarray, "row"]:
        """Return for each row the key of the first stretch that covers it.

        A stretch starts at every row where one fits, and its key says when its turn comes; so the
        first cells by key are what stretches laid down in that order cover first.
        """
        keys = random_keys(rows, self.seed, *stream)
        first, end = lanes[:, 0], lanes[:, 1]
        is_short = end - first < self.length
        starts = np.zeros(rows + 1, dtype=np.int8)
        starts[first[~is_short]] += 1
        starts[end[~is_short] - self.length + 1] -= 1
        turns = np.where(np.cumsum(starts[:-1], dtype=np.int8) > 0, keys, _NEVER)
        turns = _minimum_of_last(turns, min(self.length, rows))
        short, lengths = first[is_short], (end - first)[is_short]
        inside = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        turns[np.repeat(short, lengths) + inside] = np.repeat(keys[short], lengths)
        return turns


def _minimum_of_last(values: UInt32[np.ndarray, "n"], width: int) -> UInt32[np.ndarray, "n"]:
    """Return the minimum of each value and the `width - 1` before it, by doubling."""
    result, have = values.copy(), 1
    while have < width:
        step = min(have, width - have)
        np.minimum(result[step:], result[:-step].copy(), out=result[step:])
        have += step
    return result
