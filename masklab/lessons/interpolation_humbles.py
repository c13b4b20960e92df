"""Lesson 12: the straight line, a baseline that humbles."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, panel_of, trained
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Lines, Result

_ROWS = 3000


class InterpolationHumbles(Lesson):
    """Reconstruct single hidden hours by LSTMs, and by a straight line."""

    kind: Literal["interpolation_humbles"] = "interpolation_humbles"
    number: ClassVar[int] = 12
    title: ClassVar[str] = "Linear interpolation, the baseline that humbles"
    goal: ClassVar[str] = "Draw naive baselines beside every network before you believe in it."
    prediction: ClassVar[Question] = Question(
        "A fifth of the hours of a smooth temperature is hidden. LSTMs that read both ways are trained to fill it in. Do they beat a "
        "straight line between the neighbours?",
        ("Yes, by far", "A plain one doesn't; one that corrects the line does", "No network can"),
        1,
        (
            "A short training of a plain LSTM has to learn anew what a line gives for nothing.",
            "It starts from what is hard to beat, and learns only the rest.",
            "The rest isn't nothing: a line cuts off every peak.",
        ),
    )
    happens: ClassVar[str] = (
        "**Error at hidden hours** has two LSTMs beside three naive fills. The line beats the LSTM that starts from zeros; the "
        "strategy `residual`, which is fed the line and predicts what it gets wrong, lies below it. **Two days, filled in** shows "
        "where the line is wrong: at peaks, and nowhere else."
    )
    why: ClassVar[str] = (
        "Between two near neighbours a smooth series hardly differs from the chord: its error grows with the curvature and the "
        "square of the gap. A network must approximate the same function out of gates. Feeding it the line and asking for the "
        "difference (a residual) makes 'no better than the line' the starting point instead of the goal."
    )
    quiz: ClassVar[Question] = Question(
        "Your network's RMSE is 0.31. Is that good?",
        (
            "Yes, it is below 1",
            "It can't be said without the naive baselines on the same cells",
            "Yes, if the loss has converged",
        ),
        1,
        (
            "Below 1 means better than predicting the mean of scaled data: the weakest baseline there is.",
            "If the line is at 0.25, the network is worse than no network.",
            "Converged to something worse than a line is still worse than a line.",
        ),
    )
    source: ClassVar[str] = "Du et al. 2024, TSI-Bench, tables of naive methods"
    link: ClassVar[str] = "https://arxiv.org/abs/2406.12747"
    minutes: ClassVar[int] = 4

    noise: float = Field(
        default=0.1, ge=0.0, le=2.0, title="Noise", json_schema_extra={"unit": "°C", "step": 0.1}
    )
    """Standard deviation of the noise of each hour: the line suffers from it twice."""

    def run(self) -> Result:
        """Train a plain and a residual LSTM; score both beside the naive fills."""
        from masklab.training.baselines import baseline_scores  # noqa: PLC0415

        panel = panel_of(daily_wave(_ROWS, self.seed, noise=self.noise))
        runs = trained(
            panel, ["zero_fill", "residual"], task={"kind": "reconstruct", "window": 24, "rate": 0.2}, seeds=(self.seed,),
            epochs=8,
        )  # fmt: skip
        prepared = runs["residual"][0].run.prepared
        naive = {name: both[0].rmse for name, both in baseline_scores(prepared).items()}
        rmse = {label: found[0].rmse for label, found in runs.items()}
        rmse |= {name.replace("_", " "): value for name, value in naive.items()}
        predicted = {label: found[0].run.predictions() for label, found in runs.items()}
        first = predicted["residual"]
        scored = first.common[:2, :, 0].reshape(-1)
        lines = {"truth": first.truth[:2, :, 0].reshape(-1)}
        lines |= {
            label: np.where(scored, one.predicted[:2, :, 0].reshape(-1), np.nan)
            for label, one in predicted.items()
        }
        return Result(
            (
                Bars(
                    "Error at hidden hours", "Strategy or naive fill", "RMSE (scaled)", rmse, strategies={label: label for label in runs}
                ),
                Lines(
                    "Two days, filled in", "Hour", "Temperature (°C)", np.arange(1.0, len(scored) + 1), lines,
                    tuple(int(step) + 1 for step in np.flatnonzero(scored)), {label: label for label in runs},
                ),
            ),
            f"At {int(first.common.sum()):,} hidden hours the straight line misses by {rmse['linear']:.3f} (RMSE, scaled), the plain LSTM "
            f"by **{rmse['zero_fill']:.3f}**, the one that corrects the line by **{rmse['residual']:.3f}**.",
            rmse["zero_fill"] > rmse["linear"] > rmse["residual"],
            rmse,
        )  # fmt: skip
