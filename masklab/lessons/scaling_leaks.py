"""Lesson 9: a scaler that was fitted on hidden cells tells the network about them."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, masked_steps
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Lines, Result, Table
from masklab.scaling import fit

_ROWS, _SHOWN = 480, 72
_TRAINED = 320


class ScalingLeaks(Lesson):
    """Change nothing but hidden cells, and see what the network is fed."""

    kind: Literal["scaling_leaks"] = "scaling_leaks"
    number: ClassVar[int] = 9
    title: ClassVar[str] = "Scaling before masking leaks"
    goal: ClassVar[str] = (
        "Fit a scaler so that hidden and future values can't reach the network through it."
    )
    prediction: ClassVar[Question] = Question(
        "You standardise the whole file, then mask the outliers. Do the outliers still reach the network?",
        (
            "No, they are masked",
            "Yes, through the mean and deviation of every other value",
            "Only if the network has a bias",
        ),
        1,
        (
            "Their cells are. But mean and deviation were computed with them.",
            "Every visible value was shifted and shrunk by what is hidden.",
            "A bias has nothing to do with it: the input itself was changed.",
        ),
    )
    happens: ClassVar[str] = (
        "**What the network is fed** draws the same observed hours, scaled in both ways: fitted on everything they are "
        "squeezed together by outliers that nobody shows. **What the scaler knows** has its mean and deviation, before and after "
        "the *hidden* cells alone were changed: one moves, the other doesn't."
    )
    why: ClassVar[str] = (
        "A scaler has parameters, and parameters are learnt. Learnt from hidden cells they carry what was hidden; learnt from "
        "validation and test they carry the future. Fit on **observed training cells** only, then apply to everything."
    ).replace("**observed training cells**", "*observed training cells*")
    quiz: ClassVar[Question] = Question(
        "Which order is right?",
        (
            "scale, split, mask",
            "split, mask, fit on observed training cells, scale",
            "split, scale each part by itself, mask",
        ),
        1,
        (
            "The scaler sees hidden cells and the test part.",
            "What the scaler may know is decided before it is fitted.",
            "The parts then have different units, and the test part tells its own mean.",
        ),
    )
    source: ClassVar[str] = "Kaufman et al. 2012, Leakage in data mining"
    link: ClassVar[str] = "https://doi.org/10.1145/2382577.2382579"
    minutes: ClassVar[int] = 3

    outlier: float = Field(
        default=200.0,
        ge=30,
        le=1000,
        title="Outliers",
        json_schema_extra={"unit": "°C", "step": 50.0},
    )
    """The value of the broken readings, which the mask hides."""
    rate: float = Field(
        default=0.05, ge=0.01, le=0.3, title="Hours broken", json_schema_extra={"step": 0.01}
    )
    """Share of the hours with a broken reading."""

    def run(self) -> Result:
        """Fit both scalers, change the hidden cells, fit again."""
        rng = np.random.default_rng(self.seed)
        truth = daily_wave(_ROWS, self.seed)
        broken = rng.random(truth.shape) < self.rate
        broken[0] = True
        values = np.where(broken, self.outlier, truth)
        changed = np.where(broken, -self.outlier, truth)
        training = np.arange(_ROWS)[:, None] < _TRAINED
        cells = {"everything": np.ones_like(broken), "observed training cells": ~broken & training}
        rows, fed, moved = [], {}, {}
        for words, fitted in cells.items():
            first, second = (fit(one, fitted, ("temperature",)) for one in (values, changed))
            scaled, again = ((truth - one.shift[0]) / one.scale[0] for one in (first, second))
            moved[words] = float(np.abs(scaled - again)[~broken].max())
            fed[words] = np.where(broken, np.nan, scaled)[:_SHOWN, 0]
            rows += [
                (words, which, f"{one.shift[0, 0]:.2f}", f"{one.scale[0, 0]:.2f}")
                for which, one in (("as measured", first), ("hidden cells changed", second))
            ]
        spread = {words: float(np.nanstd(line)) for words, line in fed.items()}
        return Result(
            (
                Lines(
                    "What the network is fed", "Hour", "Temperature (scaled)", np.arange(1.0, _SHOWN + 1),
                    {f"fitted on {words}": line for words, line in fed.items()}, masked_steps(~broken[:_SHOWN, 0]),
                ),
                Table(
                    "What the scaler knows", ("Fitted on", "File", "Mean (°C)", "Deviation (°C)"), tuple(rows)
                ),
            ),
            f"{int(broken.sum())} of {_ROWS} hours are broken and hidden. Fitted on everything, what the network reads at *observed* "
            f"hours changes by up to **{moved['everything']:.2f}** deviations when only hidden cells change; fitted on observed "
            f"training cells it changes by exactly **{moved['observed training cells']:g}**.",
            moved["everything"] > 0.05 and moved["observed training cells"] == 0,
            {**{f"fed change, {words}": one for words, one in moved.items()}, **{f"spread, {w}": s for w, s in spread.items()}},
        )  # fmt: skip
