"""Lesson 10: where being missing says something, the flag wins."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal, TypeAlias

import numpy as np
from pydantic import Field

from masklab.lessons.lesson import Lesson, Question
from masklab.lessons.result import Bars, Lines, Result

if TYPE_CHECKING:
    from torch import Tensor

_PATIENTS, _STEPS, _CHANNELS = 384, 16, 3
_TRAINED, _PASSES = 256, 36
_LEVELS = np.array([0.0, 0.4, 0.8])
_KINDS = ("forward_fill", "interpolate", "indicator", "interval")


class Informative(Lesson):
    """Let a patient's outcome decide how often a value is measured, more and more."""

    kind: Literal["informative"] = "informative"
    number: ClassVar[int] = 10
    title: ClassVar[str] = "When the indicator wins"
    goal: ClassVar[str] = "Tell when to give the mask itself to the network."
    prediction: ClassVar[Question] = Question(
        "The sicker a patient, the more often is measured; the values themselves say nothing. Which strategy can tell the sick?",
        (
            "Any: the network sees all values",
            "Those that are given the mask or the time since the last value",
            "None: values say nothing",
        ),
        1,
        (
            "Each value is the patient's own level, sick or not. What says something is whether it is there.",
            "How often is measured is in the mask, and nowhere else.",
            "The values don't; their absence does.",
        ),
    )
    happens: ClassVar[str] = (
        "In **Accuracy as missingness tells more**, the correlation between outcome and rate of missing values grows to the "
        "right. The fills stay flat, near guessing; the indicator and the interval rise. **Accuracy at the strongest "
        "correlation** sets them side by side."
    )
    why: ClassVar[str] = (
        "A fill replaces what is missing by something that looks measured: the mask is gone. `indicator` feeds [x̂; m], "
        "`interval` feeds the time since the last observation δ too. If missingness depends on the outcome, m is a feature, "
        "maybe the best. If it doesn't, m costs little and brings nothing."
    )
    quiz: ClassVar[Question] = Question(
        "A sensor drops out when its battery is low, at random times. Does the indicator help to forecast temperature?",
        (
            "Yes, always give it",
            "No: missingness doesn't depend on the temperature",
            "Only with interpolation",
        ),
        1,
        (
            "It does no harm with enough data, but there is nothing to gain here.",
            "It is missing completely at random as far as the temperature goes.",
            "Interpolation has no part in it.",
        ),
    )
    source: ClassVar[str] = (
        "Che et al. 2018, figure 5; Lipton et al. 2016, Modeling missing data in clinical time series with RNNs"
    )
    link: ClassVar[str] = "https://doi.org/10.1038/s41598-018-24271-9"
    minutes: ClassVar[int] = 5

    strength: float = Field(
        default=0.8, ge=0.0, le=1.0, title="Strongest correlation", json_schema_extra={"step": 0.1}
    )
    """How far the rate of missing values follows the outcome, at the right end of the picture."""

    def run(self) -> Result:
        """Train each strategy at each correlation."""
        import torch  # noqa: PLC0415

        torch.set_num_threads(1)
        levels = _LEVELS / _LEVELS[-1] * self.strength
        accuracy = {kind: np.zeros(len(levels)) for kind in _KINDS}
        for place, level in enumerate(levels):
            measured = patients(self.seed, float(level), _PATIENTS)
            for kind in _KINDS:
                accuracy[kind][place] = accuracy_of(kind, measured, self.seed, _TRAINED, _PASSES)
        last = {kind: float(line[-1]) for kind, line in accuracy.items()}
        gain = {kind: float(line[-1] - line[0]) for kind, line in accuracy.items()}
        fills, told = (
            max(last["forward_fill"], last["interpolate"]),
            min(last["indicator"], last["interval"]),
        )
        same = {kind: kind for kind in _KINDS}
        count = _PATIENTS - _TRAINED
        return Result(
            (
                Lines(
                    "Accuracy as missingness tells more", "Correlation of outcome and missing rate",
                    f"Accuracy (share of {count} patients)", levels, accuracy, strategies=same,
                ),
                Bars(
                    "Accuracy at the strongest correlation", "Strategy", f"Accuracy (share of {count} patients)", last,
                    strategies=same,
                ),
            ),
            f"At a correlation of {levels[-1]:.1f} the indicator is right for **{last['indicator']:.0%}** of {count} patients, the "
            f"interval for {last['interval']:.0%}; the fills for {last['forward_fill']:.0%} and {last['interpolate']:.0%}, where "
            "guessing gives 50 %.",
            told > fills + 0.05,
            {**{f"accuracy, {kind}": one for kind, one in last.items()}, "gain of indicator": gain["indicator"]},
        )  # fmt: skip


Patients: TypeAlias = "tuple[Tensor, Tensor, Tensor]"
"""Levels (patient, step, channel), 0 where nothing is measured; whether it is; who is sick, 0 or 1."""


def patients(seed: int, level: float, count: int) -> Patients:
    """Return patients whose own levels say nothing, and of whom the sick are measured more often.

    `level`: how far the rate of missing values follows the outcome, 0 to 1: it is 0.5 ∓ 0.28 level.
    """
    import torch  # noqa: PLC0415

    rng = np.random.default_rng([seed, 7])
    sick = np.arange(count) % 2 == 0
    rate = np.clip(0.5 - 0.28 * level * np.where(sick, 1, -1), 0.02, 0.98)
    ranks = rng.random((count, _STEPS, _CHANNELS))
    observed = ranks >= rate[:, None, None]
    values = np.broadcast_to(rng.normal(size=(count, 1, _CHANNELS)), observed.shape)
    return (
        torch.from_numpy(np.where(observed, values, 0.0)).float(),
        torch.from_numpy(observed),
        torch.from_numpy(sick).float(),
    )


def accuracy_of(kind: str, measured: Patients, seed: int, trained: int, passes: int) -> float:
    """Train a strategy's network on the first patients; return the share of the others it tells right."""
    import torch  # noqa: PLC0415

    from masklab.nn import build_network  # noqa: PLC0415
    from masklab.runs.spec import STRATEGIES  # noqa: PLC0415
    from masklab.training.config import Forecast, ModelConfig  # noqa: PLC0415

    values, observed, sick = measured
    task = Forecast(window=_STEPS, horizon=1)
    model = ModelConfig(hidden_size=8, head="mean")
    network = build_network(STRATEGIES[kind](kind=kind), task, _CHANNELS, (0,), model, seed)
    optimiser = torch.optim.Adam(network.parameters(), lr=0.03)
    known, others = slice(0, trained), slice(trained, None)
    for _ in range(passes):
        logit = network(values[known], observed[known], observed[known])[:, 0, 0]
        loss = torch.nn.functional.binary_cross_entropy_with_logits(logit, sick[known])
        optimiser.zero_grad()
        torch.autograd.backward(loss)
        optimiser.step()
    with torch.no_grad():
        logit = network(values[others], observed[others], observed[others])[:, 0, 0]
    return float(((logit > 0) == (sick[others] > 0)).float().mean())
