"""Lesson 6: where the masked steps stand, and why libraries love right padding."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from masklab.lessons._small import daily_wave
from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Heat, Result, Table

_STEPS = 24
_PLACES = ("left", "interior", "right")


class LeftRightInterior(Lesson):
    """The same values with the gap at the left, in the middle and at the right."""

    kind: Literal["left_right_interior"] = "left_right_interior"
    number: ClassVar[int] = 6
    title: ClassVar[str] = "Left, right and interior masks"
    goal: ClassVar[str] = "Say why libraries ask for right padding, and what any other mask costs."
    prediction: ClassVar[Question] = Question(
        "The same 16 values stand in 24 steps, with 8 masked steps at the left, in the middle or at the right. Under "
        "carry, for which does the last state differ?",
        ("For each of them", "Only for the interior one", "For none"),
        2,
        (
            "Carry leaves masked steps out: what remains is the same sequence in each.",
            "A gap in the middle is left out as well; time passes, the state doesn't.",
            "Left out, all three are the same 16 steps. (Whether that is wise is another question: see decay.)",
        ),
    )
    happens: ClassVar[str] = (
        "**Which steps are usable** shows the three masks. **Distance of the last state from that of the bare values** is 0 "
        "for carry wherever the gap stands; when the mask is multiplied in, each place gives another state, and the right one, which comes last, the worst. **Who can do what "
        "at full speed** lists which masks run in a fused kernel."
    )
    why: ClassVar[str] = (
        "An LSTM is causal: what stands to the right of the last usable step can't reach it, so that right padding is "
        "harmless and one fused call runs all rows. A gap elsewhere lies *in* the recurrence. MaskedLSTM moves the "
        "usable steps to the left, which makes right padding of any mask, runs the fused kernel on fewer steps, and puts "
        "the outputs back."
    )
    quiz: ClassVar[Question] = Question(
        "Half of the steps are masked at random. What does MaskedLSTM compute?",
        (
            "All steps, then hides half",
            "About as many steps as the fullest row has usable ones",
            "One step at a time in Python",
        ),
        1,
        (
            "That is what a mask inside a loop over all steps would do.",
            "Rows are moved to the left; the longest one sets how far the kernel runs.",
            "That is the slow twin, which it is tested against.",
        ),
    )
    source: ClassVar[str] = "Keras documentation, LSTM layer: requirements of the cuDNN kernel"
    link: ClassVar[str] = "https://keras.io/api/layers/recurrent_layers/lstm/"
    minutes: ClassVar[int] = 4

    masked: int = Field(
        default=8, ge=1, le=16, title="Masked steps", json_schema_extra={"unit": "of 24"}
    )
    """How many steps are masked, in one gap."""

    def run(self) -> Result:
        """Run the same values in each place, by carry and multiplied by the mask."""
        import torch  # noqa: PLC0415

        from masklab.nn import MaskedLSTM  # noqa: PLC0415

        used = _STEPS - self.masked
        wave = daily_wave(used, self.seed)[:, 0]
        bare = (wave - wave.mean()) / wave.std()
        torch.manual_seed(self.seed)
        lstm = MaskedLSTM(1, 12)

        def last(values: np.ndarray, observed: np.ndarray | None) -> torch.Tensor:
            mask = None if observed is None else torch.from_numpy(observed)[None]
            with torch.no_grad():
                h: torch.Tensor = lstm(torch.from_numpy(values).float()[None, :, None], mask)[1][0]
            return h[0, 0]

        expected = last(bare, None)
        masks, apart = [], {}
        for place, start in zip(_PLACES, (0, (_STEPS - self.masked) // 2, used), strict=True):
            observed = np.ones(_STEPS, dtype=bool)
            observed[start : start + self.masked] = False
            values = np.zeros(_STEPS)
            values[observed] = bare
            masks.append(observed)
            for words, mask in (("multiplied", None), ("carry", observed)):
                apart[f"{words}, {place}"] = float((last(values, mask) - expected).norm())
        looks = {name: "carry" if name.startswith("carry") else "zero_fill" for name in apart}
        carried = max(value for name, value in apart.items() if name.startswith("carry"))
        moved = max(value for name, value in apart.items() if name.startswith("multiplied"))
        rows = (
            ("PyTorch PackedSequence", "yes", "no", "no"),
            ("Keras with the cuDNN kernel", "yes", "no", "no"),
            ("masklab.nn.MaskedLSTM", "yes", "yes", "yes"),
        )
        return Result(
            (
                Heat(
                    "Which steps are usable", "Step", "Mask", np.array(masks, dtype=np.float64), "1 = usable", rows=_PLACES,
                    diverging=False,
                ),
                Bars(
                    "Distance of the last state from that of the bare values", "Way and place of the gap",
                    "Distance (no unit)", apart, strategies=looks,
                ),
                Table("Who can do what at full speed", ("Tool", "right", "left", "interior"), rows),
            ),
            f"With {self.masked} of {_STEPS} steps masked, carry ends {carried:.1g} from the state of the {used} bare values "
            f"wherever the gap stands (the rounding of one fused call); multiplied by the mask it ends up to {moved:.2g} away. "
            f"MaskedLSTM runs {used} steps instead of {_STEPS}.",
            carried < 1e-5 and moved > 1e-2,
            {"carry, at most": carried, "multiplied, at most": moved},
        )  # fmt: skip
