"""Lesson 3: the last output may be of padding."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Code, Lines, Result

_USED = 16

_WRONG = """output, _ = lstm(x)                 # rows of unequal length, padded on the right
answer = head(output[:, -1])        # the last *padded* step of every row but the longest"""

_RIGHT = """output, (h, c) = MaskedLSTM(...)(x, observed)
answer = head(h[-1])                # the state after each row's last usable step
# or: last = observed.cumsum(1).argmax(1); output[torch.arange(len(x)), last]"""


class LastOutput(Lesson):
    """Pad a sequence and read its last output, both ways."""

    kind: Literal["last_output"] = "last_output"
    number: ClassVar[int] = 3
    title: ClassVar[str] = "What the last output reads"
    goal: ClassVar[str] = "Read the state after the last usable step, not after the padding."
    prediction: ClassVar[Question] = Question(
        "A sequence of 16 steps is padded with zeros to 40. A plain LSTM reads all 40. What is output[:, -1]?",
        (
            "The state after step 16: padding is zeros",
            "The state after 24 steps of zeros",
            "Zeros, as the padding is",
        ),
        1,
        (
            "Zeros move the state, as the lesson before showed.",
            "It went through every padded step; of the sequence little may be left.",
            "The LSTM's biases and memory make an output whatever the input is.",
        ),
    )
    happens: ClassVar[str] = (
        "**How far the last output is from the sequence's end** grows with every padded step for the plain LSTM, "
        "and is 0 for carry, however much is padded. Below, **The usual code** and **The repaired code** differ in "
        "which step they read."
    )
    why: ClassVar[str] = (
        "`output[:, -1]` names a place in the array, not in the sequence. In a batch all rows have the length of "
        "the longest: for every other row that place is padding. The same holds for a row whose last steps are masked. "
        "Read h after the last usable step; a row with none gives zeros, never NaN."
    )
    quiz: ClassVar[Question] = Question(
        "Rows are padded on the left instead. Is output[:, -1] right now?",
        (
            "Yes, altogether",
            "It is the right step, but the state came through the padding first",
            "No, it reads padding",
        ),
        1,
        (
            "The last place is the last step, true; but before its first step the LSTM read zeros.",
            "The place is right. The state that the sequence started from isn't zero any more.",
            "With padding on the left the last place holds the last step.",
        ),
    )
    source: ClassVar[str] = "PyTorch documentation, pack_padded_sequence"
    link: ClassVar[str] = (
        "https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pack_padded_sequence.html"
    )
    minutes: ClassVar[int] = 3

    padding: int = Field(
        default=24, ge=1, le=60, title="Padded steps", json_schema_extra={"unit": "steps"}
    )
    """How many steps of zeros stand behind the sequence, at most."""

    def run(self) -> Result:
        """Compare both readings for every amount of padding."""
        import torch  # noqa: PLC0415

        from masklab.nn import MaskedLSTM  # noqa: PLC0415

        wave = daily_wave(_USED, self.seed)[:, 0]
        x = np.zeros(_USED + self.padding)
        x[:_USED] = (wave - wave.mean()) / wave.std()
        torch.manual_seed(self.seed)
        lstm = MaskedLSTM(1, 12)
        values = torch.from_numpy(x).float()[None, :, None]
        observed = torch.arange(len(x))[None] < _USED
        with torch.no_grad():
            plain, carried = (lstm(values, mask)[0][0] for mask in (None, observed))
        end = plain[_USED - 1]
        lines = {
            "output[:, -1] of a plain LSTM": (plain[_USED - 1 :] - end)
            .norm(dim=1)
            .double()
            .numpy(),
            "carry": (carried[_USED - 1 :] - end).norm(dim=1).double().numpy(),
        }
        size = float(end.norm())
        away, stays = (float(line[-1]) for line in lines.values())
        padded = np.arange(0.0, self.padding + 1)
        return Result(
            (
                Lines(
                    "How far the last output is from the sequence's end", "Padded steps", "Distance (no unit)", padded, lines,
                    strategies={"output[:, -1] of a plain LSTM": "zero_fill", "carry": "carry"},
                ),
                Code("The usual code", _WRONG),
                Code("The repaired code", _RIGHT),
            ),
            f"After {self.padding} padded steps the plain LSTM's last output is **{away:.2f}** away from what it knew at "
            f"the sequence's end ({away / size:.0%} of that state's size, {size:.2f}); under carry it is {stays:g} away.",
            away > 0 and stays == 0,
            {"distance of the plain LSTM": away, "distance under carry": stays},
        )  # fmt: skip
