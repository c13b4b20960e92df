"""Lesson 7: a mask of cells becomes a mask of steps, by any or by all."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Heat, Lines, Result

_STEPS, _SHOWN = 4000, 30
_RATES = np.linspace(0.0, 0.95, 20)


class AnyOrAll(Lesson):
    """Count the steps that are left when cells are hidden at random."""

    kind: Literal["any_or_all"] = "any_or_all"
    number: ClassVar[int] = 7
    title: ClassVar[str] = "Any or all"
    goal: ClassVar[str] = "Choose when a step counts as usable, and say how many steps that leaves."
    prediction: ClassVar[Question] = Question(
        "Four channels lose 30 % of their cells, each by itself. A step is skipped unless all of its channels are "
        "observed. How many steps are left?",
        ("70 %", "About 24 %", "99 %"),
        1,
        (
            "That is the share of cells, not of steps.",
            "All four must be there at once: 0.7 · 0.7 · 0.7 · 0.7 = 0.24.",
            "That is the share with at least one channel observed: 1 - 0.3⁴.",
        ),
    )
    happens: ClassVar[str] = (
        "**Which cells are observed** shows the first 30 steps, and below the channels which of them are usable by *any* and "
        "by *all*. **Share of usable steps** follows both over the rate: by *any* nearly every step stays, by *all* the "
        "steps vanish long before the cells do."
    )
    why: ClassVar[str] = (
        "A recurrence is carried or not for a whole step, so that a cell mask (time, channel) has to become a step mask "
        "(time). With c channels hidden independently at rate r, *any* leaves 1 - r^c of the steps, *all* (1 - r)^c. Keras' "
        "`Masking` is *any*: it skips a step only if **every** feature equals the sentinel. Under *any* the hidden cells of a "
        "usable step still need a value."
    ).replace("**every**", "*every*")
    quiz: ClassVar[Question] = Question(
        "Your twelve sensors each fail 5 % of the time, not together. Which collapse keeps the LSTM reading?",
        ("all", "any, with the hidden cells filled and flagged", "It makes no difference at 5 %"),
        1,
        (
            "0.95 to the power of 12 is 0.54: nearly half of the steps would be skipped for one sensor each.",
            "Practically every step stays; fill the few hidden cells, and say by a flag which they are.",
            "With twelve channels it does: 54 % of the steps or practically all.",
        ),
    )
    source: ClassVar[str] = "Keras documentation, Masking layer"
    link: ClassVar[str] = "https://keras.io/api/layers/core_layers/masking/"
    minutes: ClassVar[int] = 3

    channels: int = Field(default=4, ge=1, le=12, title="Channels")
    """How many channels a step has."""
    rate: float = Field(
        default=0.3, ge=0.0, le=0.9, title="Cells hidden", json_schema_extra={"step": 0.1}
    )
    """Share of the cells that is hidden, in each channel by itself."""

    def run(self) -> Result:
        """Hide cells at random and count."""
        rng = np.random.default_rng(self.seed)
        ranks = rng.random((_STEPS, self.channels))
        observed = ranks >= self.rate
        rows = [f"channel {one + 1}" for one in range(self.channels)]
        shown = observed[:_SHOWN].astype(np.float64)
        strips = np.vstack([shown.T, shown.max(axis=1), shown.min(axis=1)])
        by_any = np.array([(ranks >= rate).any(axis=1).mean() for rate in _RATES])
        by_all = np.array([(ranks >= rate).all(axis=1).mean() for rate in _RATES])
        left = {
            "any": float(observed.any(axis=1).mean()),
            "all": float(observed.all(axis=1).mean()),
        }
        expected = {"any": 1 - self.rate**self.channels, "all": (1 - self.rate) ** self.channels}
        return Result(
            (
                Heat(
                    "Which cells are observed", "Step", "Channel, then step masks", strips,
                    "1 = observed", rows=(*rows, "usable by any", "usable by all"), diverging=False,
                ),
                Lines(
                    "Share of usable steps", "Share of cells hidden", "Share of steps", _RATES,
                    {"any": by_any, "all": by_all, "cells": 1 - _RATES},
                ),
            ),
            f"{self.rate:.0%} of the cells of {self.channels} channels are hidden. By *any*, **{left['any']:.1%}** of {_STEPS:,} "
            f"steps stay usable ({expected['any']:.1%} expected); by *all*, **{left['all']:.1%}** ({expected['all']:.1%} expected).",
            all(abs(left[way] - expected[way]) < 0.03 for way in left),
            {f"usable by {way}": share for way, share in left.items()},
        )  # fmt: skip
