"""Lesson 11: the same rate, three mechanisms, and three difficulties."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, panel_of
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Lines, Result, Table
from masklab.masks.layers import MaskRecipe

_ROWS, _SHOWN = 2000, 96


class Mechanisms(Lesson):
    """Hide as many cells in three ways, and fill them in by the simplest means."""

    kind: Literal["mechanisms"] = "mechanisms"
    number: ClassVar[int] = 11
    title: ClassVar[str] = "Same rate, different difficulty"
    goal: ClassVar[str] = (
        "Say more of missing data than its rate: how it goes missing decides how hard it is."
    )
    prediction: ClassVar[Question] = Question(
        "A fifth of the hours is missing: single hours at random, stretches of a day, or the highest values. Straight lines fill "
        "them in. Where is the error smallest?",
        (
            "At single random hours",
            "In stretches of a day",
            "At the highest values",
            "The same: the rate is",
        ),
        0,
        (
            "Both neighbours are mostly there; a line between them is hardly wrong.",
            "The line crosses a whole day and misses its wave.",
            "What is left is lower than what is missing: the line can't know how high it went.",
            "The rate says how much is missing, not how much the rest tells about it.",
        ),
    )
    happens: ClassVar[str] = (
        "**Four days, hidden in three ways** breaks each line where it is hidden. **Error of simple fills** has, for each "
        "mechanism, the error of a straight line across the gap, of the last value and of the mean, at the hidden hours. "
        "**What was hidden** has the realised rate, the longest gap, and by how much the hidden values differ from the others."
    )
    why: ClassVar[str] = (
        "MCAR: whether a cell is missing depends on nothing. Blocks are MCAR in the large, but neighbours go together, so that "
        "little near the gap is left. MNAR: it depends on the hidden value itself, as in a sensor that saturates; then the "
        "observed cells are a biased sample, and no fill made from them is right on average."
    )
    quiz: ClassVar[Question] = Question(
        "A study reports an imputation error “at 50 % missing”. What else must it say?",
        (
            "Nothing: the rate is enough",
            "How the cells were hidden, and how long the gaps are",
            "Only the number of series",
        ),
        1,
        (
            "Published errors on one data set differ threefold at the same rate.",
            "Pattern and gap length decide as much as the rate.",
            "That says how sure the number is, not how hard the task was.",
        ),
    )
    source: ClassVar[str] = "Rubin 1976, Inference and missing data"
    link: ClassVar[str] = "https://doi.org/10.1093/biomet/63.3.581"
    minutes: ClassVar[int] = 4

    rate: float = Field(
        default=0.2, ge=0.05, le=0.6, title="Hours hidden", json_schema_extra={"step": 0.05}
    )
    """Share of the hours that each mechanism hides."""
    length: int = Field(
        default=24, ge=2, le=72, title="Stretch", json_schema_extra={"unit": "hours"}
    )
    """How long a stretch of the blocks is."""

    def run(self) -> Result:
        """Hide by MaskLab's generators, fill by line, last value and mean."""
        values = daily_wave(_ROWS, self.seed)
        panel, scale = panel_of(values), float(values.std())
        rules: dict[str, dict[str, Any]] = {
            "MCAR": {"kind": "mcar", "rate": self.rate, "seed": self.seed},
            "blocks": {
                "kind": "blocks",
                "rate": self.rate,
                "length": self.length,
                "seed": self.seed,
            },
            "MNAR": {"kind": "mnar", "rate": self.rate, "direction": "high", "seed": self.seed},
        }
        truth, rows = values[:, 0], np.arange(_ROWS)
        lines, bars, facts, errors = {}, {}, [], {}
        for name, rule in rules.items():
            recipe = MaskRecipe.model_validate({"layers": [{"rule": rule}]})
            observed = recipe.apply(panel).observed[:, 0]
            before = np.maximum.accumulate(np.where(observed, rows, -1))
            fills = {
                "line": np.interp(rows, rows[observed], truth[observed]),
                "last value": np.where(before >= 0, truth[before], truth[observed].mean()),
                "mean": np.full(_ROWS, truth[observed].mean()),
            }
            for fill, filled in fills.items():
                bars[f"{name}: {fill}"] = float(np.abs(filled - truth)[~observed].mean() / scale)
            errors[name] = bars[f"{name}: line"]
            lines[name] = np.where(observed, truth, np.nan)[:_SHOWN]
            gaps = np.diff(np.flatnonzero(np.diff(np.concatenate(([True], observed, [True])))))[::2]
            apart = truth[~observed].mean() - truth[observed].mean()
            facts.append((name, f"{(~observed).mean():.1%}", f"{gaps.max()} h", f"{apart:+.2f} °C"))
        return Result(
            (
                Lines(
                    "Four days, hidden in three ways", "Hour", "Temperature (°C)", np.arange(1.0, _SHOWN + 1),
                    {name: line - 4 * place for place, (name, line) in enumerate(lines.items())},
                ),
                Bars("Error of simple fills", "Mechanism and fill", "MAE at hidden hours (standard deviations)", bars),
                Table("What was hidden", ("Mechanism", "Realised rate", "Longest gap", "Hidden less observed"), tuple(facts)),
            ),
            f"A straight line misses by **{errors['MCAR']:.2f}** standard deviations at single random hours, **{errors['blocks']:.2f}** "
            f"in stretches of {self.length} hours, **{errors['MNAR']:.2f}** at the highest values: the same rate of {self.rate:.0%}. (In "
            "the first picture the lines are set 4 °C apart.)",
            errors["MCAR"] < errors["blocks"] and errors["MCAR"] < errors["MNAR"],
            {f"error of the line, {name}": error for name, error in errors.items()},
        )  # fmt: skip
