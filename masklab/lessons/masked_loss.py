"""Lesson 5: the loss needs the mask too; without it the network learns the fill."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, panel_of, trained
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Lines, Result

_ROWS = 900
_SEEDS = 2


class MaskedLoss(Lesson):
    """Train on targets of which some are missing, with and without a masked loss."""

    kind: Literal["masked_loss"] = "masked_loss"
    number: ClassVar[int] = 5
    title: ClassVar[str] = "The loss needs the mask too"
    goal: ClassVar[str] = "Say what a network learns whose loss counts missing targets as zeros."
    prediction: ClassVar[Question] = Question(
        "Four of ten targets are missing and were filled with 0; the loss counts all of them. What does the network "
        "predict for a temperature of about 20 °C?",
        ("About 20 °C", "About 12 °C", "0 °C"),
        1,
        (
            "It would, if only known targets counted.",
            "The best answer to 20 in six of ten cases and 0 in four is their mean: 12.",
            "Only if nearly all were missing.",
        ),
    )
    happens: ClassVar[str] = (
        "**Predictions and truth** shows one stretch of the validation part: the network with a masked loss follows the "
        "truth, the one without lies between truth and zero. **Error on known cells** is scored on the same cells for "
        "both."
    )
    why: ClassVar[str] = (
        "A squared loss is smallest at the mean of what it is shown: (1 - rate) · truth + rate · 0. The mask of the "
        "*input* doesn't help; the loss has a mask of its own: Σ loss · scored / Σ scored, pooled over the epoch."
    )
    quiz: ClassVar[Question] = Question(
        "You average the masked means of all batches. Is that the mean over all scored cells?",
        ("Yes", "Only if every batch has as many scored cells", "Never"),
        1,
        (
            "A batch with two scored cells would count as much as one with two thousand.",
            "Pool instead: the sum of losses over the sum of scored cells.",
            "With equal counts it is.",
        ),
    )
    source: ClassVar[str] = (
        "Cao et al. 2018, BRITS: bidirectional recurrent imputation for time series"
    )
    link: ClassVar[str] = "https://arxiv.org/abs/1805.10572"
    minutes: ClassVar[int] = 4

    rate: float = Field(
        default=0.4, ge=0.1, le=0.7, title="Targets missing", json_schema_extra={"step": 0.1}
    )
    """Share of the cells that the file lacks."""

    def run(self) -> Result:
        """Train both ways with two seeds each."""
        wave = daily_wave(_ROWS, self.seed)
        rng = np.random.default_rng(self.seed)
        holed = np.where(rng.random(wave.shape) < self.rate, np.nan, wave)
        panel = panel_of(holed)
        runs = {
            words: trained(
                panel, ["indicator"], seeds=range(self.seed, self.seed + _SEEDS), epochs=5,
                training={"loss_on": loss_on},
            )["indicator"]
            for words, loss_on in (("masked loss", "scored"), ("loss on all", "all"))
        }  # fmt: skip
        rmse = {
            words: float(np.mean([one.last_rmse for one in found])) for words, found in runs.items()
        }
        spread = {
            words: float(np.std([one.last_rmse for one in found], ddof=1))
            for words, found in runs.items()
        }
        predicted = {words: found[0].last for words, found in runs.items()}
        first = next(iter(predicted.values()))
        shown = slice(0, 72)
        rows = first.rows[shown, 0]
        lines = {"truth": first.truth[shown, 0, 0]}
        lines |= {words: one.predicted[shown, 0, 0] for words, one in predicted.items()}
        means = {words: float(np.mean(one.predicted)) for words, one in predicted.items()}
        known = float(np.nanmean(first.truth))
        return Result(
            (
                Lines(
                    "Predictions and truth", "Hour of the validation part", "Temperature (°C)",
                    (rows - rows[0]).astype(np.float64), lines,
                ),
                Bars("Error on known cells", "Training", "RMSE (scaled)", rmse, spread),
            ),
            f"The truth is {known:.1f} °C on average. The masked loss predicts {means['masked loss']:.1f} °C, the loss on all "
            f"**{means['loss on all']:.1f} °C**: {self.rate:.0%} of its targets were zeros. RMSE on the same known cells after the last epoch: "
            f"{rmse['masked loss']:.2f} and {rmse['loss on all']:.2f} (scaled, mean of {_SEEDS} seeds).",
            means["loss on all"] < known - 0.5 * self.rate * known and rmse["loss on all"] > rmse["masked loss"],
            {"mean prediction, masked loss": means["masked loss"], "mean prediction, loss on all": means["loss on all"], **rmse},
        )  # fmt: skip
