"""Lesson 8: each on its own cells, and the worse one wins."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, panel_of, trained
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Lines, Result, Table

_ROWS = 900
_NIGHT = 8
_SEEDS = 2


class TwoMasks(Lesson):
    """Hide the noisy nights from one strategy, and score both ways."""

    kind: Literal["two_masks"] = "two_masks"
    number: ClassVar[int] = 8
    title: ClassVar[str] = "Two masks for validation: the comparison that cheats"
    goal: ClassVar[str] = "See why strategies are compared on common cells only."
    prediction: ClassVar[Question] = Question(
        "Nights are noisy and hidden by the mask. A strategy that reads the mask is scored on the days; one that ignores it on "
        "days and nights. Which has the lower error on its own cells?",
        (
            "The one that ignores the mask: it knows more",
            "The one that reads the mask, whatever it learnt",
            "Both the same",
        ),
        1,
        (
            "It does know more. But its score holds the noisy nights too.",
            "Its score leaves out the hard cells: it would be lower for a worse network too.",
            "They are scored on different cells; equal scores would be luck.",
        ),
    )
    happens: ClassVar[str] = (
        "**A week of the data**: the washed hours are hidden, and noisy. **Error on own cells** and **Error on common cells** "
        "hold the same four runs, scored twice. On own cells mean_fill looks far better; on the same cells the gap "
        "shrinks, and turns with some seeds. **How many cells stand behind a score** says why."
    )
    why: ClassVar[str] = (
        "A score is a mean over cells. Change the cells, and you change the score without touching the network. A mask that "
        "hides what is hard flatters everything that is scored through it. So: fix the scored cells *before* any "
        "strategy runs, the same for all; MaskLab calls them common."
    )
    quiz: ClassVar[Question] = Question(
        "Two papers report an RMSE on the same data set, each with its own random mask. May you compare them?",
        (
            "Yes, the data is the same",
            "Only roughly: rate and pattern must match, and seeds be many",
            "Yes, if both masks hide 50 %",
        ),
        1,
        (
            "The scored cells aren't.",
            "Over many random cells of the same kind the difference is small; of different kinds it isn't.",
            "Single cells and long gaps of the same rate differ several times over: see lesson 11.",
        ),
    )
    source: ClassVar[str] = "Du et al. 2024, TSI-Bench: benchmarking time series imputation"
    link: ClassVar[str] = "https://arxiv.org/abs/2406.12747"
    minutes: ClassVar[int] = 4

    noise: float = Field(
        default=5.0,
        ge=0.5,
        le=8.0,
        title="Noise at night",
        json_schema_extra={"unit": "°C", "step": 0.5},
    )
    """Standard deviation of the noise in the hours that the mask hides; by day it is 0.3 °C."""

    def run(self) -> Result:
        """Train one of each and score both runs on both sets of cells."""
        rng = np.random.default_rng(self.seed)
        hours = np.arange(_ROWS) % 24
        night = hours < _NIGHT
        values = daily_wave(_ROWS, self.seed)
        values[night, 0] += self.noise * rng.normal(size=int(night.sum()))
        recipe = {"layers": [{"rule": {"kind": "periodic", "every": 24, "width": _NIGHT}}]}
        runs = trained(
            panel_of(values),
            ["ignore", "mean_fill"],
            recipe=recipe,
            seeds=range(self.seed, self.seed + _SEEDS),
            epochs=5,
        )
        common = {
            label: float(np.mean([one.rmse for one in found])) for label, found in runs.items()
        }
        own = {
            label: float(np.mean([one.own_rmse for one in found])) for label, found in runs.items()
        }
        same = {label: label for label in runs}
        gap_own, gap_common = (
            own["ignore"] / own["mean_fill"],
            common["ignore"] / common["mean_fill"],
        )
        week = slice(0, 7 * 24)
        counts = tuple(
            (label, f"{found[0].own_count:,}", f"{found[0].count:,}")
            for label, found in runs.items()
        )
        return Result(
            (
                Lines(
                    "A week of the data", "Hour", "Temperature (°C)", np.arange(1.0, 7 * 24 + 1), {"truth": values[week, 0]},
                    tuple(int(step) + 1 for step in np.flatnonzero(night[week])),
                ),
                Bars("Error on own cells", "Strategy", "RMSE (scaled)", own, strategies=same),
                Bars("Error on common cells", "Strategy", "RMSE (scaled)", common, strategies=same),
                Table("How many cells stand behind a score", ("Strategy", "own", "common"), counts),
            ),
            f"On its own cells `ignore` has **{gap_own:.1f} times** the error of `mean_fill` ({own['ignore']:.2f} and "
            f"{own['mean_fill']:.2f}); on the common ones {gap_common:.2f} times ({common['ignore']:.2f} and "
            f"{common['mean_fill']:.2f}). Nothing but the scored cells changed.",
            gap_own > 1.15 * gap_common,
            {"ignore over mean_fill, own cells": gap_own, "ignore over mean_fill, common cells": gap_common},
        )  # fmt: skip
