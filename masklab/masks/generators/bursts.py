"""Outages that begin and end at random, as a two-state Markov chain has them."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from jaxtyping import Bool, Int64, UInt32
from pydantic import Field

from masklab.masks.draw import Keys, draw, random_keys
from masklab.masks.generators._settings import Rate, Seed, Together
from masklab.masks.mask import any_channel, runs
from masklab.masks.rule import Family, Rule, Scene

_WHOLE = 2.0**32


class Bursts(Rule):
    """Select exactly round(rate * n) of n cells as a two-state Markov chain does (Gilbert 1960).

    At each step a working channel fails with one chance, and a failed one recovers with the chance
    1 / `mean_length`: stretches hidden and stretches shown both have geometric lengths. The chance
    to fail is the one that takes exactly the cells asked for; the last stretch is cut short. The
    chain runs along the rows of each series that the layer is aimed at, begins in balance, and
    passes over cells that the layer can't change. A higher rate keeps what a lower one drew.

    Above the rate 1 - 1 / `mean_length` steps would have to recover more often than they may:
    stretches then have the mean length 1 / (1 - rate), as single cells at random have.
    """

    title: ClassVar[str] = "Random outages"
    explanation: ClassVar[str] = (
        "Hides stretches of random lengths, most short and a few long, as a loose contact or a "
        "radio link does: exactly the share you ask for."
    )
    family: ClassVar[Family] = "At random"

    kind: Literal["bursts"] = "bursts"
    rate: Rate = 0.1
    mean_length: float = Field(
        default=12.0,
        ge=1,
        le=10_000_000,
        description="Mean length of a stretch.",
        json_schema_extra={"unit": "steps", "step": 1.0},
    )
    together: Together = Field(
        default=False,
        title="All channels at once",
        description="An outage covers all channels instead of one.",
    )
    seed: Seed = 0

    @property
    def whole_steps(self) -> bool:
        """Whether outages cover all channels."""
        return self.together

    def select(self, scene: Scene) -> Bool[np.ndarray, "row channel"]:
        """Return the drawn cells; none where nothing can be drawn."""
        panel = scene.panel
        first = runs(any_channel(scene.domain), panel.offsets)[:, 0]

        def keys_of(column: int | None) -> Keys:
            names = () if column is None else (panel.channels[column],)
            keys = random_keys(panel.rows, self.seed, self.kind, *names)
            return chain_keys(keys, first, self.mean_length)

        return draw(scene.pool, self.rate, keys_of, whole_steps=self.together)

    def summary(self) -> str:
        """Return the rule in a few words: '10 % in outages of about 12 steps'."""
        return f"{100 * self.rate:g} % in outages of about {self.mean_length:g} steps"


def chain_keys(
    keys: Keys, first: Int64[np.ndarray, "lane"], mean_length: float
) -> UInt32[np.ndarray, "row"]:
    """Return for each row the least chance to fail at which the chain hides it, times 2^32.

    A row fails where its key lies under the chance, and stays failed until a row with a key of
    1 - 1 / `mean_length` or more lets it recover: so a row is hidden once the chance exceeds the
    least key since that recovery. The first row of a lane is hidden with the share that the chain
    has in the long run, p / (p + 1 / `mean_length`).
    """
    recover = 1 / mean_length
    border = (1 - recover) * _WHOLE
    keys = keys.copy()
    share = keys[first] / _WHOLE
    begins = np.minimum(recover * share / np.maximum(1 - share, recover) * _WHOLE, border)
    keys[first] = np.where(keys[first] < border, begins, keys[first]).astype(np.uint32)
    starts = keys >= border
    starts[first] = True
    stretch = np.cumsum(starts, dtype=np.int64)
    # Later stretches get smaller high halves, so that the running minimum begins anew at each.
    least = np.minimum.accumulate(((stretch[-1] - stretch) << 32) | keys)
    return least.astype(np.uint32)  # the low half
