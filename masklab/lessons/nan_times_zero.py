"""Lesson 4: NaN times zero is NaN, and a gradient may be NaN where the loss is not."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

from pydantic import Field

from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Code, Result, Table

_TIMES = """loss = (model(x * m) - y)**2                 # x holds NaN where m is 0
loss = (loss * m).sum() / m.sum()"""

_AFTER = """error = (model(x) - y)**2                    # NaN goes in ...
loss = torch.where(m, error, 0.0).sum() / m.sum()   # ... and is taken out at the end"""

_BEFORE = """x = torch.where(m, x, 0.0)                   # replaced before any arithmetic
y = torch.where(m, y, 0.0)
loss = torch.where(m, (model(x) - y)**2, 0.0).sum() / m.sum()"""


class NanTimesZero(Lesson):
    """Mask NaN in three ways and look at loss and gradient."""

    kind: Literal["nan_times_zero"] = "nan_times_zero"
    number: ClassVar[int] = 4
    title: ClassVar[str] = "NaN times zero"
    goal: ClassVar[str] = "Mask missing values so that neither the loss nor its gradient is NaN."
    prediction: ClassVar[Question] = Question(
        "Missing values are NaN. The errors are masked by torch.where after the model ran, so that the loss is a "
        "plain number. Can you train with it?",
        ("Yes: the loss is finite", "No: the gradient is NaN", "Only if few values are missing"),
        1,
        (
            "The loss is; look at the gradient.",
            "The way back leads through the masked branch too: 0 times NaN is NaN, in every weight.",
            "One NaN is enough: it reaches each weight that the row went through.",
        ),
    )
    happens: ClassVar[str] = (
        "**Loss and gradient** has a row for each way. *Multiply by the mask*: the loss itself is NaN. *where after*: a "
        "finite loss with NaN gradients, the worst kind of fault, since a log of losses looks well for one step. *where "
        "before*: both are finite. The code of each: **Multiply by the mask**, **where after**, **where before**."
    )
    why: ClassVar[str] = (
        "In floating point NaN · 0 = NaN. The derivative of where(m, f(x), 0) by x is where(m, f'(x), 0), but chain rule "
        "computes 0 · f'(NaN) = NaN inside the branch that was not taken. So: replace hidden values *before* any "
        "arithmetic; what stands there then doesn't matter, as long as it is finite."
    )
    quiz: ClassVar[Question] = Question(
        "Which is safe for a masked mean of a loss?",
        (
            "(loss * m).sum() / m.sum()",
            "loss[m].mean() with y's NaN replaced before",
            "loss.nanmean()",
        ),
        1,
        (
            "One NaN in loss makes the sum NaN, mask or not.",
            "Nothing that is computed was ever NaN, and only scored cells count. (With no cell at all, return 0 and say so.)",
            "The value is finite; the gradient through the NaN entries isn't sure to be, and inf isn't caught.",
        ),
    )
    source: ClassVar[str] = (
        "PyTorch documentation, autograd mechanics, and its issue on where and NaN gradients"
    )
    link: ClassVar[str] = "https://pytorch.org/docs/stable/notes/autograd.html"
    minutes: ClassVar[int] = 3

    missing: int = Field(
        default=3, ge=1, le=20, title="Missing values", json_schema_extra={"unit": "of 64"}
    )
    """How many of the 64 values are NaN."""

    def run(self) -> Result:
        """Compute loss and gradient of a small model in each way."""
        import torch  # noqa: PLC0415

        generator = torch.Generator().manual_seed(self.seed)
        x = torch.randn(16, 4, generator=generator)
        lost = torch.randperm(64, generator=generator)[: self.missing]
        x.view(-1)[lost] = torch.nan
        mask, y = x.isfinite(), x.roll(-1, dims=0)
        known = mask & y.isfinite()
        weight = torch.randn(4, 4, generator=generator)

        def judged(way: str) -> tuple[float, int]:
            w = weight.clone().requires_grad_()
            if way == "Multiply by the mask":
                loss = (((x * mask) @ w - y) ** 2 * known).sum() / known.sum()
            elif way == "where after":
                loss = torch.where(known, (x @ w - y) ** 2, 0.0)
                loss = torch.where(loss.isfinite(), loss, 0.0).sum() / known.sum()
            else:
                x0, y0 = torch.where(mask, x, 0.0), torch.where(known, y, 0.0)
                loss = torch.where(known, (x0 @ w - y0) ** 2, 0.0).sum() / known.sum()
            (gradient,) = torch.autograd.grad(loss, w)
            return float(loss.detach()), int((~gradient.isfinite()).sum())

        ways = ("Multiply by the mask", "where after", "where before")
        found = {way: judged(way) for way in ways}
        rows = tuple(
            (way, "NaN" if math.isnan(loss) else f"{loss:.3f}", f"{bad} of 16")
            for way, (loss, bad) in found.items()
        )
        after, before = found["where after"], found["where before"]
        holds = (
            math.isnan(found[ways[0]][0])
            and math.isfinite(after[0])
            and after[1] > 0
            and before[1] == 0
        )
        return Result(
            (
                Table("Loss and gradient", ("Way", "Loss", "Weights with a NaN gradient"), rows),
                Code("Multiply by the mask", _TIMES),
                Code("where after", _AFTER),
                Code("where before", _BEFORE),
            ),
            f"With {self.missing} of 64 values missing, masking *after* gives a loss of {after[0]:.2f} and **{after[1]} of "
            f"16** weights without a gradient; masking *before* gives {before[0]:.2f} and {before[1]}.",
            holds,
            {"NaN gradients, where after": after[1], "NaN gradients, where before": before[1]},
        )  # fmt: skip
