"""Lesson 2: an input of zeros still moves the state; a skipped step doesn't."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave, masked_steps
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Heat, Lines, Result

_STEPS = 40
_HIDDEN_SIZE = 12


class MultiplyingIsNotSkipping(Lesson):
    """Multiply a gap by the mask, or skip it, in the same LSTM."""

    kind: Literal["multiplying_is_not_skipping"] = "multiplying_is_not_skipping"
    number: ClassVar[int] = 2
    title: ClassVar[str] = "Multiplying is not skipping"
    goal: ClassVar[str] = "Tell what an LSTM does at a step whose input was multiplied by 0."
    prediction: ClassVar[Question] = Question(
        "For some steps the input is multiplied by 0. What becomes of the hidden state h there?",
        (
            "It stays as it was: there is no input",
            "It moves: biases and the recurrence are still there",
            "It becomes 0",
        ),
        1,
        (
            "The gates are sums of input, recurrence and bias. Only the first is 0.",
            "Each such step forgets a little and adds what biases and the old h make: the memory drifts.",
            "Only a reset does that; nothing here asks for one.",
        ),
    )
    happens: ClassVar[str] = (
        "In **Distance from the state before the gap**, carry stays at exactly 0 for the whole gap; "
        "multiplying drifts away, the farther the longer the gap. The heat maps **h under multiplying** and "
        "**h under carry** show the units: under carry the columns of the gap are copies of the one before."
    )
    why: ClassVar[str] = (
        "With $x_t = 0$ the cell still computes $c_t = σ(W_{hf} h + b_f)\\, c_{t-1} + σ(W_{hi} h + b_i) \\tanh(W_{hg} h + b_g)$. "
        "To skip a step, the *state* has to be masked: $(h, c)_t = m_t (h', c') + (1 - m_t) (h, c)_{t-1}$. "
        "That is Keras' Masking, and `MaskedLSTM` under carry."
    )
    quiz: ClassVar[Question] = Question(
        "Which line makes a PyTorch LSTM skip masked steps?",
        (
            "x = x * mask[..., None]",
            "output = output * mask[..., None]",
            "output, state = MaskedLSTM(…)(x, observed)",
        ),
        2,
        (
            "It changes what is read, not whether the state moves.",
            "It hides the output at masked steps; the state went through them all the same.",
            "The step mask goes to the recurrence, where alone a step can be skipped.",
        ),
    )
    source: ClassVar[str] = "Keras documentation, Understanding masking and padding"
    link: ClassVar[str] = "https://keras.io/guides/understanding_masking_and_padding/"
    minutes: ClassVar[int] = 4

    gap: int = Field(
        default=12, ge=1, le=24, title="Length of the gap", json_schema_extra={"unit": "steps"}
    )
    """How many steps in the middle are masked."""

    def run(self) -> Result:
        """Run the same weights over the same window both ways."""
        import torch  # noqa: PLC0415

        from masklab.nn import MaskedLSTM  # noqa: PLC0415

        wave = daily_wave(_STEPS, self.seed)[:, 0]
        x = (wave - wave.mean()) / wave.std()
        first = (_STEPS - self.gap) // 2
        observed = np.ones(_STEPS, dtype=bool)
        observed[first : first + self.gap] = False
        torch.manual_seed(self.seed)
        lstm = MaskedLSTM(1, _HIDDEN_SIZE)
        mask = torch.from_numpy(observed)[None]
        values = torch.from_numpy(x * observed).float()[None, :, None]
        with torch.no_grad():
            multiplied = lstm(values)[0][0].double().numpy()
            carried = lstm(values, mask)[0][0].double().numpy()

        def distance(h: np.ndarray) -> np.ndarray:
            away: np.ndarray = np.linalg.norm(h - h[first - 1], axis=1)
            return np.where(observed, np.nan, away)

        steps, hidden = np.arange(1.0, _STEPS + 1), masked_steps(observed)
        lines = {"multiply by the mask": distance(multiplied), "carry": distance(carried)}
        drift, stays = (float(np.nanmax(line)) for line in lines.values())
        unit = "value of h"
        return Result(
            (
                Lines(
                    "Distance from the state before the gap", "Step", "Distance of h (no unit)", steps, lines, hidden,
                    {"multiply by the mask": "zero_fill", "carry": "carry"},
                ),
                Heat("h under multiplying", "Step", "Hidden unit", multiplied.T, unit, masked=hidden),
                Heat("h under carry", "Step", "Hidden unit", carried.T, unit, masked=hidden),
            ),
            f"Over a gap of {self.gap} steps h moves by up to **{drift:.2f}** when the input is multiplied by the "
            f"mask, and by exactly **{stays:g}** under carry.",
            drift > 0 and stays == 0,
            {"moved when multiplied": drift, "moved under carry": stays},
        )  # fmt: skip
