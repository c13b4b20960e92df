"""Lesson 1: a zero is a value, and often an extreme one."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, masked_steps
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Lines, Result

_STEPS = 48
_HISTORY = 480


class ZeroIsNotMissing(Lesson):
    """Fill hidden temperatures with 0 and look at what the network reads."""

    kind: Literal["zero_is_not_missing"] = "zero_is_not_missing"
    number: ClassVar[int] = 1
    title: ClassVar[str] = "Zero is not missing"
    goal: ClassVar[str] = "Tell which number a network reads where you wrote 0 for “missing”."
    prediction: ClassVar[Question] = Question(
        "Room temperatures lie about 20 °C. Hidden hours are filled with 0, then all is standardised. "
        "What does the network read there?",
        (
            "0, which means “nothing” to it",
            "A number several standard deviations below all others",
            "Nothing: the step is skipped",
        ),
        1,
        (
            "After standardising, 0 is the mean. But the zero was written before: it is scaled too.",
            "0 °C is scaled like any temperature: (0 - 20) / 2 or so, a frost that never was.",
            "Nobody told the network about a mask; it reads every step.",
        ),
    )
    happens: ClassVar[str] = (
        "In **What the network reads**, the line of zeros written in degrees plunges at every hidden "
        "hour, far below anything that was measured; zeros written after scaling lie on the mean. In "
        "**How far the hidden state moves**, the same LSTM is thrown about by each plunge, in the hours "
        "after it too. Under carry it stands still at hidden hours. Move the level to 0 and the plunge is gone."
    )
    why: ClassVar[str] = (
        "Standardising turns x into (x - mean) / deviation. A zero becomes -mean / deviation: extreme "
        "wherever the data lies far from zero. A network has no way to know that this value means "
        "“missing”. Fill *after* scaling, where 0 is the mean; better, say what is missing: a mask."
    )
    quiz: ClassVar[Question] = Question(
        "Your data has mean 100 and deviation 5. Which fill is the least extreme?",
        ("0, before scaling", "0, after scaling", "-1, after scaling"),
        1,
        (
            "It becomes (0 - 100) / 5 = -20 deviations.",
            "It is the mean, the value that surprises least. It is still a value: the next lesson.",
            "It is one deviation below the mean: not extreme, and not neutral either.",
        ),
    )
    source: ClassVar[str] = (
        "Che et al. 2018, Recurrent neural networks for multivariate time series with missing values"
    )
    link: ClassVar[str] = "https://doi.org/10.1038/s41598-018-24271-9"
    minutes: ClassVar[int] = 3

    level: float = Field(
        default=20.0, ge=0, le=50, title="Level", json_schema_extra={"unit": "°C", "step": 5.0}
    )
    """About where the temperatures lie."""
    rate: float = Field(
        default=0.25, ge=0.05, le=0.6, title="Hours hidden", json_schema_extra={"step": 0.05}
    )
    """Share of the hours that is hidden."""

    def run(self) -> Result:
        """Scale by what is observed, fill both ways, and run one LSTM over all three."""
        import torch  # noqa: PLC0415

        from masklab.nn import MaskedLSTM  # noqa: PLC0415

        wave = daily_wave(_HISTORY, self.seed, level=self.level)[:, 0]
        rng = np.random.default_rng(self.seed)
        observed = np.ones(_STEPS, dtype=bool)
        observed[rng.choice(np.arange(1, _STEPS), round(self.rate * _STEPS), replace=False)] = False
        mean, deviation = wave.mean(), wave.std()
        truth = (wave[:_STEPS] - mean) / deviation
        raw = np.where(observed, truth, -mean / deviation)
        scaled = np.where(observed, truth, 0.0)
        torch.manual_seed(self.seed)
        lstm = MaskedLSTM(1, 12)
        mask = torch.from_numpy(observed)[None]

        def moved(values: np.ndarray, usable: torch.Tensor | None) -> np.ndarray:
            x = torch.from_numpy(values).float()[None, :, None]
            with torch.no_grad():
                output = lstm(x, usable)[0][0]
            before = torch.cat((torch.zeros(1, output.shape[1]), output[:-1]))
            steps: np.ndarray = (output - before).norm(dim=1).double().numpy()
            return steps

        steps, hidden = np.arange(1.0, _STEPS + 1), masked_steps(observed)
        moves = {
            "zero in degrees": moved(raw, None),
            "zero after scaling": moved(scaled, None),
            "carry": moved(scaled, mask),
        }
        at_hidden = {name: float(line[~observed].mean()) for name, line in moves.items()}
        distance = float(mean / deviation)
        reads = {"truth": truth, "zero in degrees": raw, "zero after scaling": scaled}
        return Result(
            (
                Lines("What the network reads", "Hour", "Temperature (standard deviations)", steps, reads, hidden),
                Lines(
                    "How far the hidden state moves", "Hour", "Length of h's step (no unit)", steps, moves, hidden,
                    {"carry": "carry"},
                ),
            ),
            f"0 °C lies **{distance:.1f} standard deviations** below the mean of {mean:.1f} °C. At hidden hours the "
            f"hidden state moves by {at_hidden['zero in degrees']:.2f} on average when zeros are written in degrees, "
            f"{at_hidden['zero after scaling']:.2f} when they are written after scaling, {at_hidden['carry']:.2f} under carry.",
            distance > 3 and at_hidden["zero in degrees"] > at_hidden["zero after scaling"] and at_hidden["carry"] == 0,
            {"deviations that zero lies below the mean": distance, **at_hidden},
        )  # fmt: skip
