"""Lesson 13: three usual answers to "how do I mask an LSTM?", run, judged, repaired."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Code, Result, Table

if TYPE_CHECKING:
    from torch import Tensor

_HIDDEN_SIZE = 64

_AS_WRITTEN = """# 1  a layer that looks for a sentinel        # 2, 3  the input times the mask
mask = np.where(data == -1, 0, 1)             x = x * mask.unsqueeze(-1)
Masking(mask_value=-1)                        output, _ = self.lstm(x)
LSTM(64)                                      output = self.fc(output[:, -1, :])
model.fit(data, random targets)               loss = criterion(output, random targets)"""

_REPAIRED = """observed = torch.tensor(...)                    # True = usable, whatever the numbers are
lstm = MaskedLSTM(2, 64, on_masked="carry")     # or "reset", if a gap should wipe the memory
x = torch.where(observed[..., None], x, 0.0)    # before any arithmetic; NaN is welcome
output, (h, c) = lstm(x, observed)              # masked steps are skipped
prediction = head(h[-1])                        # the last usable step of each row
loss = torch.where(scored, (prediction - y) ** 2, 0.0).sum() / scored.sum()"""


class FoundingArticle(Lesson):
    """Three rows of four steps, as in the article that many find first."""

    kind: Literal["founding_article"] = "founding_article"
    number: ClassVar[int] = 13
    title: ClassVar[str] = "A popular answer, run as written"
    goal: ClassVar[str] = "Read masking code, and say what it computes rather than what it claims."
    prediction: ClassVar[Question] = Question(
        "An article says that the mask multiplies the input and the hidden state, so that masked steps don't count. Its three "
        "programs: Keras' Masking; x * mask before a PyTorch LSTM; x * mask inside a cell of one's own. How many do what it says?",
        ("All three", "One, and not by its mask", "None"),
        2,
        (
            "Run them: in two of them the state moves at masked steps, and in none is the state multiplied.",
            "Keras skips the steps, which is sound; but the state is carried there, not multiplied, and the mask it computes isn't used.",
            "One skips (carries), two read zeros. To multiply the state would be a third thing: reset.",
        ),
    )
    happens: ClassVar[str] = (
        "**What each program computes** has a row for each: whether h stands still at the masked step, what becomes of it, and how "
        "many numbers the computed mask changes. **As written** has their core in our words, **Repaired** what does what the "
        "prose wants, for any mask."
    )
    why: ClassVar[str] = (
        "Example 1 carries: Keras passes a step mask, found by comparing *all features* with -1, to the LSTM. Its array `mask` is "
        "never used, and a real -1 in both features would be skipped. Examples 2 and 3 multiply the input: biases and "
        "recurrence go on. Both read the last place of the array, usable or not, and average a loss over everything. The prose, "
        "mask times state, is h_t = m_t h': a reset, which forgets at each gap."
    )
    quiz: ClassVar[Question] = Question(
        "In example 1, the true value of a sensor is -1 in both features at some step. What happens?",
        (
            "Nothing: the mask array says it is valid",
            "The step is skipped as if it were missing",
            "An error is raised",
        ),
        1,
        (
            "That array is computed from the same -1, and used nowhere.",
            "A sentinel can't be told from a value; a mask of its own can.",
            "Nothing can notice it: it is a plain number.",
        ),
    )
    source: ClassVar[str] = (
        "Keras documentation, Understanding masking and padding (what example 1 does)"
    )
    link: ClassVar[str] = "https://keras.io/guides/understanding_masking_and_padding/"
    minutes: ClassVar[int] = 5

    masked_step: int = Field(
        default=3, ge=2, le=4, title="Masked step", json_schema_extra={"unit": "of 4"}
    )
    """Which step of the first row is masked; in the article it is the third."""

    def run(self) -> Result:
        """Run what each program's LSTM computes, with the same weights."""
        import torch  # noqa: PLC0415

        from masklab.nn import MaskedLSTM  # noqa: PLC0415

        torch.manual_seed(self.seed)
        plain = MaskedLSTM(2, _HIDDEN_SIZE)
        reset = MaskedLSTM(2, _HIDDEN_SIZE, on_masked="reset")
        reset.load_state_dict(plain.state_dict())
        at = self.masked_step - 1
        data = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])
        observed = torch.ones(1, 4, dtype=torch.bool)
        observed[0, at] = False
        sentinel = data.clone()
        sentinel[at] = -1.0
        with torch.no_grad():
            found = {
                "1: Masking(mask_value=-1)": plain(
                    sentinel[None], (sentinel != -1).any(dim=1)[None]
                )[0][0],
                "2: x * mask, then the LSTM": plain((data * observed[0, :, None])[None])[0][0],
                "3: x * mask in a cell": self._by_cells(plain, data * observed[0, :, None]),
                "the prose: mask times state": reset(data[None], observed)[0][0],
                "MaskedLSTM, carry": plain(data[None], observed)[0][0],
            }
        moved = {name: float((h[at] - h[at - 1]).norm()) for name, h in found.items()}
        left = {name: float(h[at].norm()) for name, h in found.items()}
        rows = tuple(
            (name, f"{moved[name]:.3g}", f"{left[name]:.3g}", _words(moved[name], left[name]))
            for name in found
        )
        one, two, three, prose, ours = (moved[name] for name in found)
        apart = float(
            (found["2: x * mask, then the LSTM"] - found["3: x * mask in a cell"]).abs().max()
        )
        holds = (
            one == ours == 0
            and two > 0.01
            and apart < 1e-5
            and left["the prose: mask times state"] == 0
            and prose > 0
        )
        return Result(
            (
                Table(
                    "What each program computes",
                    ("Program", "h moves by", "h is then as long as", "In words"), rows,
                ),
                Code("As written", _AS_WRITTEN),
                Code("Repaired", _REPAIRED),
            ),
            f"At the masked step h moves by **{one:g}** in example 1, by **{two:.2f}** in example 2 and by **{three:.2f}** in example 3 "
            f"(2 and 3 are the same to {apart:.0e}). The prose would set h to 0. The mask that example 1 computes changes 0 numbers.",
            holds,
            {f"h moves, {name}": value for name, value in moved.items()},
        )  # fmt: skip

    @staticmethod
    def _by_cells(lstm: object, x: Tensor) -> Tensor:
        """Run the LSTM's weights by an `nn.LSTMCell`, one step after the other."""
        import torch  # noqa: PLC0415

        cell = torch.nn.LSTMCell(2, _HIDDEN_SIZE)
        weights = {name.removesuffix("_l0"): value for name, value in lstm.state_dict().items()}  # type: ignore[attr-defined]
        cell.load_state_dict(weights)
        state = (torch.zeros(1, _HIDDEN_SIZE), torch.zeros(1, _HIDDEN_SIZE))
        outputs = []
        for step in x:
            state = cell(step[None], state)
            outputs.append(state[0][0])
        return torch.stack(outputs)


def _words(moved: float, left: float) -> str:
    if moved == 0:
        return "skipped: h is carried"
    return "wiped: h is 0" if left == 0 else "read as zeros: h moves on"
